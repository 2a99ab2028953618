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
SKIN_PATCH = (0.3, 0.6)  # share of skin around a pixel: from a hand to a face
SMOOTH_GAIN = 80  # levels for each unit of saliency, while it is smoothed
FACE_WEIGHT = 10  # a face is the subject, however loud the clothes


@dataclass(frozen=True)
class Focus:
    """The middle of the subject, 0..1 from the left and from the top."""

    x: float
    y: float


def find_focus(picture: Image.Image) -> Focus:
    """Where the eye goes first."""
    planes = _open_planes(picture)
    saliency = _measure_saliency(planes)
    weights = np.clip(saliency - np.quantile(saliency, STANDING_OUT), 0, None)
    if weights.sum() <= 0:  # nothing stands out: a plain surface
        return Focus(0.5, 0.5)
    weights *= 1 + FACE_WEIGHT * _find_faces(planes)
    return Focus(_find_middle(weights.sum(axis=0)), _find_middle(weights.sum(axis=1)))


def find_crop(
    picture: Image.Image, size: tuple[int, int], *, subject_at: float
) -> tuple[float, float, float, float]:
    """The largest box (left, top, right, bottom) in the proportion of `size` that suits the subject.

    It stands in the middle from left to right, and at the share `subject_at` of the height.
    """
    scale = min(picture.width / size[0], picture.height / size[1])
    # What is rounded must not reach beyond the picture.
    width, height = min(size[0] * scale, picture.width), min(size[1] * scale, picture.height)
    focus = find_focus(picture)
    left = _place(focus.x * picture.width, width, picture.width, MIDDLE)
    top = _place(focus.y * picture.height, height, picture.height, subject_at)
    return left, top, left + width, top + height


def _find_middle(weights: np.ndarray) -> float:
    """Where half of the weight lies on each side, 0..1: a mean would fall between two subjects."""
    share = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])
    return round(float(np.interp(0.5, share, np.linspace(0, 1, len(share)))), 4)


def _measure_saliency(planes: np.ndarray) -> np.ndarray:
    """How much each part of a thumbnail draws the eye, as floats of no particular unit."""
    edges = _stand_out(_measure_edges(planes[..., 0]))
    colors = _stand_out(_measure_distance(planes))
    skin = _measure_skin(planes)
    seen = 0.8 * edges + 1.0 * colors + 1.4 * skin
    return _smooth(seen) * _weigh_middle(*seen.shape)


def _place(focus: float, length: float, whole: float, wanted: float) -> float:
    """Where a crop of `length` begins, so that the focus stands at the wanted share of it."""
    return min(max(focus - wanted * length, 0.0), whole - length)


def _find_faces(planes: np.ndarray) -> np.ndarray:
    """Where there is more skin than a sleeve shows, 0..1."""
    least, full = SKIN_PATCH
    patches = _smooth(_measure_skin(planes)) / SMOOTH_GAIN
    return np.clip((patches - least) / (full - least), 0, 1)


def _open_planes(picture: Image.Image) -> np.ndarray:
    """A thumbnail's luma, Cb and Cr."""
    small = picture.reduce(max(1, max(picture.size) // THUMBNAIL))
    return np.asarray(small.convert("YCbCr")).astype(np.float32)


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
    levels = Image.fromarray(np.clip(values * SMOOTH_GAIN, 0, 255).astype(np.uint8))
    return np.asarray(levels.filter(ImageFilter.GaussianBlur(2.5))).astype(np.float32)


def _weigh_middle(height: int, width: int) -> np.ndarray:
    """Photographers put the subject near the middle: the corners count a third."""
    down = (np.arange(height) + 0.5) / height - 0.5
    across = (np.arange(width) + 0.5) / width - 0.5
    return np.exp(-2.2 * (down[:, None] ** 2 + across[None] ** 2)).astype(np.float32)
