"""Blueprint: an engineer's drawing of wheels and belts on squared paper, one machine across the swipe."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from carousels.design.art.canvas import Canvas, Noise, Planes, channels, crop, tint
from carousels.design.art.pen import Point, Stencil

SQUARE, LARGE_SQUARE = 36, 180  # px; a slide is 30 squares wide
LARGE_RADII = (0.50, 0.31, 0.58, 0.37)
SMALL_RADII = (0.085, 0.13, 0.07)
DASH_DOT = (0.032, 0.010, 0.007, 0.010)
FINE, MEDIUM, BOLD = 1.6, 2.2, 3.0  # px
QUIET, PALE, CLEAR = 0.28, 0.45, 0.85  # how strongly a line is drawn


@dataclass(frozen=True)
class Wheel:
    """One wheel of the machine; `has_teeth` makes it a gear."""

    center: Point
    radius: float
    has_teeth: bool
    turned: float  # degrees

    def point(self, degrees: float, share: float = 1) -> Point:
        turn, reach = np.deg2rad(degrees), self.radius * share
        return self.center[0] + float(np.cos(turn)) * reach, self.center[1] + float(np.sin(turn)) * reach


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray | None]:
    planes = _draw_paper(canvas, tokens)
    wheels = _place_wheels(canvas)
    lines = Stencil(canvas)
    for first, second in pairwise(wheels):
        _draw_belt(first, second, lines)
    for wheel in wheels:
        _draw_wheel(wheel, lines)
    tint(planes, tokens["line"], lines.mask() * _fade(canvas))
    _draw_dimensions(canvas, planes, wheels, tokens["accent"])
    return planes, None


def _draw_paper(canvas: Canvas, tokens: Mapping[str, Any]) -> Planes:
    x, y = canvas.grid(30)
    cloud = Noise(canvas.random).layered(x * 0.8, y * 0.8, 1)
    light = canvas.enlarge(np.clip(0.62 + 0.5 * cloud - 0.5 * (y / canvas.tallness), 0, 1))
    planes = [
        light * np.float32(pale - dark) + np.float32(dark)
        for dark, pale in zip(channels(tokens["base"]), channels(tokens["raised"]), strict=True)
    ]
    # The squares start half a square in, so that no line falls on the seam.
    for spacing, strength in ((SQUARE, 0.07), (LARGE_SQUARE, 0.10)):
        start = spacing // 2
        for plane, tone in zip(planes, channels(tokens["line"]), strict=True):
            for lines in (plane[:, start::spacing], plane[start::spacing]):
                lines += (tone - lines) * np.float32(strength)
    return planes


def _place_wheels(canvas: Canvas) -> list[Wheel]:
    """A large wheel on every seam, cropped by both slides, and a small one between; only those in sight."""
    random, wheels = canvas.random, []
    for place in range(-1, canvas.total + 2):
        radius = LARGE_RADII[place % len(LARGE_RADII)]
        x, y = place + random.uniform(-0.1, 0.1), canvas.tallness * random.uniform(0.20, 0.30)
        wheels.append(Wheel((x, y), radius, place % 2 == 1, random.uniform(0, 60)))

        radius = SMALL_RADII[place % len(SMALL_RADII)]
        x, y = place + random.uniform(0.42, 0.58), canvas.tallness * random.uniform(0.18, 0.34)
        wheels.append(Wheel((x, y), radius, place % 2 == 0, random.uniform(0, 60)))
    return [wheel for wheel in wheels if -0.75 < wheel.center[0] - canvas.index < 1.75]


def _draw_wheel(wheel: Wheel, lines: Stencil) -> None:
    (x, y), radius = wheel.center, wheel.radius
    if wheel.has_teeth:
        lines.line(_trace_gear(wheel), BOLD, CLEAR)
    else:
        lines.ring(wheel.center, radius, BOLD, CLEAR)
        lines.ring(wheel.center, radius * 0.965, FINE, PALE)
    lines.ring(wheel.center, radius * 0.84, FINE, PALE)
    lines.ring(wheel.center, radius * 0.30, MEDIUM, CLEAR)
    lines.ring(wheel.center, radius * 0.13, MEDIUM, CLEAR)

    if radius > 0.2:
        lines.ring(wheel.center, radius * 0.57, FINE, PALE)
        for hole in range(6):
            place = wheel.point(hole * 60 + wheel.turned, 0.57)
            lines.ring(place, radius * 0.115, MEDIUM, CLEAR)
            lines.ring(place, radius * 0.05, FINE, PALE)
    reach = radius * 1.15
    lines.dashes((x - reach, y), (x + reach, y), FINE, DASH_DOT, PALE)
    lines.dashes((x, y - reach), (x, y + reach), FINE, DASH_DOT, PALE)


def _trace_gear(wheel: Wheel) -> list[Point]:
    teeth = max(10, round(wheel.radius * 110))
    pitch = 360 / teeth
    depth = min(0.05, 0.012 / wheel.radius)
    points = []
    for tooth in range(teeth):
        start = tooth * pitch
        points += [
            wheel.point(start, 1 - depth),
            wheel.point(start + pitch * 0.44, 1 - depth),
            wheel.point(start + pitch * 0.56, 1 + depth),
            wheel.point(start + pitch * 0.88, 1 + depth),
        ]
    return [*points, points[0]]


def _draw_belt(first: Wheel, second: Wheel, lines: Stencil) -> None:
    """The two outer tangents of neighbouring wheels."""
    run, drop = second.center[0] - first.center[0], second.center[1] - first.center[1]
    lean = np.arccos(np.clip((first.radius - second.radius) / np.hypot(run, drop), -1, 1))
    for side in (lean, -lean):
        degrees = float(np.rad2deg(np.arctan2(drop, run) + side))
        lines.line([first.point(degrees), second.point(degrees)], MEDIUM, PALE)


def _draw_dimensions(canvas: Canvas, planes: Planes, wheels: list[Wheel], color: str) -> None:
    """How far apart the axles stand: a line with arrows and witnesses, from wheel to wheel."""
    y = 0.16 * canvas.tallness
    strip = Stencil.around(canvas, [(canvas.index, y), (canvas.index + 1, y)], spare=0.02)
    if strip is None:
        return
    for first, second in pairwise(wheels):
        left, right = first.center[0] + 0.004, second.center[0] - 0.004
        strip.line([(left, y), (right, y)], FINE)
        for x, way in ((left, 1), (right, -1)):
            strip.polygon([(x, y), (x + way * 0.026, y - 0.007), (x + way * 0.026, y + 0.007)])
            strip.line([(x - way * 0.004, y - 0.018), (x - way * 0.004, y + 0.018)], FINE)
    tint(crop(planes, strip.area), color, strip.mask())


def _fade(canvas: Canvas) -> np.ndarray:
    """Full strength in the upper half, a trace where words stand and behind the header."""
    _, y = canvas.axes()
    head = 0.245 if canvas.tallness > 1.6 else 0.095
    knots = (
        head - 0.07,
        head - 0.03,
        head + 0.03,
        head + 0.07,
        canvas.tallness * 0.36,
        canvas.tallness * 0.58,
    )
    return np.interp(y, knots, (0.9, 0.35, 0.35, 1, 1, QUIET)).astype(np.float32)
