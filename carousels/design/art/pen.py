"""A pen for flat art: discs, rings, polygons and lines with smooth edges, in world coordinates.

Shapes are drawn by Pillow on a mask of several times the size and shrunk; what is drawn on one stencil
shares a colour. Which shapes make a picture is the styles' business.
"""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from carousels.design.art.canvas import Area, Canvas, Planes, crop, tint

SHARPNESS = 3  # mask pixels per pixel, each way

Point = tuple[float, float]


class Stencil:
    """The mask of one area of a slide. Places and lengths are in world units, line widths in px.

    A `tone` below 1 lets only so much of the colour through.
    """

    def __init__(self, canvas: Canvas, area: Area | None = None) -> None:
        self.area = area or canvas.area
        left, top, right, bottom = self.area
        self._scale = canvas.width * SHARPNESS
        self._left = canvas.index * self._scale + left * SHARPNESS
        self._top = top * SHARPNESS
        self._mask = Image.new("L", ((right - left) * SHARPNESS, (bottom - top) * SHARPNESS))
        self._draw = ImageDraw.Draw(self._mask)

    @classmethod
    def around(cls, canvas: Canvas, points: Sequence[Point], spare: float = 0) -> "Stencil | None":
        """A stencil just large enough for these points and `spare` around; None when off the slide."""
        across, down = [x for x, _ in points], [y for _, y in points]
        pad = spare + 2 / canvas.width
        area = canvas.clip(min(across) - pad, min(down) - pad, max(across) + pad, max(down) + pad)
        return None if area is None else cls(canvas, area)

    def disc(self, center: Point, radius: float, tone: float = 1) -> None:
        self._draw.ellipse(self._frame(center, radius), fill=_level(tone))

    def ring(self, center: Point, radius: float, width: float, tone: float = 1) -> None:
        """A circle's outline, half of it inside and half outside."""
        half = width / 2 * SHARPNESS / self._scale
        self._draw.ellipse(self._frame(center, radius + half), outline=_level(tone), width=_thick(width))

    def wedge(self, center: Point, radius: float, turn: tuple[float, float], tone: float = 1) -> None:
        """A disc's slice from one angle to another, in degrees, clockwise from the right."""
        self._draw.pieslice(self._frame(center, radius), *turn, fill=_level(tone))

    def polygon(self, points: Sequence[Point], tone: float = 1) -> None:
        self._draw.polygon([self._place(point) for point in points], fill=_level(tone))

    def line(self, points: Sequence[Point], width: float, tone: float = 1) -> None:
        """An open line through the points; repeat the first one to close it."""
        places = [self._place(point) for point in points]
        self._draw.line(places, _level(tone), _thick(width), joint="curve")

    def dashes(
        self, start: Point, end: Point, width: float, pattern: Sequence[float], tone: float = 1
    ) -> None:
        """A broken line; the pattern is drawn, left out, drawn ... in world units."""
        length = math.hypot(end[0] - start[0], end[1] - start[1])
        along = (end[0] - start[0]) / length, (end[1] - start[1]) / length
        place, order = 0.0, 0
        while place < length:
            stop = min(place + pattern[order % len(pattern)], length)
            if order % 2 == 0:
                ends = [(start[0] + along[0] * far, start[1] + along[1] * far) for far in (place, stop)]
                self.line(ends, width, tone)
            place, order = stop, order + 1

    def mask(self) -> np.ndarray:
        """What has been drawn, at the slide's own size, in 0..1."""
        return np.asarray(self._mask.reduce(SHARPNESS), np.float32) * np.float32(1 / 255)

    def lay(self, planes: Planes, color: str) -> None:
        """Colour the planes where the stencil is open."""
        tint(crop(planes, self.area), color, self.mask())

    def _place(self, point: Point) -> Point:
        return point[0] * self._scale - self._left, point[1] * self._scale - self._top

    def _frame(self, center: Point, radius: float) -> tuple[float, float, float, float]:
        x, y = self._place(center)
        reach = radius * self._scale
        return x - reach, y - reach, x + reach, y + reach


def _thick(width: float) -> int:
    return max(1, round(width * SHARPNESS))


def _level(tone: float) -> int:
    return round(tone * 255)
