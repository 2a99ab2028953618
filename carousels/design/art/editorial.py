"""Editorial: a few flat segments and many hairlines on paper, spaced like the pictures of a magazine."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from carousels.design.art.canvas import Canvas, Planes
from carousels.design.art.pen import Point, Stencil

GRAIN = 0.006
HAIR, RULE = 1.6, 2.6  # px
STEP = 0.042  # between concentric hairlines


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray | None]:
    random = canvas.random
    planes = canvas.fill(tokens["base"])
    figures = random.permutation(len(FIGURES))
    for place in range(-1, canvas.total + 1):
        across, down, turned = random.uniform(-0.06, 0.06), random.uniform(-0.03, 0.03), random.uniform(0, 4)
        near = -1.6 < place - canvas.index < 1.6
        if not near:
            continue
        center = place + 0.68 + across, canvas.tallness * 0.27 + down
        figure = FIGURES[figures[place % len(figures)]]
        figure(canvas, planes, center, int(turned) * 90, tokens)
    return planes, canvas.grain(GRAIN)


def _sun(canvas: Canvas, planes: Planes, center: Point, turned: float, tokens: Mapping[str, Any]) -> None:
    """A full disc, and an echo of its outline."""
    _lay_disc(canvas, planes, center, 0.29, tokens["loud"])
    _lay_rings(canvas, planes, (center[0] - 0.42, center[1] + 0.1), (0.58,), tokens["ink"])


def _halves(canvas: Canvas, planes: Planes, center: Point, turned: float, tokens: Mapping[str, Any]) -> None:
    """Two half discs that slid along their cut."""
    radius = 0.27
    for way, color in ((0, tokens["ink"]), (180, tokens["quiet"])):
        middle = center[0] + (radius / 2 if way else -radius / 2), center[1]
        _lay_wedge(canvas, planes, middle, radius, (way, way + 180), color)


def _ripples(canvas: Canvas, planes: Planes, center: Point, turned: float, tokens: Mapping[str, Any]) -> None:
    """Concentric hairlines around a small full stop."""
    _lay_rings(canvas, planes, center, [0.10 + STEP * ring for ring in range(9)], tokens["ink"])
    _lay_disc(canvas, planes, center, 0.05, tokens["loud"])


def _quarter(canvas: Canvas, planes: Planes, center: Point, turned: float, tokens: Mapping[str, Any]) -> None:
    _lay_wedge(canvas, planes, (center[0] - 0.25, center[1] + 0.2), 0.52, (270, 360), tokens["quiet"])
    _lay_wedge(canvas, planes, (center[0] - 0.25, center[1] + 0.2), 0.26, (270, 360), tokens["loud"])


def _eclipse(canvas: Canvas, planes: Planes, center: Point, turned: float, tokens: Mapping[str, Any]) -> None:
    _lay_disc(canvas, planes, center, 0.31, tokens["ink"])
    _lay_disc(canvas, planes, (center[0] + 0.12, center[1] - 0.07), 0.27, tokens["base"])
    _lay_disc(canvas, planes, (center[0] + 0.16, center[1] - 0.09), 0.09, tokens["loud"])


FIGURES = (_sun, _halves, _ripples, _quarter, _eclipse)


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


def _lay_rings(canvas: Canvas, planes: Planes, center: Point, radii: Any, color: str) -> None:
    stencil = Stencil.around(canvas, [center], spare=max(radii))
    if stencil is not None:
        for radius in radii:
            stencil.ring(center, radius, HAIR)
        stencil.lay(planes, color)
