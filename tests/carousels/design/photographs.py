"""Synthetic photographs for the design tests: a subject somewhere, busy or pale grounds."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tests.carousels.design.decks import encode

SKIN_TONES = ("#F2D3BC", "#E0AC86", "#C68A63", "#8D5B3F", "#5A3825")


def make_portrait(size=(1200, 800), *, at=(0.8, 0.5), skin="#E0AC86") -> Image.Image:
    """A face before a plain wall; `at` is its middle, 0..1 from the left and from the top."""
    width, height = size
    picture = Image.new("RGB", size, "#7D858C")
    x, y, radius = at[0] * width, at[1] * height, 0.12 * min(size)
    draw = ImageDraw.Draw(picture)
    draw.ellipse((x - radius, y - 1.3 * radius, x + radius, y + 1.3 * radius), fill=skin)
    return picture.filter(ImageFilter.GaussianBlur(2))


def make_foliage(size=(1080, 1350)) -> Image.Image:
    """Leaves of every lightness, none of them a subject."""
    levels = np.random.default_rng(2).integers(0, 256, (size[1] // 12, size[0] // 12, 3), np.uint8)
    return Image.fromarray(levels).resize(size, Image.Resampling.NEAREST)


def make_plain(color: str, size=(1080, 1350)) -> Image.Image:
    return Image.new("RGB", size, color)


def make_ramp(low: int, high: int, size=(512, 640)) -> Image.Image:
    """Grey from one level to another, left to right."""
    row = np.linspace(low, high, size[0]).round().astype(np.uint8)
    return Image.fromarray(np.broadcast_to(row[None, :, None], (size[1], size[0], 3)).copy())


def as_jpeg(picture: Image.Image) -> bytes:
    return encode(picture, quality=95)
