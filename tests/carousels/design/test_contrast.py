"""Luminance and contrast against WCAG's own figures, and the scrim that is solved from them."""

import numpy as np
import pytest

from carousels.design.colors.contrast import compare, measure_luminance, parse_hex
from carousels.design.scrim import DARKEST, TARGET, Zone, find_calm, quiet, shade, soften, solve_scrim, veil
from carousels.design.themes import THEMES
from tests.carousels.design.photographs import make_foliage, make_plain

COLORS = THEMES["aurora"].colors
LOW_WORDS = [Zone(900.0, 1280.0)]


def ratio(first: str, second: str) -> float:
    return float(compare(measure_luminance(parse_hex(first)), measure_luminance(parse_hex(second))))


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("#000000", "#FFFFFF", 21.0),
        ("#777777", "#FFFFFF", 4.48),
        ("#FF0000", "#FFFFFF", 4.0),
        ("#112233", "#112233", 1.0),
    ],
)
def test_contrast_is_wcags(first, second, expected):
    assert ratio(first, second) == pytest.approx(expected, abs=0.01)


def test_dark_art_needs_no_scrim():
    opacity = solve_scrim(make_plain(COLORS.scrim), COLORS, LOW_WORDS)

    assert opacity.tolist() == [0.0] * 33


@pytest.mark.parametrize("color", ["#FFFFFF", "#8899AA", "#C04040"])
def test_veiled_art_gives_every_text_colour_its_contrast(color):
    art = make_plain(color)

    veiled = veil(art, solve_scrim(art, COLORS, LOW_WORDS), COLORS.scrim)

    ground = np.asarray(veiled)[900:1280]
    darkest_text = min(
        measure_luminance(parse_hex(text)) for text in (COLORS.ink, COLORS.muted, COLORS.accent)
    )
    assert float(compare(darkest_text, measure_luminance(ground)).min()) >= TARGET - 0.2


def test_scrim_fades_to_nothing_away_from_the_words():
    opacity = solve_scrim(make_plain("#FFFFFF"), COLORS, LOW_WORDS)

    assert opacity[:8].tolist() == [0.0] * 8
    assert 0.5 < opacity.max() <= DARKEST


def test_scrims_edge_has_no_step_and_no_corner():
    art = make_plain("#FFFFFF")

    veiled = veil(art, solve_scrim(art, COLORS, LOW_WORDS), COLORS.scrim)

    rows = np.asarray(veiled.convert("L")).astype(float).mean(axis=1)
    slope = np.diff(np.convolve(rows, np.ones(20) / 20, "valid"))
    assert 0.3 < np.abs(slope).max() < 1.2
    assert np.abs(np.diff(slope)).max() < 0.12


def test_veil_is_between_art_and_scrim_within_a_level():
    art = make_foliage((1080, 1080))

    veiled = veil(art, np.full(33, 0.6), "#204060")

    expected = np.asarray(art) * 0.4 + np.array([0x20, 0x40, 0x60]) * 0.6
    assert np.abs(np.asarray(veiled) - expected).max() <= 1.5


def test_busy_photograph_is_out_of_focus_behind_the_words_and_sharp_above():
    art = make_foliage((1080, 1350))

    softened = soften(art, find_calm(LOW_WORDS, art.height, busyness=0.9))

    before, after = (np.asarray(picture.convert("L")).astype(float) for picture in (art, softened))
    assert after[900:1280].std() < 0.6 * before[900:1280].std()
    assert (after[:640] == before[:640]).all()


def test_calm_photograph_is_left_as_it_is():
    art = make_plain("#406080")

    calm = find_calm(LOW_WORDS, art.height, busyness=0.1)

    assert (soften(art, calm), calm.max(), shade(np.zeros(33), calm).max()) == (art, 0, 0)


def test_busy_photograph_gets_a_scrim_even_where_it_is_dark():
    calm = find_calm(LOW_WORDS, 1350, busyness=0.9)

    shaded = shade(np.zeros(33), calm)

    assert (shaded[:8].max(), 0.2 < shaded.max() < 0.5) == (0, True)


@pytest.mark.parametrize(("color", "is_darker"), [("#0A2258", True), ("#F2ECDD", False)])
def test_scrim_on_photographs_is_deep_so_that_it_is_no_fog(color, is_darker):
    before, after = (float(measure_luminance(parse_hex(hex_))) for hex_ in (color, quiet(color)))

    assert (after < before) == is_darker
    assert after != before


def test_scrim_on_photographs_is_less_colourful():
    red, green, _ = parse_hex(quiet("#0A3D28"))

    assert green > red
    assert green - red < 0.6 * (0x3D - 0x0A)


def test_light_beside_the_words_is_left_alone():
    art = make_plain(COLORS.scrim)
    art.paste("#FFFFFF", (700, 100, 850, 200))
    zone = Zone(90.0, 210.0)

    beside = solve_scrim(art, COLORS, [zone._replace(right=0.6), zone._replace(left=0.82)])

    assert beside.max() == 0
    assert solve_scrim(art, COLORS, [zone]).max() > 0.4
