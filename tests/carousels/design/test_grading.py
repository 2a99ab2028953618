"""Photographs of all kinds, brought nearer to one another and to the theme."""

import colorsys

import numpy as np
import pytest
from PIL import Image

from carousels.design.look import dress
from carousels.design.photos.grading import grade
from carousels.design.themes import THEMES
from tests.carousels.design.photographs import SKIN_TONES, make_foliage, make_plain, make_portrait, make_ramp

LOOKS = [(name, palette) for name, theme in THEMES.items() for palette in ("", *theme.palettes)]


def mean_level(picture: Image.Image) -> float:
    return float(np.asarray(picture.convert("L")).mean())


def mean_chroma(picture: Image.Image) -> float:
    pixels = np.asarray(picture).astype(float)
    return float((pixels.max(axis=2) - pixels.min(axis=2)).mean())


def hue_of(pixel: tuple[int, int, int]) -> float:
    """Degrees on the colour wheel: red 0, yellow 60, green 120."""
    return colorsys.rgb_to_hsv(*(level / 255 for level in pixel))[0] * 360


@pytest.mark.parametrize("is_veiled", [False, True])
@pytest.mark.parametrize(("theme", "palette"), LOOKS)
def test_skin_stays_skin_in_every_look(theme, palette, is_veiled):
    look = dress(theme, palette=palette)

    hues = []
    for tone in SKIN_TONES:
        portrait = make_portrait((600, 750), at=(0.5, 0.5), skin=tone)
        hues.append(hue_of(grade(portrait, look, is_veiled=is_veiled).getpixel((300, 375))))

    assert [5 <= hue <= 45 for hue in hues] == [True] * len(SKIN_TONES), hues


def test_dark_and_bright_photographs_come_nearer_to_each_other():
    night, noon = make_ramp(5, 110), make_ramp(140, 250)
    look = THEMES["aurora"]

    before = mean_level(noon) - mean_level(night)
    after = mean_level(grade(noon, look, is_veiled=True)) - mean_level(grade(night, look, is_veiled=True))

    assert 0 < after < 0.85 * before


def test_pale_and_gaudy_photographs_come_nearer_to_each_other():
    gaudy, pale = make_foliage(), Image.blend(make_plain("#808080"), make_foliage(), 0.15)
    look = THEMES["cutout"]

    before = mean_chroma(gaudy) - mean_chroma(pale)
    after = mean_chroma(grade(gaudy, look, is_veiled=False)) - mean_chroma(grade(pale, look, is_veiled=False))

    assert 0 < after < 0.9 * before


def test_photograph_under_light_words_is_darkened_and_on_a_light_themes_card_is_not():
    noon = make_ramp(100, 250)

    veiled = mean_level(grade(noon, THEMES["aurora"], is_veiled=True))
    carded = mean_level(grade(noon, THEMES["cutout"], is_veiled=False))

    assert veiled < mean_level(noon) - 25
    assert abs(carded - mean_level(noon)) < 25


def test_photograph_on_a_dark_themes_card_glares_less_than_on_a_light_ones():
    desk = make_ramp(170, 250)

    dark, light = (mean_level(grade(desk, THEMES[name], is_veiled=False)) for name in ("aurora", "cutout"))

    assert dark < light - 15


def test_white_desk_stays_white_on_a_light_themes_card():
    desk = make_ramp(205, 252)

    graded = grade(desk, THEMES["cutout"], is_veiled=False)

    assert mean_level(graded) == pytest.approx(mean_level(desk), abs=6)


def test_shadows_lean_toward_the_themes_hue():
    red, _, blue = grade(make_ramp(0, 255), THEMES["aurora"], is_veiled=False).getpixel((110, 10))

    assert blue > red + 3


def test_black_and_white_stay_clean():
    ramp = grade(make_ramp(0, 255), THEMES["editorial"], is_veiled=False)

    black, white = ramp.getpixel((0, 0)), ramp.getpixel((511, 0))
    assert (max(black) - min(black) <= 6, max(white) - min(white) <= 6) == (True, True)
    assert (max(black) < 12, min(white) > 243) == (True, True)


@pytest.mark.parametrize("color", ["#FFFFFF", "#000000", "#F2F0EA", "#101418"])
def test_plain_picture_stays_about_as_light_on_a_card(color):
    plain = make_plain(color)

    assert mean_level(grade(plain, THEMES["cutout"], is_veiled=False)) == pytest.approx(
        mean_level(plain), abs=22
    )


def test_tones_keep_their_order():
    ramp = np.asarray(grade(make_ramp(0, 255), THEMES["dunes"], is_veiled=True).convert("L")).astype(int)[0]

    assert np.diff(ramp).min() >= 0


def test_grading_is_the_same_every_time():
    first, second = (grade(make_portrait(), THEMES["aurora"], is_veiled=True).tobytes() for _ in range(2))

    assert first == second
