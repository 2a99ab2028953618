"""Editorial: a few flat segments and many hairlines on paper, spaced like the pictures of a magazine."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from carousels.design.art.canvas import Canvas, Planes
from carousels.design.art.pen import Point, Stencil

GRAIN = 0.006
HAIR = 1.8  # px
RIPPLES = tuple(0.10 + 0.04 * ring for ring in range(8))  # radii of concentric hairlines
SQUARE = 0.62  # how far down a figure stands on a square slide, of what it does elsewhere
CLEAR = 0.008  # how far an upright edge keeps from a seam


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray | None]:
    random = canvas.random
    planes = canvas.fill(tokens["base"])
    figures = [SUN, *(OTHERS[which] for which in random.permutation(len(OTHERS)))]
    for place in range(-1, canvas.total + 1):
        across, down = random.uniform(0.60, 0.92), random.uniform(0.19, 0.24)
        if abs(place - canvas.index) > 1:
            continue
        if canvas.tallness < 1.1:
            down *= SQUARE  # the sheet begins earlier: a figure must show more than its edge
        figure, reaches = figures[place % len(figures)]
        center = _step_aside(place + across, reaches), canvas.tallness * down
        figure(canvas, planes, center, tokens)
        if place % 2:
            _lay_rings(canvas, planes, (place + 0.45, center[1] + 0.3), (0.62,), tokens["ink"])
    return planes, canvas.grain(GRAIN)


def _sun(canvas: Canvas, planes: Planes, center: Point, tokens: Mapping[str, Any]) -> None:
    _lay_disc(canvas, planes, (center[0], center[1] + 0.03), 0.31, tokens["loud"])


def _halves(canvas: Canvas, planes: Planes, center: Point, tokens: Mapping[str, Any]) -> None:
    """Two half discs that slid along their cut."""
    radius = 0.27
    for way, color in ((0, tokens["ink"]), (180, tokens["quiet"])):
        middle = center[0] + (radius / 2 if way else -radius / 2), center[1]
        _lay_wedge(canvas, planes, middle, radius, (way, way + 180), color)


def _ripples(canvas: Canvas, planes: Planes, center: Point, tokens: Mapping[str, Any]) -> None:
    """Concentric hairlines around a small full stop, all within one slide."""
    center = math.floor(center[0]) + 0.57, center[1]
    _lay_rings(canvas, planes, center, RIPPLES, tokens["ink"])
    _lay_disc(canvas, planes, center, 0.05, tokens["loud"])


def _quarter(canvas: Canvas, planes: Planes, center: Point, tokens: Mapping[str, Any]) -> None:
    _lay_wedge(canvas, planes, (center[0] - 0.25, center[1] + 0.2), 0.52, (270, 360), tokens["quiet"])
    _lay_wedge(canvas, planes, (center[0] - 0.25, center[1] + 0.2), 0.26, (270, 360), tokens["loud"])


def _eclipse(canvas: Canvas, planes: Planes, center: Point, tokens: Mapping[str, Any]) -> None:
    _lay_disc(canvas, planes, center, 0.31, tokens["ink"])
    _lay_disc(canvas, planes, (center[0] + 0.12, center[1] - 0.07), 0.27, tokens["base"])
    _lay_disc(canvas, planes, (center[0] + 0.16, center[1] - 0.09), 0.09, tokens["loud"])


# Each with how far to the right of its centre something stands upright.
SUN = (_sun, (0.31,))
OTHERS = (
    (_halves, (0.135, 0.405)),
    (_ripples, ()),
    (_quarter, (-0.25, 0.01, 0.27)),
    (_eclipse, (0.25, 0.31, 0.39)),
)


def _step_aside(x: float, reaches: Sequence[float]) -> float:
    """Near enough to x, with no edge running along the seam between two slides."""
    while any(abs((x + reach + 0.5) % 1 - 0.5) < CLEAR for reach in reaches):
        x += CLEAR / 2
    return x


def _lay_disc(canvas: Canvas, planes: Planes, center: Point, radius: float, color: str) -> None:
    stencil = Stencil.around(canvas, [center], spare=radius)
    if stencil is not None:
        stencil.disc(center, radius)
        stencil.lay(planes, color)


def _lay_wedge(
    canvas: Canvas, planes: Planes, center: Point, radius: float, turn: tuple[float, float], color: str
) -> None:
    stencil = Stencil.around(canvas, [center], spare=radius)
    if stencil is not None:
        stencil.wedge(center, radius, turn)
        stencil.lay(planes, color)


def _lay_rings(canvas: Canvas, planes: Planes, center: Point, radii: Sequence[float], color: str) -> None:
    stencil = Stencil.around(canvas, [center], spare=max(radii))
    if stencil is not None:
        for radius in radii:
            stencil.ring(center, radius, HAIR)
        stencil.lay(planes, color)
