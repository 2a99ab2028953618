"""How much a photograph competes with words laid on it, and whether they need a card of their own."""

import numpy as np
from PIL import Image

from carousels.design.colors.oklch import parse
from carousels.design.themes import Theme

BUSY = 0.95  # from here on a scrim quiets no photograph
FAR = 0.60  # of the way from black to white: a veil this different makes day night, or night fog
GRAIN = 6  # px over which detail is averaged away: finer than the stems of a title


def wants_card(picture: Image.Image, box: tuple[int, int, int, int], theme: Theme) -> bool:
    """Whether words in `box` (left, top, right, bottom in px) need more than this theme's scrim."""
    return measure_busyness(picture, box) >= BUSY or measure_distance(picture, box, theme) >= FAR


def measure_distance(picture: Image.Image, box: tuple[int, int, int, int], theme: Theme) -> float:
    """How far the photograph's middle lightness within `box` is from the scrim's, 0..1."""
    levels = picture.crop(box).convert("L").reduce(GRAIN)
    middle = float(np.median(np.asarray(levels)))
    grey = f"#{round(middle):02X}" + f"{round(middle):02X}" * 2
    return round(abs(parse(grey).lightness - parse(theme.colors.scrim).lightness), 3)


def measure_busyness(picture: Image.Image, box: tuple[int, int, int, int]) -> float:
    """From 0 (a plain wall) over 0.7 (a face, cloth) to 1.2 (foliage, crowds) within `box`."""
    luma = np.asarray(picture.crop(box).convert("L").reduce(GRAIN)).astype(np.float32) / 255
    if min(luma.shape) < 3:
        return 0.0
    edges = np.hypot(np.diff(luma, axis=1)[:-1], np.diff(luma, axis=0)[:, :-1])
    low, high = np.quantile(luma, (0.05, 0.95))
    return round(6 * float(edges.mean()) + 0.5 * float(high - low), 3)
