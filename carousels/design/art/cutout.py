"""Cut-out: blobs of coloured paper with a soft shadow; every second one is completed by the next slide."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from carousels.design.art.canvas import Area, Canvas, Noise, Planes, split, to_mask

FIBRE = 0.016 * 255  # the paper's own structure, in levels


def draw(canvas: Canvas, tokens: Mapping[str, Any]) -> tuple[Planes, np.ndarray]:
    x, y = canvas.grid(3)
    fibre = canvas.enlarge(Noise(canvas.random).layered(x * 60, y * 60, 2) * FIBRE)

    sheet = Image.new("RGB", (canvas.width, canvas.height), tokens["base"])
    for order, (center_x, center_y, radius) in enumerate(_place_blobs(canvas)):
        wobble = canvas.random.random(3) * 2 * np.pi
        reach = radius * 1.36 + 0.06
        area = canvas.clip(center_x - reach, center_y - reach, center_x + reach, center_y + reach)
        if area is not None:
            color = tokens["shapes"][order % len(tokens["shapes"])]
            _paste_blob(canvas, sheet, area, (center_x, center_y, radius), wobble, color)
    return split(sheet), fibre


def _place_blobs(canvas: Canvas) -> list[tuple[float, float, float]]:
    """Centre and radius: large ones on the seams, small ones in the middle, high and low by turns."""
    random, blobs = canvas.random, []
    for place in range(canvas.total + 1):
        high = place % 2 == 1
        blobs.append(
            (
                place + random.uniform(-0.06, 0.06),
                canvas.tallness * (0.13 if high else 0.84),
                random.uniform(0.27, 0.37),
            )
        )
        blobs.append(
            (
                place + 0.5 + random.uniform(-0.12, 0.12),
                canvas.tallness * (0.98 if high else 0.04),
                random.uniform(0.16, 0.24),
            )
        )
    return blobs


def _paste_blob(
    canvas: Canvas,
    sheet: Image.Image,
    area: Area,
    blob: tuple[float, float, float],
    wobble: np.ndarray,
    color: str,
) -> None:
    center_x, center_y, radius = blob
    x, y = canvas.grid(4, area)
    x, y = x - center_x, y - center_y
    angle = np.arctan2(y, x)
    waves = (
        0.16 * np.sin(2 * angle + wobble[0])
        + 0.10 * np.sin(3 * angle + wobble[1])
        + 0.05 * np.sin(5 * angle + wobble[2])
    )
    rim = radius * (1 + waves)

    shadow = np.exp(-np.clip(np.hypot(x - 0.008, y - 0.012) - rim, 0, 1) * 70) * 0.12
    sheet.paste("#000000", area, to_mask(canvas.enlarge(shadow, area)))
    paper = 0.5 - (np.hypot(x, y) - rim) * (canvas.width / 2.8)
    sheet.paste(color, area, to_mask(canvas.enlarge(paper, area)))
