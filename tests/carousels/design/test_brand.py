"""What a brand is made from: colours and fonts as they may be written."""

import pytest

from carousels.design.brand import Brand, InvalidBrand, read_colors, read_fonts


def test_colors_are_read_in_either_length_and_case():
    assert read_colors(["#ff6b00", "#0af", "#FFFFFF"]) == ("#FF6B00", "#00AAFF", "#FFFFFF")


def test_color_given_twice_counts_once():
    assert read_colors(["#fff", "#FFFFFF", "#000"]) == ("#FFFFFF", "#000000")


def test_brand_may_have_no_colors():
    assert read_colors([]) == ()


@pytest.mark.parametrize(
    "colors",
    [["red"], ["#12345"], ["#1234567"], ["#GGGGGG"], ["123456"], [""], ["#fff\n"], ["#１２３"], ["#fff"] * 4],
)
def test_what_is_no_color_is_refused(colors):
    with pytest.raises(InvalidBrand) as refused:
        read_colors(colors)

    assert refused.value.field == "colors"


def test_fonts_are_named_after_a_theme():
    assert [read_fonts(name) for name in ("", "cutout")] == ["", "cutout"]


def test_unknown_fonts_are_refused():
    with pytest.raises(InvalidBrand) as refused:
        read_fonts("comic-sans")

    assert refused.value.field == "fonts"


@pytest.mark.parametrize(
    ("name", "letter"), [("northlight", "N"), ("  «été»", "É"), ("…", ""), ("日本", "日")]
)
def test_monogram_is_the_first_letter_of_the_name(name, letter):
    assert Brand(name=name).monogram == letter
