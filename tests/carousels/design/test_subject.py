"""Where the eye goes, and the crop that keeps it."""

import pytest
from PIL import Image, ImageDraw

from carousels.design.document import SIZES
from carousels.design.photos.subject import LOWER_THIRD, UPPER_THIRD, find_crop, find_focus
from tests.carousels.design.photographs import SKIN_TONES, make_plain, make_portrait

PLACES = [(0.15, 0.5), (0.5, 0.5), (0.85, 0.5), (0.5, 0.2), (0.5, 0.8)]
INPUTS = [(1536, 1024), (1024, 1536), (1024, 1024), (3000, 600), (400, 2400)]


@pytest.mark.parametrize("at", PLACES)
@pytest.mark.parametrize("skin", [SKIN_TONES[1], SKIN_TONES[4]])
def test_focus_is_on_the_face(at, skin):
    focus = find_focus(make_portrait((1000, 1000), at=at, skin=skin))

    assert (focus.x, focus.y) == (pytest.approx(at[0], abs=0.08), pytest.approx(at[1], abs=0.08))


def test_focus_of_a_plain_wall_is_its_middle():
    focus = find_focus(make_plain("#888888"))

    assert (focus.x, focus.y) == (0.5, 0.5)


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
@pytest.mark.parametrize("source", INPUTS)
def test_crop_has_the_slides_proportion_and_lies_in_the_picture(source, size):
    left, top, right, bottom = find_crop(make_portrait(source), size, subject_at=UPPER_THIRD)

    assert (right - left) / (bottom - top) == pytest.approx(size[0] / size[1])
    assert (left >= 0, top >= 0, right <= source[0] + 1e-6, bottom <= source[1] + 1e-6) == (True,) * 4
    assert right - left == pytest.approx(source[0]) or bottom - top == pytest.approx(source[1])


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES.keys())
@pytest.mark.parametrize("x", [0.15, 0.4, 0.85])
def test_crop_keeps_the_face_inside(x, size):
    left, _, right, _ = find_crop(make_portrait((1536, 1024), at=(x, 0.5)), size, subject_at=UPPER_THIRD)

    assert left < x * 1536 - 100
    assert right > x * 1536 + 100


@pytest.mark.parametrize("third", [UPPER_THIRD, LOWER_THIRD])
def test_face_stands_at_the_wanted_third_where_there_is_room(third):
    tall = make_portrait((800, 2000), at=(0.5, 0.5))

    _, top, _, bottom = find_crop(tall, SIZES["1:1"], subject_at=third)

    assert (1000 - top) / (bottom - top) == pytest.approx(third, abs=0.1)


def test_same_picture_gives_the_same_crop():
    first, second = (find_crop(make_portrait(), SIZES["9:16"], subject_at=UPPER_THIRD) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("size", [(1, 1), (3, 900), (900, 2), (64, 64)])
def test_smallest_pictures_have_a_focus_too(size):
    focus = find_focus(Image.new("RGB", size, "#336699"))

    assert (0 <= focus.x <= 1, 0 <= focus.y <= 1) == (True, True)


def test_face_is_the_subject_beside_a_loud_coat():
    portrait = make_portrait((800, 800), at=(0.5, 0.2))
    ImageDraw.Draw(portrait).ellipse((150, 380, 650, 1200), fill="#FF4A00")

    focus = find_focus(portrait)

    assert (focus.x, focus.y) == (pytest.approx(0.5, abs=0.08), pytest.approx(0.2, abs=0.12))
