"""Halftone: suns over waves as a risograph prints them, each ink a turned dot screen of its own.

A shape is dense on one side and thins out into ever smaller dots. Inks multiply where they overprint,
and no ink is quite in register with the one before; the paper between stays bare.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from carousels.design.art.canvas import Area, Canvas, Planes, channels, crop

# Each ink's lattice of dots is spanned by (across, down) * unit px and the same turned by 90 degrees.
# It repeats after unit * (across² + down²) px, which must divide a slide's 1080 px: no seam, no sums.
SCREENS = ((1, 2, 12), (2, 1, 12), (1, 1, 18))
WIDEST = 0.72  # radius in pitches at which dots have closed up to solid ink
SHARPNESS = 8.5  # how steeply a dot's edge falls
SLIP = 0.009  # how far the inks are out of register, in slide widths


@dataclass(frozen=True)
class Plate:
    """What one ink prints: its colour, its screen, and how far it is out of register."""

    color: str
    screen: int
    slip_x: float
    slip_y: float


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, None]:
    planes = canvas.fill(tokens["base"])
    plates = [
        Plate(color, order, *canvas.random.uniform(-SLIP, SLIP, 2).tolist())
        for order, color in enumerate(tokens["inks"])
    ]
    starts = int(canvas.random.integers(3))
    for place in range(-1, canvas.total + 1):
        _print_suns(canvas, planes, plates, place, place + starts)
    _print_waves(canvas, planes, plates)
    return planes, None


def _print_suns(canvas: Canvas, planes: Planes, plates: list[Plate], place: int, turn: int) -> None:
    """A large sun in two inks astride the seam, and a small one in the third beside it."""
    first, second, third = (plates[(turn + step) % 3] for step in range(3))
    x = place + 1 + canvas.random.uniform(-0.1, 0.1)
    y = canvas.tallness * canvas.random.uniform(0.06, 0.22)
    radius = (0.28 + 0.07 * canvas.tallness) * canvas.random.uniform(0.8, 1.2)
    _print_disc(canvas, planes, first, x, y, radius, dense_above=False)
    _print_disc(canvas, planes, second, x, y, radius, dense_above=True)

    y = canvas.tallness * canvas.random.uniform(0.05, 0.26)
    _print_disc(canvas, planes, third, x - 0.5, y, radius * 0.34, dense_above=turn % 2 == 0)


def _print_disc(
    canvas: Canvas, planes: Planes, plate: Plate, x: float, y: float, radius: float, dense_above: bool
) -> None:
    x, y = x + plate.slip_x, y + plate.slip_y
    area = canvas.surround(x, y, radius)
    if area is None:
        return
    _, down = canvas.axes(area)
    slope = (down - np.float32(y)) * np.float32((-0.62 if dense_above else 0.62) / radius)
    _ink(canvas, planes, plate, area, slope + np.float32(0.45), canvas.find_rim(area, x, y, radius))


def _print_waves(canvas: Canvas, planes: Planes, plates: list[Plate]) -> None:
    """Two swells along the foot: the back one thins out downwards, the front one closes up."""
    for order, plate in enumerate(plates[:2]):
        length, phase = canvas.random.uniform(0.8, 1.6), canvas.random.uniform(0, 6.28)
        crest = canvas.tallness * (0.77 + 0.1 * order)
        top = crest - 0.11
        area = canvas.clip(canvas.index, top, canvas.index + 1, canvas.tallness)
        if area is None:
            continue
        x, y = canvas.axes(area)
        swell = np.sin(x * np.float32(6.28 / length) + np.float32(phase)) * np.float32(0.06)
        swell += np.sin(x * np.float32(6.28 / 2.7) + np.float32(phase * 2)) * np.float32(0.03)
        depth = y - (np.float32(crest) + swell + np.float32(plate.slip_y))
        foot = np.float32(canvas.tallness - crest)
        tone = 0.95 - depth / foot * np.float32(0.9) if order == 0 else 0.4 + depth / foot * np.float32(0.7)
        _ink(canvas, planes, plate, area, tone, -depth)


def _ink(canvas: Canvas, planes: Planes, plate: Plate, area: Area, tone: np.ndarray, rim: np.ndarray) -> None:
    """Print `tone` (0 bare, 1 solid) as dots where `rim`, in world units from the edge, is negative."""
    dots = np.clip((tone - _screen(plate.screen, area)) * np.float32(SHARPNESS) + np.float32(0.5), 0, 1)
    dots *= np.clip(np.float32(0.5) - rim * np.float32(canvas.width / 1.5), 0, 1)
    for plane, level in zip(crop(planes, area), channels(plate.color), strict=True):
        plane *= 1 - dots * np.float32(1 - level / 255)


def _screen(order: int, area: Area) -> np.ndarray:
    """The tone above which each pixel of the area is inked."""
    tile = _tile(order)
    left, top, right, bottom = area
    rows, columns = np.arange(top, bottom) % len(tile), np.arange(left, right) % len(tile)
    return tile[rows[:, None], columns]


@cache
def _tile(order: int) -> np.ndarray:
    across, down, unit = SCREENS[order]
    square = across * across + down * down
    places = np.arange(unit * square, dtype=np.float32) / np.float32(unit * square)
    x, y = places[None], places[:, None]
    u, v = x * across + y * down, y * across - x * down
    return (np.hypot(u - np.rint(u), v - np.rint(v)) / np.float32(WIDEST) + np.float32(0.06)).astype(
        np.float32
    )
