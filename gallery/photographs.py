"""Stand-ins for photographs: scenes with the light, blur, noise and glare that drawn art has not.

They are computed, so that no picture has to be kept; what a camera does to a scene is what counts here.
"""

from collections.abc import Callable
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

SIZE = (1200, 1200)


def make() -> dict[str, bytes]:
    """Name to JPEG."""
    return {name: _expose(scene(np.random.default_rng(7)), seed) for seed, (name, scene) in enumerate(SCENES)}


def _portrait(random: np.random.Generator) -> Image.Image:
    scene = _lights(random, ground=(92, 78, 66), count=26, colors=((240, 200, 140), (150, 160, 170)))
    draw = ImageDraw.Draw(scene)
    draw.ellipse((560, 760, 1300, 1700), fill=(44, 58, 74))
    draw.ellipse((760, 330, 1090, 760), fill=(206, 156, 126))
    draw.pieslice((735, 270, 1115, 640), 170, 370, fill=(48, 32, 26))
    return scene.filter(ImageFilter.GaussianBlur(5))


def _city_at_night(random: np.random.Generator) -> Image.Image:
    colors = ((255, 190, 80), (255, 80, 70), (90, 150, 255), (250, 250, 240))
    return _lights(random, ground=(10, 12, 24), count=140, colors=colors)


def _white_desk(random: np.random.Generator) -> Image.Image:
    scene = _slope((252, 251, 248), (222, 224, 228))
    draw = ImageDraw.Draw(scene)
    draw.rounded_rectangle((160, 620, 760, 1060), 18, fill=(250, 250, 250), outline=(205, 205, 208), width=6)
    draw.ellipse((800, 180, 1080, 460), fill=(255, 255, 255), outline=(214, 210, 205), width=12)
    draw.ellipse((850, 230, 1030, 410), fill=(86, 54, 36))
    draw.line((200, 560, 700, 520), fill=(40, 40, 44), width=14)
    return scene.filter(ImageFilter.GaussianBlur(2))


def _mountains(random: np.random.Generator) -> Image.Image:
    scene = _slope((150, 186, 224), (252, 214, 176))
    draw = ImageDraw.Draw(scene)
    for order, tone in enumerate(((128, 146, 176), (84, 104, 130), (40, 58, 66))):
        steps = random.normal(0, 14, 61).cumsum()
        ridge = [(x * 20, 560 + order * 190 + y) for x, y in enumerate(steps)]
        draw.polygon([(0, 1200), *ridge, (1200, 1200)], fill=tone)
    return scene


def _leaves(random: np.random.Generator) -> Image.Image:
    scene = Image.new("RGB", SIZE, (22, 54, 30))
    draw = ImageDraw.Draw(scene)
    for x, y, size in zip(
        *random.uniform((0,), (1200,), (2, 500)), random.uniform(20, 110, 500), strict=True
    ):
        green = int(random.uniform(70, 190))
        draw.ellipse((x, y, x + size, y + size * 0.45), fill=(green // 2, green, green // 3))
    return scene.filter(ImageFilter.GaussianBlur(1.5))


def _lights(random: np.random.Generator, *, ground: tuple, count: int, colors: tuple) -> Image.Image:
    """Lights out of focus over a dark ground."""
    scene = Image.new("RGB", SIZE, ground)
    draw = ImageDraw.Draw(scene, "RGBA")
    for x, y, radius in random.uniform((0, 0, 14), (1200, 1200, 62), (count, 3)):
        color = (*colors[int(random.integers(len(colors)))], int(random.uniform(60, 220)))
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=color)
    return scene.filter(ImageFilter.GaussianBlur(4))


def _slope(top: tuple, bottom: tuple) -> Image.Image:
    down = np.linspace(0, 1, SIZE[1])[:, None, None]
    levels = np.array(top) * (1 - down) + np.array(bottom) * down
    return Image.fromarray(np.broadcast_to(levels, (SIZE[1], SIZE[0], 3)).astype(np.uint8))


def _expose(scene: Image.Image, seed: int) -> bytes:
    """Sensor noise and a darker rim, then the camera's JPEG."""
    levels = np.asarray(scene, np.float32)
    y, x = np.mgrid[-1 : 1 : levels.shape[0] * 1j, -1 : 1 : levels.shape[1] * 1j]
    noise = np.random.default_rng(seed).normal(0, 5, levels.shape[:2])
    exposed = levels * (1 - 0.16 * (x * x + y * y))[..., None] + noise[..., None]
    encoded = BytesIO()
    Image.fromarray(np.clip(exposed, 0, 255).astype(np.uint8)).save(encoded, "JPEG", quality=93)
    return encoded.getvalue()


SCENES: tuple[tuple[str, Callable[[np.random.Generator], Image.Image]], ...] = (
    ("portrait", _portrait),
    ("city at night", _city_at_night),
    ("white desk", _white_desk),
    ("mountains", _mountains),
    ("leaves", _leaves),
)
