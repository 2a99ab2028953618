"""What a reader gets, measured on pixels: the contrast of each block of words with what it stands on.

A layer of words is compared with the same layer without them. Letters are where the pixel has a text
colour and the bare layer shows something else there: the soft edges of glyphs are left out, and so are
emoji, which stay on both layers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from carousels.design.colors.contrast import compare, measure_luminance

FLOOR = 2  # percentile: single pixels may be worse
ENOUGH = 80  # pixels of full colour before a line is judged
NO_WORDS = 21.0
SOLID = 0xF8000000  # least opacity of a letter's inside, as the highest of four bytes
FAR = 0xFCFCFCFC  # bits of a difference of more than 3 levels: Typst rounds what it draws on nothing
COARSE = 2  # the layer without words is drawn at half size
COLUMN_GAP = 48  # px without a letter between two pieces of one line
REST = "label"  # words in no known place: buttons, names, small print


@dataclass(frozen=True)
class Place:
    """Where a part of the words stands. `box` is left, top, right, bottom in px."""

    part: str
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class Block:
    """A part's contrast: the 2nd percentile of its pixels, in its worst line."""

    part: str
    contrast: float


@dataclass(frozen=True)
class Letters:
    """Every pixel that a letter covers fully, and its contrast with the ground."""

    rows: np.ndarray
    columns: np.ndarray
    contrasts: np.ndarray


def find_letters(words: Image.Image, frame: Image.Image, colors: Sequence[str], *, card: str) -> np.ndarray:
    """Rows and columns (2, n) of the pixels that letters in one of these colours cover fully.

    Both layers are RGBA, `frame` at half the size of `words`. No letter has the colour of the card.
    """
    inks, grounds = _pack(words), _pack(frame)
    solid = np.flatnonzero((inks >= SOLID) & (inks != _pack_color(card)))
    rows, columns = np.divmod(solid, words.width)
    below = (rows // COARSE) * frame.width + columns // COARSE
    inks, grounds, is_flat = inks.ravel()[solid], grounds.ravel()[below], _find_flat(grounds).ravel()[below]

    colored = np.zeros(len(solid), np.uint8)
    for number, color in enumerate(dict.fromkeys(colors), start=1):
        colored[_are_near(inks, color) & ~_are_near(grounds, color)] = number
    is_letter = _find_inner(solid, colored, words.size) & is_flat
    return np.stack([rows[is_letter], columns[is_letter]])


def measure_letters(
    page: Image.Image, background: Image.Image, frame: Image.Image, letters: np.ndarray
) -> Letters:
    """The letters of a finished page against the background with the frame over it."""
    rows, columns = letters
    inks = measure_luminance(np.asarray(page)[rows, columns])

    below = np.asarray(background)[rows, columns].astype(np.float32)
    over = np.asarray(frame)[rows // COARSE, columns // COARSE].astype(np.float32)
    share = over[:, 3:] / 255
    grounds = measure_luminance(below * (1 - share) + over[:, :3] * share)
    return Letters(rows, columns, compare(inks, grounds))


def measure_blocks(letters: Letters, places: Sequence[Place]) -> tuple[Block, ...]:
    """The contrast of each place with enough letters, then of the words that stand in none."""
    blocks, left = [], np.ones(len(letters.rows), bool)
    for place in places:
        inside = left & _find_inside(letters, place.box)
        left &= ~inside
        worst = min((_judge(letters.contrasts[line]) for line in _split_lines(letters, inside)), default=None)
        if worst is not None:
            blocks.append(Block(place.part, worst))
    for line in _split_lines(letters, left):
        blocks += [Block(REST, _judge(letters.contrasts[piece])) for piece in _split_columns(letters, line)]
    return tuple(blocks)


def _judge(contrasts: np.ndarray) -> float:
    return round(float(np.percentile(contrasts, FLOOR)), 2)


def _find_inside(letters: Letters, box: tuple[float, float, float, float]) -> np.ndarray:
    left, top, right, bottom = box
    return (
        (letters.rows >= top)
        & (letters.rows < bottom)
        & (letters.columns >= left)
        & (letters.columns < right)
    )


def _split_lines(letters: Letters, inside: np.ndarray) -> Iterator[np.ndarray]:
    """The indices of the letters of each line: rows with letters, up to a row without."""
    return _split(np.flatnonzero(inside), letters.rows, gap=1)


def _split_columns(letters: Letters, line: np.ndarray) -> Iterator[np.ndarray]:
    return _split(line, letters.columns, gap=COLUMN_GAP)


def _split(indices: np.ndarray, coordinates: np.ndarray, *, gap: int) -> Iterator[np.ndarray]:
    """Groups of letters with more than `gap` px between them; those of only a few pixels are left out."""
    ordered = indices[np.argsort(coordinates[indices], kind="stable")]
    ends = np.flatnonzero(np.diff(coordinates[ordered]) > gap) + 1
    return (group for group in np.split(ordered, ends) if len(group) >= ENOUGH)


def _find_inner(places: np.ndarray, colored: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Which of these pixels have their own colour beside and above or below them, too.

    The soft edge of a letter may by chance have the colour of another one, but as a line only.
    """
    width, height = size
    page = np.zeros((height + 2) * width, np.uint8)  # with a row to spare above and below
    places = places + width
    page[places] = colored

    beside = (page[places - 1] == colored) | (page[places + 1] == colored)
    along = (page[places - width] == colored) | (page[places + width] == colored)
    return (colored > 0) & beside & along


def _are_near(packed: np.ndarray, color: str) -> np.ndarray:
    pixels, wanted = packed.view(np.uint8), np.array([_pack_color(color)], "<u4").view(np.uint8)
    wanted = np.tile(wanted, len(packed))
    off = np.maximum(pixels, wanted) - np.minimum(pixels, wanted)
    return (off.view("<u4") & FAR) == 0


def _pack(layer: Image.Image) -> np.ndarray:
    """Four channels as one number a pixel; opacity counts most."""
    return np.asarray(layer).view("<u4")[..., 0]


def _pack_color(color: str) -> np.uint32:
    return _pack(Image.new("RGBA", (1, 1), color))[0, 0]


def _find_flat(pixels: np.ndarray) -> np.ndarray:
    """Where a pixel equals its four neighbours: not on an edge, which half the size has blurred."""
    flat = np.ones(pixels.shape, bool)
    beside = pixels[:, 1:] == pixels[:, :-1]
    below = pixels[1:] == pixels[:-1]
    flat[:, 1:] &= beside
    flat[:, :-1] &= beside
    flat[1:] &= below
    flat[:-1] &= below
    return flat
