"""Bauhaus: few large figures on calm ground, hung from the edges; the largest stand astride the seams.

The middle of a slide belongs to the card, so weight gathers at top and bottom by turns, and what is
left empty is part of the picture.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from carousels.design.art.canvas import RIM, Canvas, Planes, channels, crop, lay

REACH = 0.46  # the large figures' radius in slide widths, on a square slide
GROWTH = 0.16  # and how much they grow with each slide width of height
SWAY = (0.05, 0.10)  # how far the large figures stand off the seam: it must not part their colours
BESIDE = 0.33  # where the small figures hang: clear of the large one on the next seam


@dataclass(frozen=True)
class Corner:
    """Where a figure hangs: a point on the top or bottom edge, and the way into the slide."""

    x: float
    edge: float
    inward: int  # 1 from the top edge, -1 from the bottom edge

    def y(self, depth: float) -> float:
        return self.edge + self.inward * depth


@dataclass(frozen=True)
class Wall:
    """The slide being painted, with the few tools that the figures need. All lengths in slide widths."""

    canvas: Canvas
    planes: Planes

    def block(self, color: str, left: float, top: float, right: float, bottom: float) -> None:
        top, bottom = min(top, bottom), max(top, bottom)
        if area := self.canvas.clip(left, top, right, bottom):
            for plane, tone in zip(crop(self.planes, area), channels(color), strict=True):
                plane[:] = tone

    def disc(self, color: str, x: float, y: float, radius: float, half: int = 0) -> None:
        """A disc; `half` -1 keeps what is left of its centre, 1 what is right of it."""
        reach = radius + RIM / self.canvas.width
        left = x if half > 0 else x - reach
        right = x if half < 0 else x + reach
        if area := self.canvas.clip(left, y - reach, right, y + reach):
            rim = self.canvas.find_rim(area, x, y, radius)
            lay(crop(self.planes, area), color, rim, self.canvas.width)

    def sail(self, color: str, x: float, y: float, width: float, height: float) -> None:
        """A right triangle: its right angle at (x, y), its legs along the axes, signed."""
        left, right = sorted((x, x + width))
        top, bottom = sorted((y, y + height))
        if area := self.canvas.clip(left, top, right, bottom):
            across, down = self.canvas.axes(area)
            beyond = (across - np.float32(x)) / width + (down - np.float32(y)) / height - 1
            scale = abs(width * height) / np.hypot(width, height)
            lay(crop(self.planes, area), color, beyond * np.float32(scale), self.canvas.width)


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, None]:
    wall = Wall(canvas, canvas.fill(tokens["base"]))
    reach = REACH + GROWTH * (canvas.tallness - 1)
    starts_high = bool(canvas.random.integers(2))
    large = canvas.random.permutation(len(LARGE))
    small = canvas.random.permutation(len(SMALL))

    for place in range(canvas.total + 1):
        is_high = (place % 2 == 0) == starts_high
        wall.disc(tokens["field"], place, canvas.tallness if is_high else 0, reach)

    for place in range(canvas.total + 1):
        is_high = (place % 2 == 0) == starts_high
        colors = canvas.random.permutation(tokens["shapes"]).tolist()
        sway = canvas.random.choice([-1, 1]) * canvas.random.uniform(*SWAY)
        LARGE[large[place % len(LARGE)]](wall, _hang(canvas, place + sway, is_high), reach, colors)

        colors = canvas.random.permutation(tokens["shapes"]).tolist()
        corner = _hang(canvas, place + BESIDE, not is_high)
        SMALL[small[place % len(SMALL)]](wall, corner, reach * 0.5, colors, tokens["base"])
    return wall.planes, None


def _hang(canvas: Canvas, x: float, is_high: bool) -> Corner:
    return Corner(x, 0, 1) if is_high else Corner(x, canvas.tallness, -1)


def _target(wall: Wall, at: Corner, reach: float, colors: list[str]) -> None:
    for ring, color in enumerate(colors[:3]):
        wall.disc(color, at.x, at.edge, reach * (1 - ring / 3))


def _moon(wall: Wall, at: Corner, reach: float, colors: list[str]) -> None:
    y = at.y(reach * 0.42)
    wall.disc(colors[0], at.x, y, reach * 0.72, half=-1)
    wall.disc(colors[1], at.x, y, reach * 0.72, half=1)
    wall.disc(colors[2], at.x, y, reach * 0.24)


def _sails(wall: Wall, at: Corner, reach: float, colors: list[str]) -> None:
    wall.sail(colors[0], at.x, at.edge, -reach, at.inward * reach)
    wall.sail(colors[1], at.x, at.edge, reach * 0.62, at.inward * reach * 0.62)
    wall.disc(colors[2], at.x + reach * 0.62, at.y(reach * 0.62), reach * 0.2)


def _wings(wall: Wall, at: Corner, reach: float, colors: list[str]) -> None:
    """Two quarter discs back to back, one standing on its head."""
    wall.disc(colors[0], at.x, at.edge, reach * 0.94, half=-1)
    wall.block(colors[1], at.x, at.edge, at.x + reach * 0.94, at.y(reach * 0.47))
    wall.disc(colors[2], at.x + reach * 0.47, at.y(reach * 0.47), reach * 0.47)


def _bars(wall: Wall, at: Corner, reach: float, colors: list[str]) -> None:
    """Long beams over the seam, stepped like an organ's pipes."""
    thick = reach * 0.2
    for order, (start, end) in enumerate(((-1.0, 0.55), (-0.62, 0.9), (-0.3, 0.7))):
        top = at.y(thick * order)
        wall.block(colors[order], at.x + start * reach, top, at.x + end * reach, at.y(thick * (order + 1)))


def _dots(wall: Wall, at: Corner, reach: float, colors: list[str], base: str) -> None:
    step = reach * 0.4
    for row in range(2):
        for column in range(-2, 3):
            wall.disc(colors[0], at.x + column * step, at.y(step * (row + 0.62)), step * 0.26)


def _comb(wall: Wall, at: Corner, reach: float, colors: list[str], base: str) -> None:
    step = reach / 5
    for tooth in range(-4, 5, 2):
        left = at.x + (tooth - 0.5) * step
        wall.block(colors[0], left, at.edge, left + step, at.y(reach * (0.72 + 0.04 * tooth)))


def _hill(wall: Wall, at: Corner, reach: float, colors: list[str], base: str) -> None:
    wall.disc(colors[0], at.x - reach * 0.25, at.edge, reach * 0.75)
    wall.disc(base, at.x - reach * 0.25, at.edge, reach * 0.38)
    wall.disc(colors[1], at.x + reach * 0.78, at.y(reach * 0.3), reach * 0.3)


def _teeth(wall: Wall, at: Corner, reach: float, colors: list[str], base: str) -> None:
    step = reach * 0.5
    for tooth in range(-2, 2):
        wall.sail(colors[tooth % 2], at.x + tooth * step, at.edge, step, at.inward * step)


LARGE: tuple[Callable[[Wall, Corner, float, list[str]], None], ...] = (_target, _moon, _sails, _wings, _bars)
SMALL: tuple[Callable[[Wall, Corner, float, list[str], str], None], ...] = (_dots, _comb, _hill, _teeth)
