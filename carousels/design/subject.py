"""Finds what a photograph is of, cheaply, and the crop that keeps it.

No model: on a thumbnail, the eye goes to edges, to colours unlike the rest, to skin, and to the middle.
Where in the crop it should stand, opposite the words, is the caller's to say.
"""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageFilter

THUMBNAIL = 64  # px on the longer side
UPPER_THIRD, MIDDLE, LOWER_THIRD = 1 / 3, 1 / 2, 2 / 3  # where a crop would have its subject
STANDING_OUT = 0.85  # quantile of saliency from which a pixel is of the subject

# Skin in YCbCr: Cb and Cr hardly change from pale to dark; its middle, and how far it spreads.
SKIN, SKIN_SPREAD = (108.0, 152.0), (11.0, 9.0)


@dataclass(frozen=True)
class Focus:
    """The middle of the subject, 0..1 from the left and from the top."""

    x: float
    y: float


def find_focus(picture: Image.Image) -> Focus:
    """Where the eye goes first."""
    saliency = measure_saliency(picture)
    threshold = np.quantile(saliency, STANDING_OUT)
    weights = np.clip(saliency - threshold, 0, None)
    height, width = weights.shape
    total = weights.sum()
    if total <= 0:  # nothing stands out: a plain surface
        return Focus(0.5, 0.5)
    x = (weights.sum(axis=0) @ (np.arange(width) + 0.5)) / (total * width)
    y = (weights.sum(axis=1) @ (np.arange(height) + 0.5)) / (total * height)
    return Focus(round(float(x), 4), round(float(y), 4))


def find_crop(
    picture: Image.Image, size: tuple[int, int], *, subject_at: float
) -> tuple[float, float, float, float]:
    """The largest box (left, top, right, bottom) in the proportion of `size` that suits the subject.

    It stands in the middle from left to right, and at the share `subject_at` of the height.
    """
    scale = min(picture.width / size[0], picture.height / size[1])
    width, height = size[0] * scale, size[1] * scale
    focus = find_focus(picture)
    left = _place(focus.x * picture.width, width, picture.width, MIDDLE)
    top = _place(focus.y * picture.height, height, picture.height, subject_at)
    return left, top, left + width, top + height


def measure_saliency(picture: Image.Image) -> np.ndarray:
    """How much each part of a thumbnail draws the eye, as floats of no particular unit."""
    small = _shrink(picture)
    planes = np.asarray(small.convert("YCbCr")).astype(np.float32)
    edges = _stand_out(_measure_edges(planes[..., 0]))
    colors = _stand_out(_measure_distance(planes))
    skin = _measure_skin(planes)
    seen = 0.8 * edges + 1.0 * colors + 1.4 * skin
    return _smooth(seen) * _weigh_middle(*seen.shape)


def _place(focus: float, length: float, whole: float, wanted: float) -> float:
    """Where a crop of `length` begins, so that the focus stands at the wanted share of it."""
    return min(max(focus - wanted * length, 0.0), whole - length)


def _shrink(picture: Image.Image) -> Image.Image:
    shrunk = max(1, max(picture.size) // THUMBNAIL)
    return picture.reduce(shrunk)


def _measure_edges(luma: np.ndarray) -> np.ndarray:
    across, down = np.zeros_like(luma), np.zeros_like(luma)
    across[:, 1:-1] = luma[:, 2:] - luma[:, :-2]
    down[1:-1] = luma[2:] - luma[:-2]
    return np.hypot(across, down)


def _measure_distance(planes: np.ndarray) -> np.ndarray:
    """How far each colour is from the picture's usual one; lightness counts half."""
    usual = np.median(planes.reshape(-1, 3), axis=0)
    return np.sqrt((((planes - usual) * (0.5, 1.0, 1.0)) ** 2).sum(axis=2))


def _measure_skin(planes: np.ndarray) -> np.ndarray:
    off = (planes[..., 1:] - SKIN) / SKIN_SPREAD
    is_lit = np.clip((planes[..., 0] - 40) / 40, 0, 1)
    return np.exp(-(off**2).sum(axis=2)) * is_lit


def _stand_out(values: np.ndarray) -> np.ndarray:
    """As a share of what is strong in this picture; evenly strong everywhere is nothing."""
    strong, usual = np.quantile(values, (0.98, 0.5))
    return np.clip((values - usual) / max(strong - usual, 1.0), 0, 1)


def _smooth(values: np.ndarray) -> np.ndarray:
    levels = Image.fromarray(np.clip(values * 80, 0, 255).astype(np.uint8))
    return np.asarray(levels.filter(ImageFilter.GaussianBlur(2.5))).astype(np.float32)


def _weigh_middle(height: int, width: int) -> np.ndarray:
    """Photographers put the subject near the middle: the corners count a third."""
    down = (np.arange(height) + 0.5) / height - 0.5
    across = (np.arange(width) + 0.5) / width - 0.5
    return np.exp(-2.2 * (down[:, None] ** 2 + across[None] ** 2)).astype(np.float32)
