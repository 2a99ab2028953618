"""Orbs: glossy spheres adrift in soft daylight, near ones sharp, far ones dissolved by distance."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from carousels.design.art.canvas import Canvas, Planes, channels, crop, step_smoothly, tint

GRAIN = 0.004
LIGHT = np.array((-0.48, -0.62, 0.62))


@dataclass(frozen=True)
class Stand:
    """Where a sphere stands: from the seam, as shares of the height, and how much each may vary."""

    x: float
    sway: float
    high: float
    low: float
    radius: float
    more: float


STANDS = (
    Stand(x=0, sway=0.09, high=0.09, low=0.91, radius=0.25, more=0.13),
    Stand(x=0.55, sway=0.10, high=0.94, low=0.05, radius=0.08, more=0.08),
    Stand(x=0.33, sway=0.08, high=0.82, low=0.17, radius=0.028, more=0.03),
)


@dataclass(frozen=True)
class Orb:
    """One sphere; its colour runs from `lit` on the side of the light to `deep`."""

    x: float
    y: float
    radius: float
    lit: str
    deep: str


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray | None]:
    haze, orbs = _place_haze(canvas, tokens), _place_orbs(canvas, tokens["orbs"])
    planes = _draw_light(canvas, tokens["base"], haze, orbs, tokens["shade"])
    for orb in orbs:
        _draw_orb(canvas, planes, orb, tokens["gloss"])
    return planes, canvas.grain(GRAIN)


def _place_haze(canvas: Canvas, tokens: Mapping[str, Any]) -> list[tuple[float, float, float, str]]:
    random, blots = canvas.random, []
    for order, place in enumerate(np.arange(-0.5, canvas.total + 0.6, 0.5)):
        x, y = float(place) + random.uniform(-0.15, 0.15), random.uniform(0, 1) * canvas.tallness
        blots.append((x, y, random.uniform(0.35, 0.6), tokens["haze"][order % len(tokens["haze"])]))
    return blots


def _place_orbs(canvas: Canvas, pairs: list[list[str]]) -> list[Orb]:
    """Far ones first: a giant at each seam, high and low by turns, and a middle and a small one across."""
    random, orbs = canvas.random, []
    first = int(random.integers(len(pairs)))
    for place in range(-1, canvas.total + 2):
        high = (place + first) % 2 == 1
        for step, stand in enumerate(STANDS):
            away_x, away_y, size = random.uniform(-1, 1), random.uniform(-1, 1), random.random()
            x = place + stand.x + stand.sway * away_x
            y = (stand.high if high else stand.low) + 0.03 * away_y
            lit, deep = pairs[(first + place + step) % len(pairs)]
            orbs.append(Orb(x, y * canvas.tallness, stand.radius + stand.more * size, lit, deep))
    return [orb for orb in orbs if -0.7 < orb.x - canvas.index < 1.7]


def _draw_light(
    canvas: Canvas, base: str, haze: list[tuple[float, float, float, str]], orbs: list[Orb], shade: str
) -> Planes:
    """Daylight with blurred colours in it, and the soft shadows of the spheres."""
    x, y = canvas.grid(12)
    field = [np.full(np.broadcast_shapes(x.shape, y.shape), tone, np.float64) for tone in channels(base)]
    for blot_x, blot_y, radius, color in haze:
        tint(field, color, 0.85 * np.exp(-((x - blot_x) ** 2 + (y - blot_y) ** 2) / radius**2 * 1.8))
    for orb in orbs:
        fall = np.hypot(x - orb.x - orb.radius * 0.16, y - orb.y - orb.radius * 0.28) / orb.radius
        tint(field, shade, 0.34 * step_smoothly(1.45, 0.55, fall))
    return [canvas.enlarge(plane) for plane in field]


def _draw_orb(canvas: Canvas, planes: Planes, orb: Orb, gloss: str) -> None:
    reach = orb.radius + 0.004
    area = canvas.clip(orb.x - reach, orb.y - reach, orb.x + reach, orb.y + reach)
    if area is None:
        return
    x, y = canvas.axes(area)
    away = np.sqrt((x - np.float32(orb.x)) ** 2 + (y - np.float32(orb.y)) ** 2)
    disc = np.clip((np.float32(orb.radius) - away) * np.float32(canvas.width) + np.float32(0.5), 0, 1)

    shaded = [canvas.enlarge(plane, area) for plane in _shade_orb(*canvas.grid(4, area), orb, gloss)]
    for plane, tones in zip(crop(planes, area), shaded, strict=True):
        plane += (tones - plane) * disc


def _shade_orb(x: np.ndarray, y: np.ndarray, orb: Orb, gloss: str) -> Planes:
    """A sphere's colours: a gradient in the light, a bright rim, a soft window and its sharp core."""
    normal_x, normal_y = (x - orb.x) / orb.radius, (y - orb.y) / orb.radius
    outward = np.sqrt(normal_x**2 + normal_y**2)
    normal_z = np.sqrt(np.clip(1 - outward**2, 0.0004, 1))
    facing = normal_x * LIGHT[0] + normal_y * LIGHT[1] + normal_z * LIGHT[2]

    planes = [np.full(facing.shape, tone, np.float64) for tone in channels(orb.deep)]
    tint(planes, orb.lit, step_smoothly(-0.75, 0.95, facing))
    tint(planes, gloss, 0.55 * step_smoothly(0.55, 1.0, facing) ** 2)
    tint(planes, gloss, 0.42 * np.clip(1 - normal_z, 0, 1) ** 3 * step_smoothly(0.2, -0.9, facing))
    window = np.hypot((normal_x + 0.40) / 1.15, normal_y + 0.48)
    tint(planes, gloss, 0.85 * step_smoothly(0.30, 0.02, window))
    return planes
