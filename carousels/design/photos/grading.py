"""Grades photographs toward a theme, so that ten pictures from anywhere look like one set.

Three things are evened out, each only part of the way: lightness, contrast and chroma. Then shadows and
lights take a breath of the theme's own hues. Each picture is graded by itself: no other is needed.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from carousels.design.colors.oklch import parse
from carousels.design.themes import Theme

STRENGTH = 0.55  # of the way from the picture as it is to the theme's range
CHROMA_STRENGTH = 0.6
CHROMA_MEAN = 40.0  # distance from grey in levels, over the whole picture
CHROMA_GAIN = (0.7, 1.2)
GAMMA = (0.72, 1.45)
LEAST_SPAN = 0.55  # of all levels: a picture with fewer is not stretched to the full range
SHADOW_TINT, LIGHT_TINT = 0.028, 0.010  # OKLab chroma; the middle, where skin is, takes none

_LEVELS = np.linspace(0, 1, 256)


@dataclass(frozen=True)
class Range:
    """Where a picture's darks, middle and lights should lie, as levels 0..1."""

    dark: float
    middle: float
    light: float


# Under light words a photograph is darkened before the scrim has to. On a card it keeps its light; but
# in a dark theme it must not glare among the veiled ones.
DARK, LIGHT = Range(0.02, 0.34, 0.74), Range(0.22, 0.68, 0.98)
DIM, FREE = Range(0.02, 0.42, 0.86), Range(0.02, 0.56, 0.98)
HIGH_KEY = (0.68, 0.86)  # from here on a middle is meant to be bright: snow, a white desk


def grade(picture: Image.Image, theme: Theme, *, is_veiled: bool) -> Image.Image:
    """An RGB photograph in the theme's light and colours, of the same size.

    One that goes below a scrim (`is_veiled`) is brought halfway to the scrim's own lightness.
    """
    small = np.asarray(picture.reduce(max(1, max(picture.size) // 96))).astype(np.float32)
    gain = _find_chroma_gain(small)
    curves = _draw_curves(_find_tone_curve(small, _find_range(theme, is_veiled)), theme)
    return _scale_chroma(picture, gain).point(curves)


def _find_range(theme: Theme, is_veiled: bool) -> Range:
    """The lightness in which this theme shows its photographs."""
    if parse(theme.colors.ink).lightness > parse(theme.colors.scrim).lightness:
        return DARK if is_veiled else DIM
    return LIGHT if is_veiled else FREE


def _find_tone_curve(small: np.ndarray, wanted: Range) -> np.ndarray:
    """Level to level, 0..1: the ends are stretched, then the middle is bent."""
    luma = small @ np.array([0.299, 0.587, 0.114], np.float32) / 255
    dark, middle, light = np.quantile(luma, (0.02, 0.5, 0.98))
    missing = max(0.0, LEAST_SPAN - (light - dark))
    dark, light = dark - missing * dark, light + missing * (1 - light)  # fog stays fog, night night
    stretched = np.clip((_LEVELS - dark) / (light - dark), 0, 1)
    mid = float(np.clip((middle - dark) / (light - dark), 0.08, 0.92))
    aim = (wanted.middle - wanted.dark) / (wanted.light - wanted.dark)
    gamma = float(np.clip(np.log(aim) / np.log(mid), *GAMMA))
    full = wanted.dark + (wanted.light - wanted.dark) * stretched**gamma
    return _LEVELS + (full - _LEVELS) * STRENGTH * (1 - _find_key(middle) if wanted == FREE else 1)


def _find_key(middle: float) -> float:
    """How much a picture is meant to be bright, 0..1: stretched, white would turn to grey mud."""
    least, full = HIGH_KEY
    return float(np.clip((middle - least) / (full - least), 0, 1))


def _find_chroma_gain(small: np.ndarray) -> float:
    spread = small - small.mean(axis=2, keepdims=True)
    chroma = float(np.sqrt((spread**2).sum(axis=2)).mean())
    if chroma < 3:  # black and white stays so
        return 1.0
    gain = (CHROMA_MEAN / chroma) ** CHROMA_STRENGTH
    return float(np.clip(gain, *CHROMA_GAIN))


def _scale_chroma(picture: Image.Image, gain: float) -> Image.Image:
    grey = picture.convert("L").convert("RGB")
    return Image.blend(grey, picture, gain)


def _draw_curves(tones: np.ndarray, theme: Theme) -> list[int]:
    """A table a channel: the tone curve, leaning toward the theme's hues at its ends."""
    colors = theme.colors
    dark, light = sorted((colors.ink, colors.scrim), key=lambda color: parse(color).lightness)
    lights = light if parse(light).chroma > 0.02 else colors.accent
    height = tones[:, None]
    depth = 1 - height
    # Black and white themselves stay clean.
    tint = _tint(dark, SHADOW_TINT) * depth**3 * (1 - depth**8)
    tint = tint + _tint(lights, LIGHT_TINT) * height**3 * (1 - height**8)
    curves = np.clip(_from_oklab(_lightness(tones), tint), 0, 1)
    return np.round(curves.T * 255).astype(int).ravel().tolist()


def _tint(color: str, chroma: float) -> np.ndarray:
    """A colour's hue as OKLab's a and b, no stronger than the colour itself."""
    _, own, hue = parse(color)
    angle, length = np.radians(hue), min(chroma, own)
    return np.array([np.cos(angle), np.sin(angle)]) * length


def _lightness(levels: np.ndarray) -> np.ndarray:
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return np.cbrt(linear)


def _from_oklab(lightness: np.ndarray, ab: np.ndarray) -> np.ndarray:
    """sRGB 0..1 (n, 3) of OKLab lightness (n) and a, b (n, 2)."""
    a, b = ab[:, 0], ab[:, 1]
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    linear = np.stack(
        [
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        ],
        axis=1,
    )
    linear = np.clip(linear, 0, 1)
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
