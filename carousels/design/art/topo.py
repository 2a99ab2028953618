"""Topo: a walker's map. Contour lines, every fifth one strong, the land's relief, the crosses of a grid."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from carousels.design.art.canvas import BAND, Canvas, Noise, Planes, crop, step_smoothly, tint

GRAIN = 0.005
STEP = 5
LINES = 21  # contour lines to one unit of height
INDEX = 5  # every so many lines a strong one
CALM = 0.38  # how much of the lines is left at the foot, where words stand
GRID = 4  # crosses of the map's grid to a slide's width
CROSS = 0.010  # half the length of a cross's arm, in slide widths


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray]:
    x, y = canvas.grid(STEP)
    heights = Noise(canvas.random).layered(x * 0.8 + 3, y * 0.8, 3).astype(np.float32)
    down, across = np.gradient(heights, STEP / canvas.width)

    planes = canvas.fill(tokens["base"])
    relief = 0.42 + 0.55 * heights - 0.20 * (across + down)  # lit from the upper left
    tint(planes, tokens["raised"], canvas.enlarge(np.clip(relief, 0, 1)))

    # Dividing by the slope turns a difference in height into a distance in px: even lines everywhere.
    flatness = canvas.enlarge(canvas.width / LINES / (np.hypot(across, down) + 0.02))
    heights = canvas.enlarge(heights * LINES)
    _, rows = canvas.axes()
    calm = 1 - np.float32(1 - CALM) * step_smoothly(0.2, 0.6, rows / np.float32(canvas.tallness))
    _draw_lines(planes, tokens["line"], heights, flatness, 1.15, calm * np.float32(0.42))
    flatness *= np.float32(INDEX)
    heights *= np.float32(1 / INDEX)
    _draw_lines(planes, tokens["accent"], heights, flatness, 1.9, calm * np.float32(0.56))

    _draw_grid(canvas, planes, tokens["line"], calm)
    return planes, canvas.grain(GRAIN)


def _draw_lines(
    planes: Planes, color: str, heights: np.ndarray, flatness: np.ndarray, width: float, strength: np.ndarray
) -> None:
    """A line `width` px wide wherever the height is a whole number."""
    for first in range(0, len(heights), BAND):
        rows = slice(first, first + BAND)
        distance = heights[rows] - np.rint(heights[rows])
        np.abs(distance, out=distance)
        distance *= flatness[rows]
        line = np.clip(np.float32(0.5 + width / 2) - distance, 0, 1, out=distance)
        line *= strength[rows]
        tint([plane[rows] for plane in planes], color, line)


def _draw_grid(canvas: Canvas, planes: Planes, color: str, strength: np.ndarray) -> None:
    """Small crosses where the map's grid lines meet."""
    thin = 1.0 / canvas.width
    for row in range(int(canvas.tallness * GRID) + 1):
        for column in range(GRID):  # none of them stands on a seam
            x, y = canvas.index + (column + 0.5) / GRID, (row + 0.5) / GRID
            for across, down in ((CROSS, thin), (thin, CROSS)):
                area = canvas.clip(x - across, y - down, x + across, y + down)
                if area is not None:
                    tint(crop(planes, area), color, strength[area[1] : area[3]] * np.float32(0.6))
