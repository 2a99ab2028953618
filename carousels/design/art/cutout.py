"""Cut-out: pebbles, ferns and leaves of coloured paper, laid over each other, each with its soft shadow.

The large pieces lie astride the seams, high and low by turns; the next slide completes them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import ImageFilter

from carousels.design.art.canvas import Canvas, Planes, crop, lay, tint, to_mask

STEP = 5
SHADOW_STEP = 10
SHADOW = 0.42  # opacity in the middle of a shadow
BLUR = 1.9  # of a shadow, in coarse samples
PAD = 4 * SHADOW_STEP  # px around a piece that its shadow may reach
VEIN = 0.32  # opacity of the shadow's colour along the middle of a leaf
SHADOW_SHIFT = (0.006, 0.013)  # the light comes from above, a little from the left

Field = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Piece:
    """A piece of paper around (x, y): `field` is negative inside it, and positive beyond `reach`.

    `turn` in radians; `wobble` are three numbers in 0..2 pi that make no two pieces alike.
    """

    field: Field
    x: float
    y: float
    size: float
    turn: float
    wobble: np.ndarray
    color: str

    @property
    def reach(self) -> float:
        """How far it extends from its middle, in slide widths."""
        return self.size * (1.32 if self.field is _pebble else 1.06)


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, None]:
    planes = canvas.fill(tokens["base"])
    for piece in _arrange(canvas, tokens["shapes"]):
        _lay_piece(canvas, planes, piece, tokens["shadow"])
    return planes, None


def _arrange(canvas: Canvas, colors: list[str]) -> list[Piece]:
    """From the bottom of the pile upwards, place by place."""
    random, count = canvas.random, len(colors)
    offset, starts_high = int(random.integers(count)), int(random.integers(2))
    growth = 0.72 + 0.22 * canvas.tallness
    pieces: list[Piece] = []

    def add(field: Field, x: float, y: float, size: float, turn: float, tone: int) -> None:
        color = colors[(offset + tone) % count]
        wobble = (random.random(3) * 2 * np.pi).astype(np.float32)
        pieces.append(Piece(field, x, y, size * growth, turn, wobble, color))

    def grow(field: Field, x: float, y: float, length: float, turn: float, tone: int) -> None:
        """A leaf from its foot at (x, y)."""
        half = length / 2 * growth
        add(field, x + float(np.cos(turn)) * half, y + float(np.sin(turn)) * half, length / 2, turn, tone)

    for place in range(canvas.total + 1):
        is_high = place % 2 == starts_high
        edge, inward = (0.0, 1) if is_high else (canvas.tallness, -1)
        sway = random.uniform(-0.05, 0.05)

        upright = inward * np.pi / 2 + random.uniform(-0.35, 0.1) * inward
        grow(_fern, place + sway + 0.34, edge - inward * 0.04, 0.52, upright, 2 * place + 1)
        add(_pebble, place + sway, edge + inward * 0.12, random.uniform(0.32, 0.38), 0, 2 * place)
        add(_pebble, place + sway - 0.05, edge + inward * 0.06, random.uniform(0.17, 0.21), 0, 2 * place + 3)

        foot = canvas.tallness - edge
        middle = place + 0.5 + random.uniform(-0.1, 0.06)
        for spread in (-0.75, 0.75, 0.0):
            grow(_leaf, middle, foot + inward * 0.03, 0.33, -inward * np.pi / 2 + spread, 2 * place + 4)
        add(_pebble, middle - 0.17, foot, 0.12, 0, 2 * place + 2)
    return pieces


def _lay_piece(canvas: Canvas, planes: Planes, piece: Piece, shadow: str) -> None:
    area = canvas.surround(piece.x, piece.y, piece.reach)
    if area is None:
        return
    _cast_shadow(canvas, planes, piece, shadow)
    rim = canvas.enlarge(_measure(piece, *canvas.grid(STEP, area)), area)
    lay(crop(planes, area), piece.color, rim, canvas.width)
    if piece.field is _leaf:
        _press_vein(canvas, planes, piece, shadow)


def _press_vein(canvas: Canvas, planes: Planes, piece: Piece, color: str) -> None:
    """Exact at every pixel: between coarse samples so thin a line would break into beads."""
    cos, sin = float(np.cos(piece.turn)), float(np.sin(piece.turn))
    across, down = (abs(cos) + 0.17) * piece.size, (abs(sin) + 0.17) * piece.size
    area = canvas.clip(piece.x - across, piece.y - down, piece.x + across, piece.y + down)
    if area is None:
        return
    x, y = canvas.axes(area)
    x, y = (x - np.float32(piece.x)) / piece.size, (y - np.float32(piece.y)) / piece.size
    along = x * cos + y * sin

    aside = np.abs(y * cos - x * sin - _bend(along, piece.wobble))
    thickness = 0.012 - 0.016 * along  # none from x = 0.75 on, short of the tip
    vein = np.clip((thickness - aside) * (piece.size * canvas.width) + 0.5, 0, 1)
    tint(crop(planes, area), color, vein * np.float32(VEIN))


def _cast_shadow(canvas: Canvas, planes: Planes, piece: Piece, color: str) -> None:
    area = canvas.surround(piece.x, piece.y, piece.reach + PAD / canvas.width)
    if area is None:
        return
    left, top, right, bottom = area
    around = (left - PAD, top - PAD, right + PAD, bottom + PAD)  # or the blur would see the slide's edge
    x, y = canvas.grid(SHADOW_STEP, around)
    inside = np.clip(0.5 - _measure(piece, x - SHADOW_SHIFT[0], y - SHADOW_SHIFT[1]) * 120, 0, 1)
    soft = np.asarray(to_mask(inside).filter(ImageFilter.GaussianBlur(BLUR)), np.float32)
    shade = canvas.enlarge(soft * np.float32(SHADOW / 255), around)
    tint(crop(planes, area), color, shade[PAD : PAD + bottom - top, PAD : PAD + right - left])


def _measure(piece: Piece, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Distance in world units from the piece's rim: its field, divided by how steep that is."""
    cos, sin = float(np.cos(piece.turn)), float(np.sin(piece.turn))  # or all becomes float64
    x, y = (x - piece.x) / piece.size, (y - piece.y) / piece.size
    field = piece.field(x * cos + y * sin, y * cos - x * sin, piece.wobble)

    steps = (float(y[1, 0] - y[0, 0]), float(x[0, 1] - x[0, 0]))
    down, across = np.gradient(field, *steps)
    return field / np.maximum(np.hypot(down, across), 0.5) * piece.size


def _pebble(x: np.ndarray, y: np.ndarray, wobble: np.ndarray) -> np.ndarray:
    angle = np.arctan2(y, x)
    waves = 0.16 * np.sin(2 * angle + wobble[0]) + 0.10 * np.sin(3 * angle + wobble[1])
    return np.hypot(x, y) - 1 - waves - 0.05 * np.sin(5 * angle + wobble[2])


def _leaf(x: np.ndarray, y: np.ndarray, wobble: np.ndarray) -> np.ndarray:
    """From its foot at x = -1 to its tip at x = 1, bent a little."""
    middle = np.hypot(y - _bend(x, wobble), 0.02)  # rounds the tip
    return middle - 0.42 * (1 - x * x) * (1.05 - 0.22 * x)


def _bend(x: np.ndarray, wobble: np.ndarray) -> np.ndarray:
    """Where the middle of a leaf runs."""
    return (0.14 * float(np.sin(wobble[0]))) * x * x


def _fern(x: np.ndarray, y: np.ndarray, wobble: np.ndarray) -> np.ndarray:
    """A frond with round fingers that lean towards its tip at x = 1.

    The notches end round and short of the middle: narrower ones would fall between the samples.
    """
    side = np.hypot(y - 0.2 * np.sin(wobble[0]) * x * x, 0.03)
    along = np.clip((x + 1) / 2 - 0.22 * side, 0, 1)
    fingers = (1 - np.abs(np.cos(along * np.pi * 4.5)) ** 3) ** 0.7  # the last one is the tip
    width = np.sqrt(along) * np.clip(1 - x, 0, 2)
    return side - width * (0.06 + 0.8 * np.hypot(fingers, 0.22 + 0.5 * along**4))
