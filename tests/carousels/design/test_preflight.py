"""The verdict: good decks pass in every look and language, and each kind of flaw is caught."""

import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from carousels.design import backdrop, engine, layout
from carousels.design.document import KINDS, SIZES
from carousels.design.engine import compose_slide
from carousels.design.layout import SafeArea
from carousels.design.preflight import inspect
from carousels.design.themes import THEMES
from tests.carousels.design.decks import LANGUAGES, compose, encode, judge, make_document, make_slide

PAIRED = list(zip(LANGUAGES, ["aurora", "cutout"] * 4, strict=False))
LOOKS = [(theme, ratio, place) for theme in THEMES for place, ratio in enumerate(SIZES)]


@pytest.fixture(scope="module")
def finished():
    """A good deck with its pages and PDF."""
    document = make_document()
    return document, *compose(document)


def make_photo(*, specks: bool) -> bytes:
    """A white photograph, or a night sky full of hard white specks."""
    if not specks:
        return encode(Image.new("RGB", (1080, 1080), "white"))
    random = np.random.default_rng(3)
    sky = np.full((1080, 1080, 3), 30, np.uint8)
    for row, column in random.integers(0, 1070, (400, 2)):
        sky[row : row + 9, column : column + 9] = 255
    return encode(Image.fromarray(sky))


def repaint(monkeypatch, theme: str, **colors: str) -> None:
    original = THEMES[theme]
    changed = replace(original, colors=replace(original.colors, **colors))
    monkeypatch.setitem(THEMES, theme, changed)


@pytest.mark.parametrize(("theme", "ratio", "place"), LOOKS)
def test_every_look_passes(theme, ratio, place):
    first, second = KINDS[place * 2 : place * 2 + 2]
    document = make_document(make_slide(first), make_slide(second, 2), theme=theme, aspect_ratio=ratio)

    verdict = judge(document)

    assert verdict.faults == ()
    assert [slide["clipped"] for slide in verdict.slides] == [False, False]


@pytest.mark.parametrize(("language", "theme"), PAIRED)
def test_every_language_passes(language, theme):
    title, caption = LANGUAGES[language]
    slides = (
        make_slide("cover", title=title, caption=caption),
        make_slide("list", 2, title=title, items=[title]),
    )

    verdict = judge(make_document(*slides, language=language, theme=theme, aspect_ratio="4:5"))

    assert verdict.faults == ()


def test_verdict_is_ready_for_json(finished):
    document, pages, pdf = finished

    verdict = inspect(document, pages, pdf).as_dict()

    assert json.loads(json.dumps(verdict)) == verdict
    assert (verdict["passed"], verdict["faults"], len(verdict["slides"])) == (True, [], 2)
    assert len(verdict["slides"][0]["sha256"]) == 64


@pytest.mark.parametrize("specks", [False, True], ids=["white", "specks"])
@pytest.mark.parametrize("theme", ["aurora", "cutout", "topo"])
def test_words_on_a_difficult_photo_stay_legible(theme, specks):
    page = compose_slide(make_document(theme=theme), 1, make_photo(specks=specks), is_photo=True)

    assert page.figures.contrast >= 4.5


def test_grey_caption_on_its_card_is_caught(monkeypatch):
    repaint(monkeypatch, "cutout", muted="#8C9690")

    verdict = judge(make_document())

    assert [fault.split(" is ")[0] for fault in verdict.faults] == [
        "slide 1: contrast 2.94",
        "slide 2: contrast 2.94",
    ]


def test_words_without_a_scrim_on_a_bright_photo_are_caught(monkeypatch, finished):
    _, _, pdf = finished
    monkeypatch.setattr(backdrop, "solve_scrim", lambda art, theme, zones: np.zeros(33))
    monkeypatch.setattr(backdrop, "GROWTH", (0.0,))
    document = make_document(theme="aurora")
    photo = make_photo(specks=False)
    pages = [compose_slide(document, number, photo, is_photo=True) for number in (1, 2)]

    verdict = inspect(document, pages, pdf)

    assert [fault.split(" is ")[0] for fault in verdict.faults] == [
        "slide 1: contrast 1.0",
        "slide 2: contrast 1.0",
    ]


def test_unsupported_glyph_is_caught():
    document = make_document(make_slide("cover", title="Hieroglyph 𓀀 here"), make_slide("cta", 2))

    assert "slide 1: no glyph for U+13000" in judge(document).faults


def test_overflow_is_caught(monkeypatch):
    cramped = SafeArea(side=84, top=76, bottom=700)
    for module in (layout, engine):
        monkeypatch.setattr(module, "find_safe_area", lambda ratio: cramped)

    faults = judge(make_document()).faults

    assert [fault.split(" by ")[0] for fault in faults if "overflow" in fault] == [
        "slide 1: the words overflow",
        "slide 2: the words overflow",
    ]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (
            {"box": (20, 76, 999, 1000)},
            "slide 1: something is drawn outside the safe area: (20, 76, 999, 1000)",
        ),
        ({"contrast": 4.49}, "slide 1: contrast 4.49 is below 4.5"),
        ({"missing_glyphs": ("\u2fff",)}, "slide 1: no glyph for U+2FFF"),
    ],
)
def test_bad_figure_is_a_fault(finished, change, fault):
    document, (first, second), pdf = finished
    worse = replace(first, figures=replace(first.figures, **change))

    assert inspect(document, [worse, second], pdf).faults == (fault,)


def test_too_small_words_are_a_fault(finished):
    document, (first, second), pdf = finished
    small = replace(first.figures.layout.fits[0], size=20.0)
    arranged = replace(first.figures.layout, fits=(small,))
    worse = replace(first, figures=replace(first.figures, layout=arranged))

    assert inspect(document, [worse, second], pdf).faults == (
        "slide 1: title is set in 20.0 px, least is 44.0 px",
    )


def test_missing_page_is_caught(finished):
    document, (first, _), pdf = finished

    assert inspect(document, [first], pdf).faults == ("pages [1] instead of [1, 2]",)


def test_picture_of_the_wrong_size_is_caught(finished):
    document, (first, second), pdf = finished
    wrong = replace(second, png=encode(Image.new("RGB", (1080, 1350)), "PNG"))

    assert inspect(document, [first, wrong], pdf).faults == ("slide 2: the picture is 1080 x 1350 px",)


def test_pdf_of_another_deck_is_caught(finished):
    document, pages, _ = finished
    other = make_document(
        make_slide("cover", title="Sourdough"),
        make_slide("cta", 2),
        make_slide("point", 3),
        aspect_ratio="4:5",
    )
    _, pdf = compose(other)

    faults = inspect(document, pages, pdf).faults

    assert faults[:3] == (
        "the PDF has 3 pages instead of 2",
        "slide 1: the PDF page is 1080 x 1350 pt",
        "slide 1: the PDF's text lacks '5'",
    )
