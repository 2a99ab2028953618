"""Seeded art: the same everywhere, continued by the neighbour, of the right size."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from carousels.design.art import paint
from carousels.design.themes import THEMES
from tests.carousels.design.decks import open_image

SEAM_MOST = 12.0  # mean difference in levels between touching columns, grain included


def paint_one(theme: str, number: int, seed_text: str = "Freelance pricing", ratio: str = "1:1") -> bytes:
    return paint(look=THEMES[theme], seed_text=seed_text, number=number, total=3, aspect_ratio=ratio)


@pytest.mark.parametrize("theme", THEMES)
def test_art_continues_across_the_swipe(theme):
    left = np.asarray(open_image(paint_one(theme, 1)), float)
    right = np.asarray(open_image(paint_one(theme, 2)), float)

    seam = np.abs(left[:, -1] - right[:, 0]).mean()
    elsewhere = np.abs(left[:, -1] - right[:, 300]).mean()

    assert seam < SEAM_MOST
    assert seam < elsewhere


def test_art_is_a_jpeg_of_the_slides_size_with_full_colour():
    art = open_image(paint_one("aurora", 1, ratio="9:16"))

    assert (art.format, art.mode, art.size) == ("JPEG", "RGB", (1080, 1920))
    assert art.layer[0][1:3] == art.layer[1][1:3] == (1, 1)  # 4:4:4, no thinned colour


def test_art_depends_on_its_seed_text():
    assert paint_one("topo", 1, "Freelance pricing") != paint_one("topo", 1, "Sourdough")


def test_art_takes_any_text_as_a_seed():
    assert open_image(paint_one("bauhaus", 1, "\ud800 🚀 " * 2000)).size == (1080, 1080)


def test_art_is_the_same_in_a_fresh_process():
    script = (
        "import hashlib\n"
        "from carousels.design.art import paint\n"
        "from carousels.design.themes import THEMES\n"
        "for theme in ('aurora', 'cutout'):\n"
        "    look = THEMES[theme]\n"
        "    art = paint(look=look, seed_text='Freelance pricing', number=2, total=3, aspect_ratio='1:1')\n"
        "    print(hashlib.sha256(art).hexdigest())\n"
    )

    fresh = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    here = [hashlib.sha256(paint_one(theme, 2)).hexdigest() for theme in ("aurora", "cutout")]
    assert fresh.stdout.split() == here
