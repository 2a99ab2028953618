"""Halftone: two inks printed as turned dot screens, one over the other, like a risograph."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from carousels.design.art.canvas import Canvas, Noise, Planes, channels, step_smoothly

GRAIN = 0.009
PITCH = 1 / 46
SCREENS = ((15, 0), (75, 40))  # angle in degrees, place in the noise


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray]:
    noise = Noise(canvas.random)
    planes = canvas.fill(tokens["base"])
    for order, color in enumerate(tokens["inks"]):
        dots = _print_screen(canvas, noise, order)
        for plane, tone in zip(planes, channels(color), strict=True):
            plane *= 1 - dots * np.float32(1 - tone / 255)  # inks multiply where they overprint
    return planes, canvas.grain(GRAIN)


def _print_screen(canvas: Canvas, noise: Noise, order: int) -> np.ndarray:
    """One ink's dots as a mask."""
    degrees, place = SCREENS[order]
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    x, y = canvas.axes()
    u = x * np.float32(cos / PITCH) + y * np.float32(sin / PITCH)
    v = y * np.float32(cos / PITCH) - x * np.float32(sin / PITCH)
    dot_u, dot_v = np.rint(u), np.rint(v)

    # The tone is asked once a dot, not once a pixel.
    first_u, first_v = dot_u.min(), dot_v.min()
    screen_u = np.arange(first_u, dot_u.max() + 1)[:, None]
    screen_v = np.arange(first_v, dot_v.max() + 1)[None]
    dot_x, dot_y = (screen_u * cos - screen_v * sin) * PITCH, (screen_u * sin + screen_v * cos) * PITCH
    radii = _tone(noise, dot_x, dot_y, canvas.tallness, order, place)

    which = ((dot_u - first_u) * screen_v.size + (dot_v - first_v)).astype(np.int32)
    u -= dot_u
    v -= dot_v
    return 1 - step_smoothly(-0.06, 0.06, np.sqrt(u * u + v * v) - radii.take(which))


def _tone(noise: Noise, x: np.ndarray, y: np.ndarray, tallness: float, order: int, place: int) -> np.ndarray:
    """Radius of each dot, in pitches: the first ink gathers below, the second above."""
    tone = noise.layered(x * 0.8 + place, y * 0.8 + place, 2) * 1.3
    low = step_smoothly(0.30, 1.0, y / tallness)
    high = step_smoothly(0.55, 0.0, y / tallness)
    tone = tone + (low if order == 0 else high) * 0.55
    radii = np.clip(tone, 0, 1) ** 0.6 * 0.72
    radii[radii <= 0.06] = -1
    return radii.astype(np.float32)
