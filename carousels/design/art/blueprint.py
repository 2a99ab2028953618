"""Blueprint: an engineer's drawing of wheels and belts on squared paper, one machine across the swipe."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from carousels.design.art.canvas import Canvas, Noise, Planes, channels, crop, tint
from carousels.design.art.pen import Point, Stencil

SQUARE, LARGE_SQUARE = 36, 180  # px; a slide is 30 squares wide
HIGHEST, LOWEST = 0.18, 0.25  # an axle, as a share of the height
LARGE_RADII = (0.46, 0.28, 0.53, 0.31)
PINION = 0.055  # radius of the smallest
DASH_DOT = (0.032, 0.010, 0.007, 0.010)
FINE, MEDIUM, BOLD = 1.6, 2.2, 3.0  # px
PALE, CLEAR = 0.45, 0.85  # how strongly a line is drawn
# By the slide's tallness: the header's middle, to where lines are clear, from where words stand.
BANDS = {1.0: (0.095, 0.18, 0.31), 1.2: (0.095, 0.35, 0.50), 1.8: (0.245, 0.42, 0.56)}
TRACE = 0.14  # and how much of that is left where words stand


@dataclass(frozen=True)
class Wheel:
    """One wheel of the machine; `has_teeth` makes it a gear."""

    center: Point
    radius: float
    has_teeth: bool
    turned: float  # degrees

    def point(self, degrees: float, share: float = 1) -> Point:
        turn, reach = math.radians(degrees), self.radius * share
        return self.center[0] + math.cos(turn) * reach, self.center[1] + math.sin(turn) * reach


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray | None]:
    planes = _draw_paper(canvas, tokens)
    wheels = _place_wheels(canvas)
    pinions = [_mesh(*pair) for pair in pairwise(wheels)]

    depth = min(canvas.height, round((LOWEST * canvas.tallness + 1.15 * max(LARGE_RADII)) * canvas.width))
    lines = Stencil(canvas, (0, 0, canvas.width, depth))
    for first, second in pairwise(wheels):
        _draw_belt(first, second, lines)
    for wheel in wheels:
        _draw_wheel(wheel, lines)
    axles = sorted([*wheels, *pinions], key=lambda wheel: wheel.center)
    accents = [_draw_pinion(canvas, pinion) for pinion in pinions] + [_draw_dimensions(canvas, axles)]

    fade = _fade(canvas)
    for stencil, color in [(lines, tokens["line"]), *((accent, tokens["accent"]) for accent in accents)]:
        if stencil is not None:
            _, top, _, bottom = stencil.area
            tint(crop(planes, stencil.area), color, stencil.mask() * fade[top:bottom])
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
    """A large wheel on every seam, so that two slides share it; only those in sight."""
    random, wheels = canvas.random, []
    for place in range(-2, canvas.total + 3):
        # Never quite on the seam, where its upright axis would be cut in two.
        x = place + random.choice((-1, 1)) * random.uniform(0.02, 0.06)
        y = canvas.tallness * random.uniform(HIGHEST, LOWEST)
        radius = LARGE_RADII[place % len(LARGE_RADII)]
        wheels.append(Wheel((x, y), radius, place % 2 == 1, random.uniform(0, 60)))
    return [wheel for wheel in wheels if -1.3 < wheel.center[0] - canvas.index < 2.3]


def _mesh(first: Wheel, second: Wheel) -> Wheel:
    """The pinion that touches both wheels from below."""
    run, drop = second.center[0] - first.center[0], second.center[1] - first.center[1]
    apart = math.hypot(run, drop)
    radius = max(PINION, (apart - first.radius - second.radius) / 2 + 0.004)
    reach, other = first.radius + radius, second.radius + radius
    along = (apart**2 + reach**2 - other**2) / (2 * apart)
    aside = math.sqrt(max(reach**2 - along**2, 0))
    x = first.center[0] + (run * along - drop * aside) / apart
    y = first.center[1] + (drop * along + run * aside) / apart
    return Wheel((x, y), radius, True, 0)


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
    lean = math.acos((first.radius - second.radius) / math.hypot(run, drop))
    for side in (lean, -lean):
        degrees = math.degrees(math.atan2(drop, run) + side)
        lines.line([first.point(degrees), second.point(degrees)], MEDIUM, PALE)


def _draw_pinion(canvas: Canvas, pinion: Wheel) -> Stencil | None:
    bright = Stencil.around(canvas, [pinion.center], spare=pinion.radius * 1.2)
    if bright is not None:
        _draw_wheel(pinion, bright)
    return bright


def _draw_dimensions(canvas: Canvas, axles: list[Wheel]) -> Stencil | None:
    """How far apart the axles stand: a line with arrows and witnesses, from wheel to wheel."""
    y = 0.185 * canvas.tallness if canvas.tallness < 1.6 else 0.178 * canvas.tallness
    strip = Stencil.around(canvas, [(canvas.index, y), (canvas.index + 1, y)], spare=0.02)
    if strip is None:
        return None
    for first, second in pairwise(axles):
        left, right = first.center[0] + 0.004, second.center[0] - 0.004
        strip.line([(left, y), (right, y)], FINE, CLEAR)
        for x, way in ((left, 1), (right, -1)):
            strip.polygon([(x, y), (x + way * 0.026, y - 0.007), (x + way * 0.026, y + 0.007)])
            strip.line([(x - way * 0.004, y - 0.018), (x - way * 0.004, y + 0.018)], FINE)
    return strip


def _fade(canvas: Canvas) -> np.ndarray:
    """Full strength between header and words, a trace behind either."""
    _, y = canvas.axes()
    head, clear, words = BANDS[round(canvas.tallness, 1)]
    knots = (head - 0.09, head - 0.05, head + 0.05, head + 0.08, clear, words)
    return np.interp(y, knots, (0.7, TRACE, TRACE, 1, 1, TRACE)).astype(np.float32)
