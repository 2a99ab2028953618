"""Aurora: curtains of light over the night, crisp at the hem and fading upwards in rays, and a few stars.

Light is mixed in linear light. Below the curtains, where words stand, the night stays dark.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np

from carousels.design.art.canvas import Canvas, Noise, Planes, crop, from_light, step_smoothly, tint, to_light

GRAIN = 0.007
STEP = 6
HEMS = (0.37, 0.29, 0.21)  # where the curtains hang down to, of the height; the nearest first
STRENGTHS = (1.0, 0.8, 0.55)
STARS = 22  # per slide width of height
STAR = 0.0034  # the largest one reaches this far, in slide widths
HEADROOM = 0.6  # of the height has stars


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray]:
    noise = Noise(canvas.random)
    x, y = canvas.grid(STEP)
    light = np.empty((y.size, x.size, 3), np.float32)
    light[:] = to_light(tokens["base"])

    first = canvas.random.uniform(0, len(tokens["lights"]))
    for order, (hem, strength) in enumerate(zip(HEMS, STRENGTHS, strict=True)):
        height, glow = _hang_curtain(canvas, noise, order, hem)
        color = _color_curtain(canvas, tokens["lights"], x, height, first + order * 0.45)
        light += (color - light) * (glow * np.float32(strength * tokens["strength"]))[..., None]

    levels = from_light(light)
    planes = [canvas.enlarge(levels[..., plane]) for plane in range(3)]
    _set_stars(canvas, planes, tokens["star"])
    return planes, canvas.grain(GRAIN)


def _hang_curtain(canvas: Canvas, noise: Noise, order: int, hem: float) -> tuple[np.ndarray, np.ndarray]:
    """How high above the hem each sample lies (0 at it, 1 where the light ends), and its light in 0..1."""
    x, y = canvas.grid(STEP)
    row = 6.3 * order + 0.5
    folds = noise(x * 0.9 + 7 * order, np.full_like(x, row)) * 0.30
    folds += noise(x * 2.7 + 3 * order, np.full_like(x, row + 2)) * 0.09
    above = canvas.tallness * hem + folds - y

    rays = 0.62 + 0.5 * noise(x * 7 + 5 * order, np.full_like(x, row + 4))
    rays += 0.34 * noise(x * 19 + 2 * order, np.full_like(x, row + 6))
    presence = step_smoothly(-0.5, 0.25, noise(x * 0.8 + 13 * order, np.full_like(x, row + 8)))

    reach = canvas.tallness * (0.16 + 0.16 * np.clip(rays, 0.1, 1.2))
    height = above / reach
    fading = np.exp(-(np.clip(height, 0, 9) ** 1.3) * 1.3)
    hemline = np.exp(-np.clip(-above, 0, 9) * 9.5)  # the night below catches some of it
    presence = 0.2 + 0.8 * presence  # nowhere quite dark
    presence = presence * (0.5 + 0.5 * step_smoothly(0, 0.22, y / canvas.tallness))
    glow = np.where(above > 0, fading, hemline * 0.999) * (0.35 + 0.65 * np.clip(rays, 0, 1)) * presence
    return height.astype(np.float32), np.clip(glow, 0, 1).astype(np.float32)


def _color_curtain(
    canvas: Canvas, colors: list[str], x: np.ndarray, height: np.ndarray, first: float
) -> np.ndarray:
    """Linear light: colours follow each other along the world, and each turns into the next upwards."""
    lights = np.stack([to_light(color) for color in colors])
    count = len(colors)
    places = (x[0] * 0.62 + first) % count
    stops = np.arange(count + 1)

    def along(shift: int) -> np.ndarray:
        ring = lights[(stops + shift) % count]
        return np.stack([np.interp(places, stops, ring[:, plane]) for plane in range(3)], axis=1)

    upwards = np.clip(height * 0.7, 0, 1)[..., None]
    return (along(0) + (along(1) - along(0)) * upwards).astype(np.float32)


def _set_stars(canvas: Canvas, planes: Planes, color: str) -> None:
    count = int(STARS * canvas.tallness) * canvas.total
    for across, down, size, shine in canvas.random.random((count, 4)).tolist():
        x, y = across * canvas.total, down**1.4 * HEADROOM * canvas.tallness
        area = canvas.clip(x - STAR, y - STAR, x + STAR, y + STAR)
        if area is not None:
            columns, rows = canvas.axes(area)
            radius = STAR * (0.25 + 0.45 * size**3)
            disc = np.clip((radius - np.hypot(columns - x, rows - y)) * canvas.width + 0.5, 0, 1)
            tint(crop(planes, area), color, (disc * (0.25 + 0.6 * shine)).astype(np.float32))
