"""Luminance and contrast (WCAG 2), and the scrim: the least veil over the art that keeps words legible.

Works on arrays of pixels in 0..255. What is drawn on top is not known here, only in which rows.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageFilter

from carousels.design.themes import Theme

TARGET = 4.8  # what the scrim is solved for; 4.5 is what must be measured at the end
DARKEST = 0.94
STEPS = 32  # the scrim's opacity is solved per 1/32 of the height
FALL = 0.055  # and falls off by at most this much from one step to the next

_LINEAR = np.linspace(0, 1, 256)
_LINEAR = np.where(_LINEAR <= 0.04045, _LINEAR / 12.92, ((_LINEAR + 0.055) / 1.055) ** 2.4).astype(np.float32)
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)


def parse_hex(color: str) -> np.ndarray:
    """`#RRGGBB` as three floats in 0..255."""
    return np.array([int(color[place : place + 2], 16) for place in (1, 3, 5)], np.float32)


def measure_luminance(pixels: np.ndarray) -> np.ndarray:
    """Relative luminance of pixels (..., 3) in 0..255."""
    levels = np.clip(pixels, 0, 255).astype(np.uint8)
    return _LINEAR[levels] @ _WEIGHTS


def compare(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Contrast ratios (1..21) between two luminances."""
    lighter, darker = np.maximum(first, second), np.minimum(first, second)
    return (lighter + 0.05) / (darker + 0.05)


def solve_scrim(art: Image.Image, theme: Theme, zones: Sequence[tuple[float, float]]) -> np.ndarray:
    """Opacity of the scrim at 33 heights, top to bottom; `zones` are the rows (px) that carry words."""
    small = np.asarray(art.reduce(4))[1::2, 1::2].astype(np.float32)
    rows, scale = small.shape[0], small.shape[0] / art.height
    needed = np.zeros(STEPS + 1)

    for step in range(STEPS + 1):
        for start, end in zones:
            first = int(max((step - 0.6) * rows / STEPS, start * scale))
            last = int(np.ceil(min((step + 0.6) * rows / STEPS, end * scale, rows)))
            if first < last:
                needed[step] = max(needed[step], _solve_opacity(small[first:last, 6:-6], theme))

    steps = np.arange(STEPS + 1)
    return (needed[None] - FALL * np.abs(steps[None] - steps[:, None])).max(axis=1)


def blur(picture: Image.Image) -> Image.Image:
    """A photograph without its detail."""
    small = picture.resize((picture.width // 12, picture.height // 12), Image.Resampling.BOX)
    return small.resize(picture.size, Image.Resampling.BICUBIC).filter(ImageFilter.GaussianBlur(6))


def veil(art: Image.Image, soft: Image.Image | None, opacity: np.ndarray, color: str) -> Image.Image:
    """The art under its scrim; with `soft`, its blurred twin shows where the scrim is strong."""
    alpha = spread(opacity, art.height)
    if soft is not None:
        blurred = np.clip((alpha - 0.30) / 0.5, 0, 1)
        blurred = blurred * blurred * (3 - 2 * blurred) * 0.75
        art = Image.composite(soft, art, _column(blurred, art.size))
    dither = np.random.default_rng(7).random((art.height, art.width), np.float32)
    veiled = [
        _round(np.asarray(plane) * (1 - alpha)[:, None] + (alpha * tone)[:, None] + dither)
        for plane, tone in zip(art.split(), parse_hex(color), strict=True)
    ]
    return Image.merge("RGB", veiled)


def spread(opacity: np.ndarray, height: int) -> np.ndarray:
    """The solved steps as one value a row."""
    rows = np.arange(height) / height
    return np.interp(rows, np.linspace(0, 1, len(opacity)), opacity).astype(np.float32)


def _solve_opacity(pixels: np.ndarray, theme: Theme) -> float:
    """Least opacity with which the worst 1 % of pixels still give every text colour its contrast."""
    colors = theme.colors
    texts = [measure_luminance(parse_hex(color)) for color in (colors.ink, colors.muted, colors.accent)]
    scrim, pixels = parse_hex(colors.scrim), pixels.reshape(-1, 3)

    def is_legible(opacity: float) -> bool:
        tones = measure_luminance(pixels * (1 - opacity) + scrim * opacity)
        low, high = np.percentile(tones, (1, 99))
        return all(
            (text >= high and compare(text, high) >= TARGET) or (text <= low and compare(text, low) >= TARGET)
            for text in texts
        )

    if is_legible(0.0):
        return 0.0
    clear, legible = 0.0, DARKEST
    for _ in range(7):
        middle = (clear + legible) / 2
        if is_legible(middle):
            legible = middle
        else:
            clear = middle
    return legible


def _column(values: np.ndarray, size: tuple[int, int]) -> Image.Image:
    return Image.fromarray((values * 255).astype(np.uint8)[:, None]).resize(size, Image.Resampling.NEAREST)


def _round(plane: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(plane, 0, 255).astype(np.uint8))
