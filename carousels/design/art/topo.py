"""Topo: the contour lines of a hilly map, every fourth one in the accent colour."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from carousels.design.art.canvas import Canvas, Noise, Planes, step_smoothly, tint

GRAIN = 0.009
STEP = 6


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray]:
    x, y = canvas.grid(STEP)
    heights = Noise(canvas.random).layered(x * 0.9 + 3, y * 0.9, 3) * 9
    slope_y, slope_x = np.gradient(heights, STEP)
    # Dividing by the slope turns a difference in height into a distance in px: even lines everywhere.
    flatness = canvas.enlarge(1 / (np.hypot(slope_x, slope_y) + 1e-6))
    heights = canvas.enlarge(heights)

    planes = canvas.fill(tokens["base"])
    tint(planes, tokens["raised"], step_smoothly(-1.2, 2.5, heights) * np.float32(0.9))

    line = np.abs(heights - np.rint(heights)) * flatness
    tint(planes, tokens["line"], (1 - step_smoothly(0.6, 1.7, line)) * np.float32(0.30))

    quarter = heights * np.float32(0.25)
    index_line = np.abs(quarter - np.rint(quarter)) * 4 * flatness
    tint(planes, tokens["accent"], (1 - step_smoothly(1.3, 2.6, index_line)) * np.float32(0.55))
    return planes, canvas.grain(GRAIN)
