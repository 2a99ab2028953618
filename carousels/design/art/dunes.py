"""Dunes: a low sun, thin clouds, and ranges of sand whose crests part light from shade.

The sky keeps its light above; below, where words stand, the sand is dark by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from carousels.design.art.canvas import (
    Canvas,
    Noise,
    Planes,
    channels,
    crop,
    from_light,
    lay,
    step_smoothly,
    tint,
    to_light,
)

GRAIN = 0.006
FOOT = 0.78  # where the nearest range begins, of the height
BRIGHTEST, DIMMEST = 0.5, 0.18  # how lit the farthest and the nearest range are
FADE = 0.36  # light has gone at this depth below the ridge
HALO = 0.42  # how far a sun glows beyond its rim
LEAN = 1.1  # how far a crest wanders aside on its way down, per unit of depth


@dataclass(frozen=True)
class Scene:
    """Where things stand, in parts of the height; the radius in slide widths."""

    skyline: float
    sun: float
    radius: float


# The sun has the gap between the header and where words mostly begin.
SQUARE = Scene(skyline=0.19, sun=0.165, radius=0.062)
PORTRAIT = Scene(skyline=0.245, sun=0.172, radius=0.076)
STORY = Scene(skyline=0.235, sun=0.196, radius=0.068)


@dataclass(frozen=True)
class Range:
    """One range of dunes along the slide and a little beyond: its ridge and how lit its faces are."""

    ridge: np.ndarray  # world y of the ridge per column of the slide
    lit: np.ndarray  # 0..1 per column, `reach` columns beyond the slide on both sides
    reach: int


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray]:
    noise = Noise(canvas.random)
    scene = _choose_scene(canvas.tallness)
    sun = (canvas.random.uniform(0.69, 0.74), canvas.tallness * scene.sun)
    moon = (canvas.total - canvas.random.uniform(0.24, 0.32), canvas.tallness * (scene.sun - 0.01))

    planes = _draw_sky(canvas, tokens["sky"], scene.skyline)
    _draw_clouds(canvas, planes, noise, tokens["light"], scene.skyline)
    _draw_sun(canvas, planes, tokens["sun"], center=sun, radius=scene.radius)
    _draw_sun(canvas, planes, tokens["moon"], center=moon, radius=scene.radius * 0.45)

    count = len(tokens["hills"])
    bases = canvas.tallness * np.linspace(scene.skyline, FOOT, count)
    ranges = [_shape_range(canvas, noise, order, float(base)) for order, base in enumerate(bases)]
    for order, color in enumerate(tokens["hills"]):
        hidden = ranges[order + 1].ridge.max() if order + 1 < count else canvas.tallness
        strength = BRIGHTEST - (BRIGHTEST - DIMMEST) * order / (count - 1)
        _draw_range(canvas, planes, ranges[order], color, tokens["light"], strength, float(hidden))
    return planes, canvas.grain(GRAIN)


def _choose_scene(tallness: float) -> Scene:
    if tallness < 1.1:
        return SQUARE
    return PORTRAIT if tallness < 1.5 else STORY


def _draw_sky(canvas: Canvas, colors: list[str], skyline: float) -> Planes:
    """Colours from the top down to the skyline, mixed as light is."""
    down = np.linspace(0, 1 / (skyline + 0.04), canvas.height)
    stops = np.linspace(0, 1, len(colors))
    light = np.stack([to_light(color) for color in colors])
    levels = [from_light(np.interp(down, stops, light[:, plane])) for plane in range(3)]
    return [np.repeat(level.astype(np.float32)[:, None], canvas.width, 1) for level in levels]


def _draw_clouds(canvas: Canvas, planes: Planes, noise: Noise, color: str, skyline: float) -> None:
    area = (0, 0, canvas.width, int(canvas.height * (skyline + 0.06)))
    x, y = canvas.grid(8, area)
    veil = noise.layered(x * 0.7 + 9, y * 6.5, 2)
    band = step_smoothly(skyline * 0.2, skyline * 0.8, y / canvas.tallness)
    clouds = canvas.enlarge(step_smoothly(0.04, 0.5, veil) * band * 0.34, area)
    tint(crop(planes, area), color, clouds)


def _draw_sun(
    canvas: Canvas, planes: Planes, color: str, *, center: tuple[float, float], radius: float
) -> None:
    """A disc in its glow."""
    sun_x, sun_y = center
    area = canvas.surround(sun_x, sun_y, radius + HALO)
    if area is None:
        return
    x, y = canvas.grid(8, area)
    beyond = np.clip((np.hypot(x - sun_x, y - sun_y) - radius) / HALO, 0, 1)
    tint(crop(planes, area), color, canvas.enlarge((1 - beyond) ** 4 * 0.42, area))

    area = canvas.surround(sun_x, sun_y, radius)
    if area is not None:
        lay(crop(planes, area), color, canvas.find_rim(area, sun_x, sun_y, radius), canvas.width)


def _shape_range(canvas: Canvas, noise: Noise, order: int, base: float) -> Range:
    """Sharp crests where the noise changes sign, round valleys between."""
    reach = canvas.width // 2
    columns = np.arange(-reach - 1, canvas.width + reach + 1) / canvas.width + canvas.index
    size = 0.38 + 0.16 * order  # near dunes are larger

    crest = np.abs(noise(columns / size + 7.3 * order, np.full_like(columns, 3.7 + 5.3 * order)))
    swell = (0.5 + 0.5 * order) * noise(columns * 0.6 + 11 * order, np.full_like(columns, 9.1 * order + 0.4))
    ridge = base + 0.21 * size * crest + 0.03 * swell

    slope = np.gradient(ridge) * canvas.width
    lit = step_smoothly(-0.06, 0.16, slope)  # light comes from the right
    inner = slice(reach + 1, reach + 1 + canvas.width)
    return Range(ridge[inner].astype(np.float32), lit.astype(np.float32), reach + 1)


def _draw_range(
    canvas: Canvas, planes: Planes, dunes: Range, color: str, light: str, strength: float, hidden: float
) -> None:
    """Everything below the ridge: two tones, parted by crests that run down aslant."""
    first = int(np.clip(dunes.ridge.min() * canvas.width - 2, 0, canvas.height))
    last = int(np.clip(hidden * canvas.width + 2, 0, canvas.height))
    if first >= last:
        return
    area = (0, first, canvas.width, last)
    _, y = canvas.axes(area)
    depth = y - dunes.ridge

    start = np.arange(canvas.width, dtype=np.float32) + np.float32(dunes.reach)
    columns = start - depth * (np.float32(LEAN * canvas.width) - depth * np.float32(canvas.width))
    lit = dunes.lit.take(columns.astype(np.int32), mode="clip")
    lit *= np.clip(1 - depth * np.float32(1 / FADE), 0, 1) * np.float32(strength)

    mask = np.clip(depth * np.float32(canvas.width / 1.6) + np.float32(0.5), 0, 1)
    for plane, tone, bright in zip(crop(planes, area), channels(color), channels(light), strict=True):
        plane += (np.float32(tone) + lit * np.float32(bright - tone) - plane) * mask
