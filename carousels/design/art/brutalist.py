"""Brutalist: loud flat fields cut apart by thick black edges, and big stickers with hard shadows."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from carousels.design.art.canvas import Canvas, Planes, channels
from carousels.design.art.pen import Point, Stencil

EDGE = 9  # px, every black line
SHADOW = 0.018
BAND, LAP = 150, 40  # px: an edge is drawn in bands, and looked for a little beyond each
WAVE = 0.36  # from crest to crest of an edge between two fields


@dataclass(frozen=True)
class Figure:
    """A sticker. `kind` counts through FIGURES; `turned` in degrees."""

    center: Point
    radius: float
    kind: int
    turned: float
    color: str

    def point(self, degrees: float, share: float = 1) -> Point:
        turn, reach = math.radians(degrees + self.turned), self.radius * share
        return self.center[0] + math.cos(turn) * reach, self.center[1] + math.sin(turn) * reach


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray | None]:
    fields = tokens["fields"]
    first = int(canvas.random.integers(len(fields)))
    fields = [*fields[first:], *fields[:first]]
    edges, figures = _place_edges(canvas), _place_figures(canvas, fields)

    planes = canvas.fill(_field_color(fields, canvas.index))
    _draw_field(canvas, planes, edges[canvas.index], fields, tokens["edge"])
    for figure in figures:
        _draw_figure(canvas, planes, figure, tokens["edge"])
    return planes, None


def _field_color(fields: list[str], order: int) -> str:
    return fields[order % len(fields)]


def _place_edges(canvas: Canvas) -> list[list[Point]]:
    """In each slide one line from top to foot, where one field ends and the next begins."""
    random, edges = canvas.random, []
    turns = np.arange(-1, canvas.tallness / WAVE + 1, 1 / 16)
    first = int(random.integers(len(WAVES)))
    for place in range(canvas.total):
        middle, tilt = place + random.uniform(0.42, 0.58), random.choice((-1, 1)) * random.uniform(0.1, 0.3)
        y = (turns - random.uniform(0, 1)) * WAVE
        x = middle + tilt * (y - canvas.tallness / 2) + WAVES[(first + place) % len(WAVES)](turns)
        edges.append([(float(across), float(down)) for across, down in zip(x, y, strict=True)])
    return edges


def _roll(turns: np.ndarray) -> np.ndarray:
    return 0.055 * np.sin(turns * 2 * np.pi)


def _zigzag(turns: np.ndarray) -> np.ndarray:
    return 0.22 * np.abs(turns % 1 - 0.5)


def _straight(turns: np.ndarray) -> np.ndarray:
    return 0 * turns


WAVES: tuple[Callable[[np.ndarray], np.ndarray], ...] = (_roll, _zigzag, _straight)


def _draw_field(canvas: Canvas, planes: Planes, edge: list[Point], fields: list[str], ink: str) -> None:
    """The field to the right of an edge, and the edge; band by band, because a leaning line is mostly air."""
    color = _field_color(fields, canvas.index + 1)
    far = canvas.index + 1.1
    for top in range(0, canvas.height, BAND):
        bottom = min(top + BAND, canvas.height)
        near = [x for x, y in edge if top - LAP < y * canvas.width < bottom + LAP]
        strip = canvas.clip(min(near) - 0.01, 0, max(near) + 0.01, canvas.tallness)
        if strip is None:
            continue
        left, right = strip[0], strip[2]
        field, line = (Stencil(canvas, (left, top, right, bottom)) for _ in range(2))
        field.polygon([*edge, (far, edge[-1][1]), (far, edge[0][1])])
        field.lay(planes, color)
        line.line(edge, EDGE)
        line.lay(planes, ink)
        for plane, tone in zip(planes, channels(color), strict=True):
            plane[top:bottom, right:] = tone


def _place_figures(canvas: Canvas, fields: list[str]) -> list[Figure]:
    """A large sticker on each seam, high and low by turns, and a smaller one across from it."""
    random, figures = canvas.random, []
    kinds = random.permutation(len(FIGURES))
    for place in range(canvas.total + 1):
        high = place % 2 == 1
        # Never upright on the seam itself, which would cut it along an edge.
        x = place + random.choice((-1, 1)) * random.uniform(0.02, 0.05)
        y = canvas.tallness * (0.13 if high else 0.87)
        radius, turned = random.uniform(0.23, 0.30), random.choice((-1, 1)) * random.uniform(6, 25)
        kind = int(kinds[2 * place % len(kinds)])
        figures.append(Figure((x, y), radius, kind, turned, _field_color(fields, place + 2)))

        x, y = place + random.uniform(0.4, 0.6), canvas.tallness * (0.95 if high else 0.04)
        radius, turned = random.uniform(0.09, 0.13), random.uniform(-25, 25)
        kind = int(kinds[(2 * place + 1) % len(kinds)])
        figures.append(Figure((x, y), radius, kind, turned, _field_color(fields, place + 3)))
    return [figure for figure in figures if -0.4 < figure.center[0] - canvas.index < 1.4]


def _draw_figure(canvas: Canvas, planes: Planes, figure: Figure, edge: str) -> None:
    trace, details = FIGURES[figure.kind]
    outline = trace(figure)
    outline.append(outline[0])
    black = Stencil.around(canvas, outline, spare=SHADOW + 0.01)
    if black is None:
        return
    black.polygon([(x + SHADOW, y + SHADOW) for x, y in outline])
    black.polygon(outline)
    black.line(outline, EDGE)
    black.lay(planes, edge)

    color = Stencil(canvas, black.area)
    color.polygon(outline)
    details(color, figure)
    color.line(outline, EDGE, tone=0)
    color.lay(planes, figure.color)


def _trace_burst(figure: Figure) -> list[Point]:
    return [figure.point(spike * 12, 1 if spike % 2 else 0.74) for spike in range(30)]


def _trace_spark(figure: Figure) -> list[Point]:
    return [figure.point(spike * 45, 0.36 if spike % 2 else 1.12) for spike in range(8)]


def _trace_flower(figure: Figure) -> list[Point]:
    return [figure.point(turn, 0.86 + 0.14 * math.cos(math.radians(turn * 8))) for turn in range(0, 360, 5)]


def _trace_disc(figure: Figure) -> list[Point]:
    return [figure.point(turn) for turn in range(0, 360, 5)]


def _trace_square(figure: Figure) -> list[Point]:
    return [figure.point(turn, 1.1) for turn in range(45, 405, 90)]


def _trace_pill(figure: Figure) -> list[Point]:
    """A lying capsule, twice as long as it is high."""
    ends = []
    for way, turns in ((1, range(-90, 91, 6)), (-1, range(90, 271, 6))):
        middle = figure.point(0, way * 0.66)
        end = Figure(middle, figure.radius * 0.52, 0, figure.turned, "")
        ends += [end.point(turn) for turn in turns]
    return ends


def _leave_plain(_color: Stencil, _figure: Figure) -> None:
    """No details."""


def _ring_target(color: Stencil, figure: Figure) -> None:
    for share in (0.68, 0.36):
        color.ring(figure.center, figure.radius * share, EDGE, tone=0)


def _check_square(color: Stencil, figure: Figure) -> None:
    """A checkerboard of four by four."""
    corner, across, down = (figure.point(turn, 1.1) for turn in (225, 315, 135))
    right = (across[0] - corner[0]) / 4, (across[1] - corner[1]) / 4
    below = (down[0] - corner[0]) / 4, (down[1] - corner[1]) / 4
    for cell in range(16):
        column, row = cell % 4, cell // 4
        if (column + row) % 2:
            continue
        x = corner[0] + right[0] * column + below[0] * row
        y = corner[1] + right[1] * column + below[1] * row
        color.polygon(
            [
                (x, y),
                (x + right[0], y + right[1]),
                (x + right[0] + below[0], y + right[1] + below[1]),
                (x + below[0], y + below[1]),
            ],
            tone=0,
        )


def _dot_flower(color: Stencil, figure: Figure) -> None:
    color.disc(figure.center, figure.radius * 0.30, tone=0)


FIGURES: tuple[tuple[Callable[[Figure], list[Point]], Callable[[Stencil, Figure], None]], ...] = (
    (_trace_burst, _leave_plain),
    (_trace_flower, _dot_flower),
    (_trace_disc, _ring_target),
    (_trace_square, _check_square),
    (_trace_pill, _leave_plain),
    (_trace_spark, _leave_plain),
)
