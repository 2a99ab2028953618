"""What a reader gets, measured on pixels: the contrast of the words with what they stand on.

A layer of words is compared with the same layer without them. Letters are where the two differ and the
pixel has exactly a text colour: the soft edges of glyphs are left out, and so are emoji, which stay on
both layers.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from carousels.design.contrast import compare, measure_luminance

FLOOR = 2  # percentile: single pixels may be worse
ENOUGH = 80  # pixels of full colour before a line is judged by itself
NO_WORDS = 21.0


def find_letters(words: Image.Image, frame: Image.Image, colors: Sequence[str]) -> np.ndarray:
    """Mask of the pixels that letters cover fully; both layers are RGBA."""
    with_words, without = _pack(words), _pack(frame)
    letters = np.zeros(with_words.shape, bool)
    for color in dict.fromkeys(colors):
        letters |= with_words == _pack(Image.new("RGBA", (1, 1), color))
    return letters & (with_words != without)


def measure_contrast(page: Image.Image, bare: Image.Image, letters: np.ndarray) -> float:
    """The worst line's contrast (its 2nd percentile) between a page and the same page without words."""
    rows = np.count_nonzero(letters, axis=1) > 0
    worst = NO_WORDS
    for start, end in _find_lines(rows):
        inside = letters[start:end]
        if np.count_nonzero(inside) >= ENOUGH:
            band = (0, start, page.width, end)
            inks = measure_luminance(np.asarray(page.crop(band))[inside])
            grounds = measure_luminance(np.asarray(bare.crop(band))[inside])
            worst = min(worst, float(np.percentile(compare(inks, grounds), FLOOR)))
    return round(worst, 2)


def _pack(layer: Image.Image) -> np.ndarray:
    """Four channels as one number a pixel."""
    return np.asarray(layer).view(np.uint32)[..., 0]


def _find_lines(rows: np.ndarray) -> list[tuple[int, int]]:
    """Stretches of rows with letters, as (first, behind the last)."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], rows.astype(np.int8), [0]))))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
