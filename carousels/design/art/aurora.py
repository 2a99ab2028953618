"""Aurora: warped blots of coloured light on the night, mixed in linear light."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from carousels.design.art.canvas import Canvas, Noise, Planes, from_light, to_light

GRAIN = 0.008


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray]:
    x, y = _warp(canvas)
    light = np.empty((*x.shape, 3))
    light[:] = to_light(tokens["base"])

    for order, center in enumerate(np.arange(-0.5, canvas.total + 0.6, 0.5)):
        color = to_light(tokens["mesh"][order % len(tokens["mesh"])])
        blot_x = center + canvas.random.uniform(-0.2, 0.2)
        blot_y = canvas.random.uniform(-0.1, 1.05) * canvas.tallness
        radius = canvas.random.uniform(0.32, 0.62)
        distance = ((x - blot_x) ** 2 + (y - blot_y) ** 2) / (radius * radius)
        glow = np.exp(-distance * 1.6)[..., None] * tokens["strength"]
        light = light * (1 - glow) + color * glow

    levels = from_light(light)
    return [canvas.enlarge(levels[..., plane]) for plane in range(3)], canvas.grain(GRAIN)


def _warp(canvas: Canvas) -> tuple[np.ndarray, np.ndarray]:
    """The coarse grid, pushed about by slow noise so that no blot stays a circle."""
    x, y = canvas.grid(8)
    noise = Noise(canvas.random)
    turned_x, turned_y = 0.8 * x - 0.6 * y + 5.3, 0.6 * x + 0.8 * y + 2.7
    push_x = noise.layered(turned_x * 1.1, turned_y * 1.1, 2)
    push_y = noise.layered(turned_x * 1.1 + 31.4, turned_y * 1.1 + 7.7, 2)
    return x + 0.5 * push_x, y + 0.5 * push_y
