"""The world of a style goes on from slide to slide, however many there are and whatever their shape."""

import numpy as np
import pytest

from carousels.design.art import paint
from carousels.design.look import dress
from tests.carousels.design.decks import open_image

STYLES = ("aurora", "bauhaus", "cutout", "dunes", "halftone", "topo")
SEAM_MOST = 6.0  # mean difference in levels between touching columns


def paint_columns(theme: str, number: int, **changes: object) -> np.ndarray:
    fields = {"seed_text": "Freelance pricing", "total": 3, "aspect_ratio": "1:1"}
    art = paint(look=dress(theme), number=number, **{**fields, **changes})
    return np.asarray(open_image(art), float)


def measure_seam(left: np.ndarray, right: np.ndarray) -> float:
    return float(np.abs(left[:, -1] - right[:, 0]).mean())


@pytest.mark.parametrize("ratio", ["1:1", "4:5", "9:16"])
@pytest.mark.parametrize("theme", STYLES)
def test_neighbours_touch_without_a_step(theme, ratio):
    left, right = (paint_columns(theme, number, aspect_ratio=ratio) for number in (1, 2))

    assert measure_seam(left, right) < SEAM_MOST


@pytest.mark.parametrize("seed_text", ["a", "Sourdough", "日本", ""])
@pytest.mark.parametrize("theme", STYLES)
def test_seams_hold_for_every_seed_up_to_the_last_slide(theme, seed_text):
    left, right = (paint_columns(theme, number, total=10, seed_text=seed_text) for number in (9, 10))

    assert measure_seam(left, right) < SEAM_MOST


@pytest.mark.parametrize("theme", STYLES)
def test_slides_apart_do_not_touch(theme):
    first, third = (paint_columns(theme, number) for number in (1, 3))

    assert measure_seam(first, third) > measure_seam(first, paint_columns(theme, 2))


@pytest.mark.parametrize("theme", STYLES)
def test_a_slide_is_not_its_neighbour_again(theme):
    first, second = (paint_columns(theme, number) for number in (1, 2))

    assert np.abs(first - second).mean() > 1
