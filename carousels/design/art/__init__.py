"""Seeded art behind the words: the same seed text always gives the same picture, free and offline.

A module per style; each paints one slide of a world that goes on across the swipe. Styles read their
colours from the theme's `art` tokens.
"""

import hashlib
from io import BytesIO

import numpy as np

from carousels.design.art import (
    aurora,
    bauhaus,
    blueprint,
    brutalist,
    cutout,
    dunes,
    editorial,
    halftone,
    orbs,
    topo,
)
from carousels.design.art.canvas import Canvas, merge
from carousels.design.document import SIZES
from carousels.design.themes import Theme

STYLES = {
    "aurora": aurora.draw,
    "bauhaus": bauhaus.draw,
    "blueprint": blueprint.draw,
    "brutalist": brutalist.draw,
    "cutout": cutout.draw,
    "dunes": dunes.draw,
    "editorial": editorial.draw,
    "halftone": halftone.draw,
    "orbs": orbs.draw,
    "topo": topo.draw,
}


def paint(*, look: Theme, seed_text: str, number: int, total: int, aspect_ratio: str) -> bytes:
    """Slide `number` (from 1) of `total` as a JPEG with its grain, without any scrim."""
    tokens = look.art
    width, height = SIZES[aspect_ratio]
    random = np.random.default_rng(_seed(tokens["style"], seed_text))
    canvas = Canvas(index=number - 1, total=total, width=width, height=height, random=random)

    planes, grain = STYLES[tokens["style"]](canvas, tokens)
    encoded = BytesIO()
    merge(planes, grain).save(encoded, "JPEG", quality=95, subsampling=0)
    return encoded.getvalue()


def _seed(style: str, text: str) -> int:
    digest = hashlib.sha256(f"{style}|{text}".encode(errors="replace")).digest()
    return int.from_bytes(digest[:8], "big")
