"""Bauhaus: a wall of tiles with discs, arcs and stripes; tiles straddle the seam between slides."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from carousels.design.art.canvas import Canvas, Planes, split, step_smoothly, to_mask

GRAIN = 0.008
COLUMNS = 4  # tiles across one slide
SHAPES = 8


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray]:
    seed = int(canvas.random.integers(1 << 62))
    tile = canvas.width // COLUMNS
    rows = -(-canvas.height // tile)
    wall = Image.new("RGB", (canvas.width, canvas.height))

    # Half a tile to the left, so that each slide's last tile is finished by the next slide.
    for column in range(COLUMNS + 1):
        world_column = canvas.index * COLUMNS + column
        random = np.random.default_rng((seed, world_column))
        for row in range(rows):
            corner = (column * tile - tile // 2, row * tile)
            _lay_tile(wall, corner, tile, tokens["tiles"], random)
    return split(wall), canvas.grain(GRAIN)


def _lay_tile(
    wall: Image.Image, corner: tuple[int, int], tile: int, colors: list[str], random: np.random.Generator
) -> None:
    ground, figure = random.choice(len(colors), size=2, replace=False)
    shape, turns = random.integers(SHAPES), random.integers(4)
    piece = Image.new("RGB", (tile, tile), colors[ground])
    piece.paste(colors[figure], mask=to_mask(np.rot90(_shape(int(shape), tile), int(turns))))
    wall.paste(piece, corner)


def _shape(kind: int, tile: int) -> np.ndarray:
    """A figure in the unit square, smoothed over about a pixel."""
    soft = 1.2 / tile
    places = (np.arange(tile, dtype=np.float32) + np.float32(0.5)) / np.float32(tile)
    x, y = np.broadcast_arrays(places[None], places[:, None])

    def disc(center_x: float, center_y: float, radius: float) -> np.ndarray:
        return 1 - step_smoothly(radius - soft, radius + soft, np.hypot(x - center_x, y - center_y))

    match kind:
        case 0 | 1:  # a quarter disc, twice as often as the others
            return disc(0, 0, 1)
        case 2:
            return disc(0.5, 0.5, 0.5)
        case 3:  # a triangle
            return step_smoothly(-soft, soft, x - y)
        case 4:  # an arc
            return disc(0, 0, 1) * (1 - disc(0, 0, 0.5))
        case 5:  # two half discs
            return np.maximum(disc(0.5, 0, 0.5), disc(0.5, 1, 0.5))
        case 6:  # stripes
            return 1 - step_smoothly(0.25 - soft * 3, 0.25 + soft * 3, np.abs((x * 3) % 1 - np.float32(0.5)))
        case _:  # one half
            return step_smoothly(0.5 - soft, 0.5 + soft, x)
