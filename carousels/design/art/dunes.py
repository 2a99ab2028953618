"""Dunes: a low sun over ranges of sand at dusk, one sun near each end of the carousel."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from carousels.design.art.canvas import Canvas, Noise, Planes, channels, from_light, tint, to_light

GRAIN = 0.009


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray]:
    noise = Noise(canvas.random)
    planes = _draw_sky(canvas, tokens["sky"])
    _draw_sun(canvas, planes, tokens["sun"], center=(0.74, 0.19 * canvas.tallness), radius=0.115)
    last = (canvas.total - 0.27, 0.18 * canvas.tallness)
    _draw_sun(canvas, planes, tokens["sun"], center=last, radius=0.09)

    for order, color in enumerate(tokens["hills"]):
        _draw_range(canvas, planes, noise, order, color)
    return planes, canvas.grain(GRAIN)


def _draw_sky(canvas: Canvas, colors: list[str]) -> Planes:
    down = np.linspace(0, 1, canvas.height)[:, None]
    top, bottom = to_light(colors[0]), to_light(colors[1])
    columns = [from_light(top[plane] * (1 - down) + bottom[plane] * down) for plane in range(3)]
    return [np.repeat(column.astype(np.float32), canvas.width, 1) for column in columns]


def _draw_sun(
    canvas: Canvas, planes: Planes, color: str, *, center: tuple[float, float], radius: float
) -> None:
    sun_x, sun_y = center
    if abs(sun_x - canvas.index - 0.5) > 1.3:  # its glow is under one level by then
        return
    coarse_x, coarse_y = canvas.grid(8)
    beyond = np.hypot(coarse_x - sun_x, coarse_y - sun_y) - radius
    tint(planes, color, canvas.enlarge(np.exp(-np.clip(beyond, 0, 9) * 7) * 0.28))

    reach = radius + 0.01
    area = canvas.clip(sun_x - reach, sun_y - reach, sun_x + reach, sun_y + reach)
    if area is None:
        return
    left, top, right, bottom = area
    x, y = canvas.axes()
    edge = np.hypot(x[:, left:right] - sun_x, y[top:bottom] - sun_y) - radius
    disc = [plane[top:bottom, left:right] for plane in planes]
    tint(disc, color, np.clip(0.5 - edge * canvas.width / 3, 0, 1))


def _draw_range(canvas: Canvas, planes: Planes, noise: Noise, order: int, color: str) -> None:
    """One range of dunes: everything below its ridge, a little darker with depth."""
    x, y = canvas.axes()
    base = canvas.tallness * (0.50 + 0.125 * order)
    swell = noise(x * (0.7 + 0.28 * order) + 11 * order, np.full_like(x, 3.7 * order)) * 1.1
    ripple = noise(x * 2.1 + 5 * order, np.full_like(x, 9.1 * order)) * 0.35
    ridge = (base + (0.13 - 0.012 * order) * (swell + ripple)).astype(np.float32)

    first = int(np.clip(ridge.min() * canvas.width - 2, 0, canvas.height))
    depth = y[first:] - ridge
    mask = np.clip(depth * np.float32(canvas.width / 3) + np.float32(0.5), 0, 1)
    shade = 1 - np.float32(0.16) * np.clip(depth * np.float32(1.3), 0, 1)
    for plane, tone in zip(planes, channels(color), strict=True):
        below = plane[first:]
        below += (tone * shade - below) * mask
