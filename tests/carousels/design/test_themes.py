"""The themes' own tokens: legible by themselves, and their fonts installed."""

import pytest

from carousels.design.art import STYLES
from carousels.design.colors.contrast import compare, measure_luminance, parse_hex
from carousels.design.fonts import find_missing, list_fallbacks, load_fonts
from carousels.design.look import dress
from carousels.design.themes import THEMES

LOOKS = [(name, palette) for name, theme in THEMES.items() for palette in ("", *theme.palettes)]


def contrast(first: str, second: str) -> float:
    tones = measure_luminance(parse_hex(first)), measure_luminance(parse_hex(second))
    return float(compare(*tones))


def test_themes_on_offer():
    assert " ".join(sorted(THEMES)) == (
        "aurora bauhaus blueprint brutalist cutout dunes editorial halftone orbs topo"
    )


@pytest.mark.parametrize("ground", ["card", "scrim"])
@pytest.mark.parametrize(("theme", "palette"), LOOKS)
def test_theme_is_legible_in_every_palette(theme, palette, ground):
    colors = dress(theme, palette=palette).colors

    ratios = {
        "ink": contrast(colors.ink, getattr(colors, ground)),
        "muted": contrast(colors.muted, getattr(colors, ground)),
        "accent": contrast(colors.accent, getattr(colors, ground)),
        "on accent": contrast(colors.on_accent, colors.accent),
    }

    assert {name: ratio for name, ratio in ratios.items() if ratio < 4.5} == {}


@pytest.mark.parametrize(("theme", "palette"), LOOKS)
def test_palette_replaces_only_tokens_the_art_has(theme, palette):
    replaced = THEMES[theme].palettes[palette].art if palette else {}

    assert set(replaced) <= set(THEMES[theme].art)


@pytest.mark.parametrize("theme", THEMES.values(), ids=lambda theme: theme.name)
def test_theme_names_installed_fonts_and_a_known_style(theme):
    installed = set(load_fonts().families())

    assert {theme.type.display, theme.type.body} <= installed
    assert theme.art["style"] in STYLES


@pytest.mark.parametrize("language", ["en", "ja", "zh", "ko"])
def test_fallbacks_are_installed(language):
    assert set(list_fallbacks(language)) <= set(load_fonts().families())


def test_contrast_of_black_on_white_is_the_textbook_figure():
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)


def test_missing_glyphs_are_asked_of_the_families_in_use():
    families = ("Inter", "Noto Color Emoji")

    assert find_missing("Aé 🔥\u200d", families) == ()
    assert find_missing("A日本", families) == ("日", "本")
