"""The scrim: the least veil over the art that keeps words legible, and how it is laid on.

Solved on the art alone, from the rows that carry words; what is drawn on top is not known here.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFilter

from carousels.design.colors.contrast import compare, measure_luminance, parse_hex
from carousels.design.colors.oklch import parse, to_hex
from carousels.design.document import SIZES
from carousels.design.themes import Colors

TARGET = 4.8  # what the scrim is solved for; 4.5 is what must be measured at the end
DARKEST = 0.94
STEPS = 32  # the scrim's opacity is solved per 1/32 of the height
REACH = 11  # steps over which it fades to nothing; in a cosine, because the eye sees a straight fade's ends

PHOTO_CHROMA = 0.45  # of the scrim's own, where it lies on a photograph
PHOTO_DARK, PHOTO_LIGHT = 0.16, 0.97  # OKLCH lightness: a middling veil is fog, a deep one is shade

CALM_FROM, CALM_FULL = 0.15, 0.50  # busyness behind words between which they need the more calm
CALM_OPACITY = 0.36  # of the scrim where the picture is busiest
CALM_BLUR = 0.7  # share of the blurred twin there
CALM_REACH = 4  # steps: a face right above the words stays sharp


class Zone(NamedTuple):
    """Where words stand: rows in px, columns as shares of the width."""

    top: float
    bottom: float
    left: float = 0.0
    right: float = 1.0


def solve_scrim(art: Image.Image, colors: Colors, zones: Sequence[Zone]) -> np.ndarray:
    """Opacity of the scrim at 33 heights, top to bottom."""
    small = np.asarray(art.reduce(4))[1::2, 7:-6:2]
    scale = small.shape[0] / art.height
    scaled = [zone._replace(top=zone.top * scale, bottom=zone.bottom * scale) for zone in zones]
    stretches = _cut_zones(scaled, small.shape[:2])

    needed = np.zeros(STEPS + 1)
    if stretches:
        extremes = np.stack([_find_extremes(small[rows, columns]) for _, rows, columns in stretches])
        opacities = _solve_opacities(extremes, colors)
        np.maximum.at(needed, [step for step, _, _ in stretches], opacities)
    return _fade(needed)


def find_calm(zones: Sequence[Zone], height: int, busyness: float) -> np.ndarray:
    """How much a photograph has to be calmed at 33 heights, 0..1, lest its detail rival the words.

    Not faded: what is made of it is.
    """
    share = np.clip((busyness - CALM_FROM) / (CALM_FULL - CALM_FROM), 0, 1)
    needed = np.zeros(STEPS + 1)
    needed[[step for step, _, _ in _cut_zones(zones, (height, 1))]] = share
    return needed


def shade(opacity: np.ndarray, calm: np.ndarray) -> np.ndarray:
    """The scrim at least as strong as what has to be calmed wants it."""
    return np.maximum(opacity, _fade(calm * CALM_OPACITY))


def soften(picture: Image.Image, calm: np.ndarray) -> Image.Image:
    """A photograph out of focus where it has to be calmed; above and below it stays sharp."""
    if not calm.any():
        return picture
    share = _spread(_fade(calm * CALM_BLUR, CALM_REACH), picture.height)
    return Image.composite(_blur(picture), picture, _column(share, picture.size))


def veil(art: Image.Image, opacity: np.ndarray, color: str) -> Image.Image:
    """The art under its scrim."""
    alpha = _spread(opacity, art.height)
    # 8.8 fixed point: art and scrim weigh 256 together, and what is cut off in the end is dithered.
    pixels = np.asarray(art).reshape(art.height, art.width * 3)
    weight = np.round(alpha * 256).astype(np.uint16)[:, None]
    tone = np.tile(parse_hex(color).astype(np.uint16), art.width)
    veiled = pixels * (256 - weight)
    veiled += tone * weight
    veiled += _dither()[: art.height, : veiled.shape[1]]
    veiled >>= 8
    return Image.fromarray(veiled.astype(np.uint8).reshape(art.height, art.width, 3))


def quiet(color: str) -> str:
    """The scrim's colour over a photograph: a strong green would sicken skin, a pale navy fog it."""
    full = parse(color)
    deep = min(full.lightness, PHOTO_DARK) if full.lightness < 0.5 else max(full.lightness, PHOTO_LIGHT)
    return to_hex(full._replace(lightness=deep, chroma=full.chroma * PHOTO_CHROMA))


def _blur(picture: Image.Image) -> Image.Image:
    """A photograph without its detail."""
    small = picture.reduce(12).filter(ImageFilter.GaussianBlur(0.7))
    return small.resize(picture.size, Image.Resampling.BICUBIC)


def _cut_zones(zones: Sequence[Zone], shape: tuple[int, int]) -> list[tuple[int, slice, slice]]:
    """The rows and columns that decide each step; steps without words are left out."""
    height, width = shape
    stretches = []
    for step in range(STEPS + 1):
        for zone in zones:
            first = int(max((step - 0.6) * height / STEPS, zone.top, 0))
            last = int(np.ceil(min((step + 0.6) * height / STEPS, zone.bottom, height)))
            if first < last:
                columns = slice(int(zone.left * width), int(np.ceil(zone.right * width)))
                stretches.append((step, slice(first, last), columns))
    return stretches


def _find_extremes(pixels: np.ndarray) -> np.ndarray:
    """The pixels that only 1 % are darker or lighter than."""
    pixels = pixels.reshape(-1, 3)
    ranks = len(pixels) // 100, len(pixels) - 1 - len(pixels) // 100
    order = np.argpartition(measure_luminance(pixels), ranks)
    return pixels[order[list(ranks)]].astype(np.float32)


def _solve_opacities(extremes: np.ndarray, colors: Colors) -> np.ndarray:
    """Least opacity for each pair of extremes with which every text colour keeps its contrast."""
    texts = [measure_luminance(parse_hex(color)) for color in (colors.ink, colors.muted, colors.accent)]
    scrim = parse_hex(colors.scrim)

    def are_legible(opacities: np.ndarray) -> np.ndarray:
        share = opacities[:, None, None]
        tones = measure_luminance(extremes * (1 - share) + scrim * share)
        low, high = tones.min(axis=1), tones.max(axis=1)
        legible = [
            ((text >= high) & (compare(text, high) >= TARGET))
            | ((text <= low) & (compare(text, low) >= TARGET))
            for text in texts
        ]
        return np.all(legible, axis=0)

    clear, legible = np.zeros(len(extremes)), np.full(len(extremes), DARKEST)
    needs_none = are_legible(clear)
    for _ in range(7):
        middle = (clear + legible) / 2
        good = are_legible(middle)
        clear, legible = np.where(good, clear, middle), np.where(good, middle, legible)
    return np.where(needs_none, 0.0, legible)


def _fade(needed: np.ndarray, reach: int = REACH) -> np.ndarray:
    """At least what is needed everywhere, without an edge that shows as a band."""
    steps = np.arange(len(needed))
    distance = np.clip(np.abs(steps[None] - steps[:, None]), 0, reach) / reach
    reached = (needed[None] * (1 + np.cos(np.pi * distance)) / 2).max(axis=1)
    padded = np.pad(reached, 1, mode="edge")
    return (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4


def _spread(opacity: np.ndarray, height: int) -> np.ndarray:
    """The solved steps as one value a row."""
    return np.interp(np.arange(height) / height, np.linspace(0, 1, len(opacity)), opacity)


def _column(values: np.ndarray, size: tuple[int, int]) -> Image.Image:
    levels = np.round(values * 255).astype(np.uint8)
    return Image.fromarray(np.repeat(levels[:, None], size[0], axis=1))


@cache
def _dither() -> np.ndarray:
    """Even noise for the largest slide."""
    width, height = max(SIZES.values(), key=lambda size: size[1])
    return np.random.default_rng(7).integers(0, 256, (height, width * 3), np.uint8)
