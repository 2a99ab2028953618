"""A brand's colours over every theme: legible everywhere, still the theme, recognisably the brand."""

import itertools
import math
import subprocess
import sys

import pytest

from carousels.design.colors.contrast import compare, measure_luminance, parse_hex
from carousels.design.colors.oklch import Oklch, measure_contrast, parse, to_hex
from carousels.design.colors.palette import grow
from carousels.design.look import dress
from carousels.design.themes import THEMES, Theme

GRID = [
    f"#{red:02X}{green:02X}{blue:02X}" for red, green, blue in itertools.product(range(0, 256, 51), repeat=3)
]
HARD = ["#FFFF00", "#39FF14", "#FF00FF", "#7F7F7F", "#767676", "#C0C0C0", "#010101", "#FEFEFE", "#FFFFF0"]
LOOKS = [(name, palette) for name in THEMES for palette in ("", *THEMES[name].palettes)]
LIVELY = ("#FF6B00", "#0B3D91", "#39FF14", "#7A1FA2", "#E4002B", "#00B8A9")


def choose(place: int) -> tuple[str, ...]:
    """One, two or three colours, from all over the grid."""
    colors = [*GRID, *HARD]
    return tuple(colors[(place + step) % len(colors)] for step in (0, 83, 157)[: place % 3 + 1])


def list_ratios(theme: Theme) -> dict[str, float]:
    colors = theme.colors
    ratios = {
        f"{text} on {ground}": measure_contrast(getattr(colors, text), getattr(colors, ground))
        for text in ("ink", "muted", "accent")
        for ground in ("card", "scrim")
    }
    return ratios | {"on accent": measure_contrast(colors.on_accent, colors.accent)}


def list_hexes(value) -> list[str]:
    if isinstance(value, str):
        return [value] if value.startswith("#") else []
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [color for one in inner for color in list_hexes(one)]


def find_target(theme: Theme) -> float:
    is_dark = measure_luminance(parse_hex(theme.colors.ink)) > measure_luminance(parse_hex(theme.colors.card))
    return 7.0 if is_dark and theme.frame.panel == "bare" else 4.8


def mix(text: str, ground: str) -> set[str]:
    """The colours a letter's edge may have."""
    pairs = [(int(text[at : at + 2], 16), int(ground[at : at + 2], 16)) for at in (1, 3, 5)]
    return {
        "#" + "".join(f"{round(ink * share / 255 + paper * (1 - share / 255)):02X}" for ink, paper in pairs)
        for share in range(1, 255)
    }


def find_hue_distance(first: str, second: str) -> float:
    return abs((parse(first).hue - parse(second).hue + 180) % 360 - 180)


@pytest.mark.parametrize(("name", "palette"), LOOKS)
def test_every_pair_of_colors_is_legible_whatever_the_brand(name, palette):
    look = dress(name, palette=palette)

    faults = [
        (colors, pair, ratio)
        for colors in map(choose, range(len(GRID) + len(HARD)))
        for pair, ratio in list_ratios(grow(look, colors)).items()
        if ratio < 4.5
    ]

    assert faults == []


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_soft_edge_of_a_letter_is_never_another_text_color_that_would_be_illegible_there(theme):
    """Legibility is measured where a pixel has exactly a text colour."""
    for colors in map(choose, range(0, len(GRID) + len(HARD), 5)):
        grown = grow(theme, colors).colors
        texts = (grown.ink, grown.muted, grown.accent)
        edges = [*itertools.product(texts, (grown.card, grown.scrim)), (grown.on_accent, grown.accent)]
        taken = {
            (text, edge)
            for text, edge in itertools.product((*texts, grown.on_accent), edges)
            if text not in edge and text in mix(*edge) and measure_contrast(text, edge[1]) < 4.5
        }
        assert taken == set(), colors


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("colors", [("#FF6B00",), ("#FFFF00", "#0B3D91"), ("#000000",), ("#FFFFFF",)])
def test_dark_themes_stay_dark_and_light_ones_light(theme, colors):
    grown = grow(theme, colors).colors

    for ground in ("card", "scrim"):
        before, after = parse(getattr(theme.colors, ground)), parse(getattr(grown, ground))
        assert after.lightness == pytest.approx(before.lightness, abs=0.02)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_letters_frame_and_tokens_of_the_art_stay_the_themes(theme):
    grown = grow(theme, LIVELY[:3])

    assert (grown.name, grown.type, grown.frame) == (theme.name, theme.type, theme.frame)
    assert list(grown.art) == list(theme.art)
    assert len(list_hexes(grown.art)) == len(list_hexes(theme.art))
    for name, value in theme.art.items():
        if not list_hexes(value):
            assert grown.art[name] == value


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("color", LIVELY)
def test_accent_is_the_brands_first_color_or_its_hue(theme, color):
    accent = grow(theme, (color,)).colors.accent

    assert find_hue_distance(accent, color) < 12
    grown = grow(theme, (color,)).colors
    if min(measure_contrast(color, grown.card), measure_contrast(color, grown.scrim)) >= find_target(theme):
        assert accent == color


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_accent_is_moved_no_further_than_contrast_demands(theme):
    for color in LIVELY:
        ratios = list_ratios(grow(theme, (color,)))
        least = min(ratios["accent on card"], ratios["accent on scrim"])
        accent = grow(theme, (color,)).colors.accent
        assert accent == color or least < find_target(theme) + 0.15, color


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("color", LIVELY)
def test_art_shows_the_brands_hue(theme, color):
    loud = [shown for shown in list_hexes(grow(theme, (color,)).art) if parse(shown).chroma > 0.06]

    assert any(find_hue_distance(shown, color) < 20 for shown in loud), loud


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_art_of_one_color_stays_near_its_hue(theme):
    loud = [shown for shown in list_hexes(grow(theme, ("#7A1FA2",)).art) if parse(shown).chroma > 0.06]

    assert [shown for shown in loud if find_hue_distance(shown, "#7A1FA2") > 60] == []


@pytest.mark.parametrize("name", ["bauhaus", "brutalist", "cutout", "halftone", "orbs"])
def test_art_shows_each_of_two_colors(name):
    loud = [
        shown
        for shown in list_hexes(grow(THEMES[name], ("#0B3D91", "#FFB400")).art)
        if parse(shown).chroma > 0.06
    ]

    for color in ("#0B3D91", "#FFB400"):
        assert any(find_hue_distance(shown, color) < 20 for shown in loud), (color, loud)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
@pytest.mark.parametrize("color", ["#000000", "#8A8A8A", "#FFFFFF"])
def test_brand_without_a_color_is_dressed_in_greys(theme, color):
    grown = grow(theme, (color,))

    shown = [*vars(grown.colors).values(), *list_hexes(grown.art)]
    assert [one for one in shown if parse(one).chroma > 0.01] == []
    assert len(set(list_hexes(grown.art))) > 1


def test_color_that_stays_itself_in_letters_is_the_accent():
    volt, purple = "#E8FF2A", "#3A0CA3"

    assert grow(THEMES["cutout"], (volt, purple)).colors.accent == purple
    assert grow(THEMES["aurora"], (volt, purple)).colors.accent == volt
    assert find_hue_distance(grow(THEMES["cutout"], (volt,)).colors.accent, volt) < 35


def test_color_leads_before_black():
    assert find_hue_distance(grow(THEMES["cutout"], ("#111111", "#E4002B")).colors.accent, "#E4002B") < 5


def test_color_of_the_art_that_is_also_one_of_the_words_stays_the_same_as_it():
    grown = grow(THEMES["topo"], ("#FF6B00",))

    assert THEMES["topo"].art["accent"] == THEMES["topo"].colors.accent
    assert grown.art["accent"] == grown.colors.accent


def test_lower_case_makes_no_difference():
    assert grow(THEMES["aurora"], ("#ff6b00",)) == grow(THEMES["aurora"], ("#FF6B00",))


def test_same_palette_in_a_fresh_process():
    program = (
        "from carousels.design.colors.palette import grow; from carousels.design.themes import THEMES;"
        "print([(grow(theme, ('#FF6B00', '#14213D')).colors, grow(theme, ('#FF6B00', '#14213D')).art)"
        " for theme in THEMES.values()])"
    )

    fresh = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    here = [
        (grow(theme, ("#FF6B00", "#14213D")).colors, grow(theme, ("#FF6B00", "#14213D")).art)
        for theme in THEMES.values()
    ]
    assert fresh.stdout.strip() == str(here)


@pytest.mark.parametrize("color", [*GRID[::7], *HARD])
def test_color_survives_the_way_to_oklch_and_back(color):
    assert to_hex(parse(color)) == color


def test_color_out_of_gamut_gives_up_chroma_alone():
    impossible = Oklch(0.7, 0.4, 145)

    shown = parse(to_hex(impossible))

    assert shown.lightness == pytest.approx(impossible.lightness, abs=0.005)
    assert shown.hue == pytest.approx(impossible.hue, abs=1)
    assert 0.1 < shown.chroma < impossible.chroma


def test_known_color_has_its_published_coordinates():
    lightness, chroma, hue = parse("#FF0000")

    assert [round(lightness, 3), round(chroma, 3), round(hue, 1)] == [0.628, 0.258, 29.2]


def test_contrast_agrees_with_the_one_measured_on_pixels():
    for first, second in itertools.pairwise(GRID[::5]):
        pixels = compare(measure_luminance(parse_hex(first)), measure_luminance(parse_hex(second)))
        assert math.isclose(measure_contrast(first, second), float(pixels), rel_tol=1e-4)
