"""Colours as a designer turns them: lightness, chroma and hue (OKLCH), and back to hex.

Plain numbers, one colour at a time, light enough for any process; whole pictures are `contrast.py`'s
business. What a colour is used for is not known here. Matrices: Björn Ottosson, "A perceptual color
space for image processing" (2020).
"""

import math
from typing import NamedTuple

STEPS = 20  # of a bisection; finer than a level of 8 bits
ROUNDING = 1.5  # levels that blending may be off
GREY = 0.03  # chroma below which a colour is a neutral to the eye
SLACK = 1e-4  # how far out of 0..1 a channel may be and still count as in gamut


class Oklch(NamedTuple):
    """`lightness` 0..1, `chroma` 0 (grey) to about 0.32, `hue` in degrees."""

    lightness: float
    chroma: float
    hue: float


def parse(color: str) -> Oklch:
    """`#RRGGBB` in OKLCH."""
    red, green, blue = _linear_channels(color)
    long = math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    medium = math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    short = math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)

    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def to_hex(color: Oklch) -> str:
    """`#RRGGBB`; what the screen cannot show keeps its lightness and hue and gives up chroma."""
    lightness = min(max(color.lightness, 0.0), 1.0)
    channels = _to_linear(color._replace(lightness=lightness))
    if not _is_in_gamut(channels):
        shown, beyond = 0.0, color.chroma
        for _ in range(STEPS):
            middle = (shown + beyond) / 2
            if _is_in_gamut(_to_linear(Oklch(lightness, middle, color.hue))):
                shown = middle
            else:
                beyond = middle
        channels = _to_linear(Oklch(lightness, shown, color.hue))
    return "#" + "".join(f"{_to_level(channel):02X}" for channel in channels)


def shade(hue: float, lightness: float) -> float:
    """The hue in which a colour goes dark: yellow's shadows are amber, where olive would look dirty."""
    yellowness = max(0.0, 1 - abs(hue - 102) / 32)
    darkness = min(max((0.82 - lightness) / 0.42, 0.0), 1.0)
    return hue - 30 * yellowness * darkness


def is_between(color: str, first: str, second: str) -> bool:
    """Whether a soft edge from the first to the second passes through this very colour."""
    start, end, place = _levels(first), _levels(second), _levels(color)
    way = [to - at for at, to in zip(start, end, strict=True)]
    length = sum(step * step for step in way)
    if not length:
        return False
    share = sum(step * (here - at) for step, here, at in zip(way, place, start, strict=True)) / length
    off = [abs(at + share * step - here) for at, step, here in zip(start, way, place, strict=True)]
    return 0 < share < 1 and max(off) < ROUNDING


def measure_contrast(first: str, second: str) -> float:
    """WCAG 2 contrast (1..21) of two hex colours."""
    lighter, darker = sorted((measure_luminance(first), measure_luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def measure_luminance(color: str) -> float:
    """Relative luminance, 0..1."""
    red, green, blue = _linear_channels(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _levels(color: str) -> tuple[int, int, int]:
    red, green, blue = (int(color[place : place + 2], 16) for place in (1, 3, 5))
    return red, green, blue


def _linear_channels(color: str) -> tuple[float, float, float]:
    red, green, blue = (_from_level(level) for level in _levels(color))
    return red, green, blue


def _to_linear(color: Oklch) -> tuple[float, float, float]:
    a = color.chroma * math.cos(math.radians(color.hue))
    b = color.chroma * math.sin(math.radians(color.hue))
    long = (color.lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (color.lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (color.lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _is_in_gamut(channels: tuple[float, float, float]) -> bool:
    return all(-SLACK <= channel <= 1 + SLACK for channel in channels)


def _from_level(level: int) -> float:
    share = level / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


def _to_level(channel: float) -> int:
    share = min(max(channel, 0.0), 1.0)
    encoded = share * 12.92 if share <= 0.0031308 else 1.055 * share ** (1 / 2.4) - 0.055
    return round(encoded * 255)
