"""Seeded art: the same everywhere, continued by the neighbour, of the right size."""

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from carousels.design.art import paint
from carousels.design.art.canvas import Canvas
from carousels.design.art.pen import Stencil
from carousels.design.themes import THEMES
from tests.carousels.design.decks import open_image

SEAM_MOST = 12.0  # mean difference in levels between touching columns, grain included
FLAT_SEAM_MOST = 6.0  # where the art is flat
EMPTY = 3.0  # deviation of the tones of a slide with nothing but grain


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


@pytest.mark.parametrize("ratio", ["1:1", "4:5", "9:16"])
@pytest.mark.parametrize("theme", ["blueprint", "brutalist", "editorial", "orbs"])
def test_flat_art_has_no_seam_at_all(theme, ratio):
    seams = []
    for seed_text in ("Freelance pricing", "Sourdough", "Night running"):
        left = np.asarray(open_image(paint_one(theme, 2, seed_text, ratio)), float)
        right = np.asarray(open_image(paint_one(theme, 3, seed_text, ratio)), float)
        seams.append(np.abs(left[:, -1] - right[:, 0]).mean())

    assert max(seams) < FLAT_SEAM_MOST


@pytest.mark.parametrize("total", [2, 10])
@pytest.mark.parametrize("theme", ["blueprint", "brutalist", "editorial", "orbs"])
def test_art_reaches_from_the_first_to_the_last_slide(theme, total):
    look = THEMES[theme]

    for number in (1, total):
        art = paint(look=look, seed_text="Tea", number=number, total=total, aspect_ratio="1:1")
        tones = np.asarray(open_image(art).convert("L"), float)
        assert tones.std() > EMPTY


def test_stencil_draws_half_a_disc_on_either_side_of_a_seam():
    masks = []
    for index in (0, 1):
        canvas = Canvas(index=index, total=2, width=100, height=100, random=np.random.default_rng(1))
        stencil = Stencil(canvas)
        stencil.disc((1.0, 0.5), 0.25)
        masks.append(stencil.mask())

    # Half of pi r^2, give or take the rim.
    assert [mask.mean() for mask in masks] == pytest.approx([0.098, 0.098], abs=0.003)
    assert np.abs(masks[0][:, -1] - masks[1][:, 0]).mean() < 0.02


def test_stencil_of_points_on_another_slide_is_none():
    canvas = Canvas(index=0, total=2, width=100, height=100, random=np.random.default_rng(1))

    assert Stencil.around(canvas, [(1.5, 0.5)], spare=0.1) is None


def test_stencil_lets_as_much_through_as_its_tone():
    canvas = Canvas(index=0, total=1, width=100, height=100, random=np.random.default_rng(1))
    stencil = Stencil(canvas)
    stencil.polygon([(-1, -1), (2, -1), (2, 2), (-1, 2)], tone=0.5)
    planes = canvas.fill("#000000")

    stencil.lay(planes, "#FF8000")

    assert [round(float(plane.mean())) for plane in planes] == [128, 64, 0]


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
