"""Puts words on art: the scrim that makes them legible, the background's JPEG, the finished page.

The scrim is solved on the art alone, then proven on the finished pixels; where that proof fails (a
white speck under a thin line), the scrim grows until it holds.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import numpy as np
from PIL import Image

from carousels.design.layout import Layout, SafeArea
from carousels.design.legibility import (
    NO_WORDS,
    Block,
    Place,
    find_letters,
    measure_blocks,
    measure_letters,
)
from carousels.design.photos.busyness import measure_busyness
from carousels.design.scrim import DARKEST, Zone, find_calm, quiet, shade, soften, solve_scrim, veil
from carousels.design.themes import Theme

CONTRAST_LEAST = 4.5
GROWTH = (0.0, 0.12, 0.25, 0.45, 0.70)  # opacity added to the solved scrim, one attempt each
HEADER_GAP = (0.6, 0.82)  # of the width, between a handle and the page's number
HEADER_HEIGHT = 66  # px from the top of the safe area, with its chrome
FOOTER_HEIGHT = 60
BULGE = 20  # px by which chrome stands out of the safe area
GAP_LEAST = 0.28  # of the height, between header and words
SWASH = 6  # px by which letters stand out of their box


@dataclass(frozen=True)
class Layers:
    """A slide's words with its frame, and at half the size the frame alone; and where the letters are."""

    words: Image.Image
    frame: Image.Image
    letters: np.ndarray

    @classmethod
    def separate(cls, words: bytes, frame: bytes, theme: Theme) -> "Layers":
        """From the two PNGs as the press drew them."""
        with_words, without = _open_layer(words), _open_layer(frame)
        colors = theme.colors
        inks = (colors.ink, colors.muted, colors.accent, colors.on_accent)
        return cls(with_words, without, find_letters(with_words, without, inks, card=colors.card))

    def find_box(self, panel: str) -> tuple[int, int, int, int]:
        """Left, top, right, bottom of all that was drawn; of a sheet, which spans the page, its letters."""
        if panel != "sheet":
            return self.words.getbbox() or (0, 0, 0, 0)
        rows, columns = self.letters
        if rows.size == 0:
            return (0, 0, 0, 0)
        return int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1


@dataclass(frozen=True)
class Backdrop:
    """A finished page, the JPEG below its words, and how they get on. `scrim` is its highest opacity."""

    page: Image.Image
    background: bytes
    blocks: tuple[Block, ...]
    scrim: float
    has_grown: bool = False

    @property
    def contrast(self) -> float:
        """The worst block's."""
        return min((block.contrast for block in self.blocks), default=NO_WORDS)

    @property
    def is_legible(self) -> bool:
        return self.contrast >= CONTRAST_LEAST


def lay_on_art(*, art: Image.Image, layers: Layers, places: Sequence[Place]) -> Backdrop:
    """Words on a panel of their own: the art keeps its light."""
    return _finish(art, layers, places, scrim=0.0)


def lay_on_scrim(
    *,
    art: Image.Image,
    layers: Layers,
    places: Sequence[Place],
    zones: Sequence[Zone],
    theme: Theme,
    is_photo: bool,
) -> Backdrop:
    """Bare words; `zones` are where they stand."""
    colors, calm = theme.colors, None
    if is_photo:
        colors = replace(colors, scrim=quiet(colors.scrim))
        calm = _find_calm(art, places, zones)
        art = soften(art, calm)
    solved = solve_scrim(art, colors, zones)
    if calm is not None:
        solved = shade(solved, calm)
    for growth in GROWTH:
        opacity = np.minimum(solved + growth, DARKEST)
        ground = veil(art, opacity, colors.scrim)
        scrim = round(float(opacity.max()), 3)
        backdrop = _finish(ground, layers, places, scrim=scrim, has_grown=growth > 0)
        if backdrop.is_legible:
            break
    return backdrop


def find_zones(layout: Layout, safe: SafeArea, height: int, *, is_photo: bool) -> list[Zone]:
    """Where words stand: a sun between them and the header, or within its gap, keeps its light.

    On a photograph a narrow gap is closed: sky shining through it would be a bright band.
    """
    header = Zone(safe.top - 14, safe.top + HEADER_HEIGHT)
    clear = 0.0 if is_photo else layout.clear
    words = Zone(layout.top + clear - 24, height - safe.bottom + 12)
    if not is_photo:
        return [header._replace(right=HEADER_GAP[0]), header._replace(left=HEADER_GAP[1]), words]
    if words.top - header.bottom < GAP_LEAST * height:
        return [header._replace(bottom=words.bottom)]
    return [header, words]


def find_places(layout: Layout, safe: SafeArea, size: tuple[int, int]) -> list[Place]:
    """Where each part of the words and of the frame stands."""
    width, height = size
    header = safe.top - BULGE, safe.top + HEADER_HEIGHT
    parts = []
    for fit in layout.fits:
        if fit.box is not None:
            left, top, fit_width, fit_height = fit.box
            right, bottom = left + fit_width, top + fit_height
            parts.append(Place(fit.part, (left - SWASH, top - SWASH, right + SWASH, bottom + SWASH)))
    return [
        *parts,
        Place("header-left", (0, header[0], width / 2, header[1])),
        Place("header-right", (width / 2, header[0], width, header[1])),
        Place("footer", (0, height - safe.bottom - FOOTER_HEIGHT, width, height)),
    ]


def _find_calm(art: Image.Image, places: Sequence[Place], zones: Sequence[Zone]) -> np.ndarray:
    """How much the rows of the words, not those of the header, have to be calmed."""
    parts = [place.box for place in places if not place.part.startswith(("header", "footer"))]
    top = min((box[1] for box in parts), default=zones[-1].top)
    bottom = min(zones[-1].bottom, art.height)
    busyness = measure_busyness(art, (0, round(top), art.width, round(bottom)))
    return find_calm([Zone(top, bottom)], art.height, busyness)


def encode_jpeg(image: Image.Image, *, quality: int) -> bytes:
    encoded = BytesIO()
    image.save(encoded, "JPEG", quality=quality, subsampling=0)
    return encoded.getvalue()


def _open_layer(png: bytes) -> Image.Image:
    layer = Image.open(BytesIO(png))
    layer.load()
    return layer


def _finish(
    ground: Image.Image, layers: Layers, places: Sequence[Place], *, scrim: float, has_grown: bool = False
) -> Backdrop:
    background = encode_jpeg(ground, quality=92)
    # The PDF's very pixels; and a PNG packs grain that went through a JPEG 30 % smaller.
    bare = Image.open(BytesIO(background)).convert("RGB")
    page = bare.copy()
    page.paste(layers.words, mask=layers.words)
    letters = measure_letters(page, bare, layers.frame, layers.letters)
    return Backdrop(page, background, measure_blocks(letters, places), scrim, has_grown)
