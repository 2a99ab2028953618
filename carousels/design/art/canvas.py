"""What the styles share: a window on an endless world, noise, grain, and cheap smooth drawing.

In world coordinates every slide is one unit wide, so slide 2 continues slide 1. Whatever is smooth is
computed on a coarse grid and enlarged; only edges are drawn at full size. Colour planes are kept apart
because a mask times an (h, w, 3) array is slow.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from PIL import Image

BAND = 64  # rows: what is worked on together stays in the cache
RIM = 2  # px that the soft edge of a shape may reach beyond it
MARGIN = 2  # coarse samples beyond the edge, so that neighbours enlarge to the same seam

Area = tuple[int, int, int, int]  # left, top, right, bottom in px
Planes = list[np.ndarray]  # red, green, blue as float32 in 0..255


@dataclass(frozen=True)
class Canvas:
    """Slide `index` (from 0) of `total`. `random` is seeded alike for all slides of a carousel."""

    index: int
    total: int
    width: int
    height: int
    random: np.random.Generator

    @property
    def tallness(self) -> float:
        return self.height / self.width

    @property
    def area(self) -> Area:
        return 0, 0, self.width, self.height

    def axes(self, area: Area | None = None) -> tuple[np.ndarray, np.ndarray]:
        """World coordinates of every pixel, as a row and a column."""
        left, top, right, bottom = area or self.area
        x = np.arange(left, right, dtype=np.float32) / self.width + self.index
        y = np.arange(top, bottom, dtype=np.float32) / self.width
        return x[None], y[:, None]

    def grid(self, step: int, area: Area | None = None) -> tuple[np.ndarray, np.ndarray]:
        """World coordinates of coarse samples, one each `step` px, with a margin for `enlarge`."""
        left, top, right, bottom = area or self.area
        x = _sample(left, right, step) / self.width + self.index
        y = _sample(top, bottom, step) / self.width
        return x[None].astype(np.float32), y[:, None].astype(np.float32)

    def enlarge(self, field: np.ndarray, area: Area | None = None) -> np.ndarray:
        """A field computed on `grid` at full size, straight between its samples."""
        left, top, right, bottom = area or self.area
        field = np.asarray(field, np.float32)
        start, share = _between(right - left, field.shape[1])
        near = field.take(start, axis=1)
        near += (field.take(start + 1, axis=1) - near) * share
        start, share = _between(bottom - top, field.shape[0])
        return _blend_rows(near, start, share)

    def clip(self, left: float, top: float, right: float, bottom: float) -> Area | None:
        """A world rectangle as px of this slide; None when it lies outside."""
        x0, x1 = (int(np.clip((x - self.index) * self.width, 0, self.width)) for x in (left, right))
        y0, y1 = (int(np.clip(y * self.width, 0, self.height)) for y in (top, bottom))
        return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None

    def surround(self, x: float, y: float, radius: float) -> Area | None:
        """The px of this slide around a circle in the world, its soft rim included."""
        reach = radius + RIM / self.width
        return self.clip(x - reach, y - reach, x + reach, y + reach)

    def fill(self, color: str) -> Planes:
        return [np.full((self.height, self.width), tone, np.float32) for tone in channels(color)]

    def grain(self, strength: float) -> np.ndarray:
        """Gaussian noise of this standard deviation (1 = the whole range), in levels."""
        return _grain(self.width, self.height) * np.float32(strength * 255)

    def find_rim(self, area: Area, x: float, y: float, radius: float) -> np.ndarray:
        """Distance in world units from a circle's rim, negative inside; exact at the rim itself."""
        across, down = self.axes(area)
        across = (across - np.float32(x)) ** 2 * np.float32(0.5 / radius)
        down = (down - np.float32(y)) ** 2 * np.float32(0.5 / radius)
        return across + (down - np.float32(0.5 * radius))


class Noise:
    """Gradient noise over the world, periodic after `period` units."""

    def __init__(self, random: np.random.Generator, period: int = 64) -> None:
        angles = random.random((period, period)) * 2 * np.pi
        self.period = period
        self.slope_x = np.cos(angles).astype(np.float32)
        self.slope_y = np.sin(angles).astype(np.float32)

    def __call__(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        left, top = np.floor(x).astype(int), np.floor(y).astype(int)
        inner_x, inner_y = x - left, y - top

        def corner(right: int, below: int) -> np.ndarray:
            column, row = (left + right) % self.period, (top + below) % self.period
            slope_x, slope_y = self.slope_x[column, row], self.slope_y[column, row]
            return slope_x * (inner_x - right) + slope_y * (inner_y - below)

        ease_x, ease_y = _ease(inner_x), _ease(inner_y)
        upper = corner(0, 0) * (1 - ease_x) + corner(1, 0) * ease_x
        lower = corner(0, 1) * (1 - ease_x) + corner(1, 1) * ease_x
        return (upper * (1 - ease_y) + lower * ease_y) * 1.5

    def layered(self, x: np.ndarray, y: np.ndarray, octaves: int) -> np.ndarray:
        """Noise upon finer noise: a landscape."""
        total, weight = np.float32(0), 0.5
        for octave in range(octaves):
            scale = 2**octave
            total = total + weight * self(x * scale + 17.3 * octave, y * scale - 9.1 * octave)
            weight *= 0.5
        return total


def channels(color: str) -> tuple[int, int, int]:
    """`#RRGGBB` as three numbers."""
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)


def to_light(color: str) -> np.ndarray:
    """A colour as linear light, where mixing looks right."""
    tones = np.array(channels(color)) / 255
    return np.where(tones <= 0.04045, tones / 12.92, ((tones + 0.055) / 1.055) ** 2.4)


def from_light(light: np.ndarray) -> np.ndarray:
    """Linear light as levels in 0..255."""
    light = np.clip(light, 0, 1)
    return 255 * np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


def step_smoothly(low: float, high: float, values: np.ndarray) -> np.ndarray:
    """0 below `low`, 1 above `high`, eased between."""
    inner = np.clip((values - low) * np.float32(1 / (high - low)), 0, 1)
    return inner * inner * (3 - 2 * inner)


def tint(planes: Planes, color: str, mask: np.ndarray) -> None:
    """Move the planes towards a colour where the mask is 1, in place."""
    mask = np.broadcast_to(mask, planes[0].shape)
    for first in range(0, len(mask), BAND):
        rows = slice(first, first + BAND)
        share = mask[rows]
        for plane, tone in zip(planes, channels(color), strict=True):
            levels = plane[rows]
            change = np.subtract(np.float32(tone), levels)
            change *= share
            levels += change


def lay(planes: Planes, color: str, distance: np.ndarray, width: int) -> None:
    """Lay a colour where `distance`, in world units from a shape's rim, is negative; in place."""
    for first in range(0, len(distance), BAND):
        rows = slice(first, first + BAND)
        mask = np.clip(np.float32(0.5) - distance[rows] * np.float32(width), 0, 1)
        tint([plane[rows] for plane in planes], color, mask)


def crop(planes: Planes, area: Area) -> Planes:
    """A view of the planes' area: what is painted on it is painted on them."""
    left, top, right, bottom = area
    return [plane[top:bottom, left:right] for plane in planes]


def to_mask(values: np.ndarray) -> Image.Image:
    """Values in 0..1 as a mask for pasting."""
    return Image.fromarray(np.clip(values * 255, 0, 255).astype(np.uint8))


def split(image: Image.Image) -> Planes:
    return [np.asarray(plane, np.float32) for plane in image.split()]


def merge(planes: Planes, grain: np.ndarray | None) -> Image.Image:
    """Lay the grain, if any, over the planes and round once."""
    return Image.merge("RGB", [Image.fromarray(_round(plane, grain)) for plane in planes])


def _round(plane: np.ndarray, grain: np.ndarray | None) -> np.ndarray:
    """Levels as bytes, one band of rows after the other."""
    rounded = np.empty(plane.shape, np.uint8)
    for first in range(0, len(plane), BAND):
        rows = slice(first, first + BAND)
        levels = plane[rows] + np.float32(0.5)
        if grain is not None:
            levels += grain[rows]
        rounded[rows] = np.clip(levels, 0, 255, out=levels)
    return rounded


def _sample(start: int, end: int, step: int) -> np.ndarray:
    count = -(-(end - start) // step)
    places = np.arange(-MARGIN, count + MARGIN) + 0.5
    return start + places * (end - start) / count


def _between(length: int, samples: int) -> tuple[np.ndarray, np.ndarray]:
    """For each of `length` px, the coarse sample before it and its share of the way to the next."""
    places = (np.arange(length) + 0.5) * ((samples - 2 * MARGIN) / length) + (MARGIN - 0.5)
    before = places.astype(np.intp)
    return before, (places - before).astype(np.float32)


def _blend_rows(coarse: np.ndarray, before: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Rows between coarse rows, one band after the other."""
    blended = np.empty((len(before), coarse.shape[1]), np.float32)
    rises = np.diff(coarse, axis=0)
    starts = np.searchsorted(before, np.arange(before[0], before[-1] + 2)).tolist()
    for row, (first, last) in enumerate(pairwise(starts), start=int(before[0])):
        band = blended[first:last]
        np.multiply(share[first:last, None], rises[row], out=band)
        band += coarse[row]
    return blended


def _ease(t: np.ndarray) -> np.ndarray:
    return t * t * t * (t * (t * 6 - 15) + 10)


@cache
def _grain(width: int, height: int) -> np.ndarray:
    """The same noise on every slide of a size: nobody lays two of them on each other."""
    return np.random.default_rng(height).standard_normal((height, width), np.float32).clip(-3, 3)
