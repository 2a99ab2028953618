"""Puts words on art: the scrim that makes them legible, the background's JPEG, the finished page.

The scrim is solved on the art alone, then proven on the finished pixels; where that proof fails (a
white speck under a thin line), the scrim grows until it holds.
"""

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from carousels.design.contrast import DARKEST, blur, solve_scrim, veil
from carousels.design.layout import Layout, SafeArea
from carousels.design.legibility import find_letters, measure_contrast
from carousels.design.themes import Theme

CONTRAST_LEAST = 4.5
GROWTH = (0.0, 0.12, 0.25, 0.45, 0.70)  # opacity added to the solved scrim, one attempt each
HEADER_HEIGHT = 66  # px from the top of the safe area, with its chrome


@dataclass(frozen=True)
class Layers:
    """A slide's words with its frame, and the frame alone, both on nothing; and where the letters are."""

    words: Image.Image
    frame: Image.Image
    letters: np.ndarray

    @classmethod
    def separate(cls, words: Image.Image, frame: Image.Image, theme: Theme) -> "Layers":
        colors = theme.colors
        inks = (colors.ink, colors.muted, colors.accent, colors.on_accent)
        return cls(words, frame, find_letters(words, frame, inks))


@dataclass(frozen=True)
class Backdrop:
    """A finished page, the JPEG below its words, and how they get on. `scrim` is its highest opacity."""

    page: Image.Image
    background: bytes
    contrast: float
    scrim: float


def lay_over(
    *, art: Image.Image, layers: Layers, layout: Layout, theme: Theme, safe: SafeArea, is_photo: bool
) -> Backdrop:
    """Lay the words over the art; themes with a card need no scrim."""
    if theme.frame.has_card:
        return _finish(art, layers, scrim=0.0)

    soft = blur(art) if is_photo else None
    solved = solve_scrim(soft or art, theme, _find_zones(layout, safe, art.height))
    for growth in GROWTH:
        opacity = np.minimum(solved + growth, DARKEST)
        veiled = veil(art, soft, opacity, theme.colors.scrim)
        backdrop = _finish(veiled, layers, scrim=round(float(opacity.max()), 3))
        if backdrop.contrast >= CONTRAST_LEAST:
            break
    return backdrop


def encode_jpeg(image: Image.Image, *, quality: int) -> bytes:
    encoded = BytesIO()
    image.save(encoded, "JPEG", quality=quality, subsampling=0)
    return encoded.getvalue()


def _find_zones(layout: Layout, safe: SafeArea, height: int) -> list[tuple[float, float]]:
    """The rows that carry words: a sun between them and the header keeps its light."""
    header = (safe.top - 14, safe.top + HEADER_HEIGHT)
    words = (layout.top - 24, height - safe.bottom + 12)
    return [header, words]


def _finish(ground: Image.Image, layers: Layers, *, scrim: float) -> Backdrop:
    background = encode_jpeg(ground, quality=92)
    # The PDF's very pixels; and a PNG packs grain that went through a JPEG 30 % smaller.
    bare = Image.open(BytesIO(background)).convert("RGB")
    page = bare.copy()
    page.paste(layers.words, mask=layers.words)
    bare.paste(layers.frame, mask=layers.frame)
    return Backdrop(page, background, measure_contrast(page, bare, layers.letters), scrim)
