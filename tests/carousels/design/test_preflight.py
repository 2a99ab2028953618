"""The verdict: good decks pass in every look and language, and each kind of flaw is caught."""

import json
from dataclasses import replace
from io import BytesIO

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from carousels.design import backdrop, engine, layout
from carousels.design.document import KINDS, SIZES
from carousels.design.engine import compose_slide
from carousels.design.layout import Cut, Fit, Layout, SafeArea
from carousels.design.legibility import Block
from carousels.design.preflight import Status, inspect
from carousels.design.preflight.pictures import check_grid_preview
from carousels.design.preflight.prints import Catalog, check_catalog, read_catalog
from carousels.design.preflight.words import check_layout
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
    assert (verdict["version"], verdict["passed"], verdict["status"]) == (2, True, "passed")
    assert (verdict["faults"], verdict["warnings"], len(verdict["slides"])) == ([], [], 2)
    assert len(verdict["slides"][0]["sha256"]) == 64


def test_every_check_is_told_in_plain_words(finished):
    document, pages, pdf = finished

    verdict = inspect(document, pages, pdf).as_dict()

    cover = verdict["slides"][0]
    assert {check["status"] for check in (*verdict["deck"], *cover["checks"])} == {"passed"}
    assert list(dict.fromkeys(check["check"] for check in verdict["deck"])) == [
        "pages",
        "pdf_pages",
        "length",
        "variety",
        "pdf_tags",
        "pdf_title",
    ]
    assert list(dict.fromkeys(check["check"] for check in cover["checks"])) == [
        "overflow",
        "text_size",
        "shortened",
        "picture",
        "contrast",
        "safe_area",
        "grid_preview",
        "glyphs",
        "pdf_page",
        "pdf_text",
    ]
    assert cover["checks"][1] == {
        "check": "text_size",
        "status": "passed",
        "measured": cover["checks"][1]["measured"],
        "limit": 8.5,
        "message": f"title is {cover['checks'][1]['measured']} pt on a phone",
        "part": "title",
    }


@pytest.mark.parametrize("specks", [False, True], ids=["white", "specks"])
@pytest.mark.parametrize("theme", ["aurora", "cutout", "topo"])
def test_words_on_a_difficult_photo_stay_legible(theme, specks):
    page = compose_slide(make_document(theme=theme), 1, make_photo(specks=specks), is_photo=True)

    assert page.figures.contrast >= 4.5


def find_failures(verdict) -> set[tuple[int, str, str]]:
    """Slide, check and part of all that failed."""
    return {
        (review.number, check.check, check.part)
        for review in verdict.reviews
        for check in review.checks
        if check.status is Status.FAILED
    }


def test_grey_caption_on_its_card_is_caught(monkeypatch):
    repaint(monkeypatch, "cutout", muted="#8C9690")

    failures = find_failures(judge(make_document()))

    assert {(1, "contrast", "caption"), (2, "contrast", "caption")} <= failures
    assert {(check, part) for _, check, part in failures} & {("contrast", "title")} == set()


def test_words_without_a_scrim_on_a_bright_photo_are_caught(monkeypatch, finished):
    _, _, pdf = finished
    monkeypatch.setattr(backdrop, "solve_scrim", lambda art, colors, zones: np.zeros(33))
    monkeypatch.setattr(backdrop, "GROWTH", (0.0,))
    monkeypatch.setattr(engine, "CARD", engine.BARE)  # nor the card that would repair it
    document = make_document(theme="aurora")
    photo = make_photo(specks=False)
    pages = [compose_slide(document, number, photo, is_photo=True) for number in (1, 2)]

    failures = find_failures(inspect(document, pages, pdf))

    assert {(1, "contrast", "title"), (2, "contrast", "title")} <= failures


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
        (
            {"blocks": (Block("title", 4.49), Block("caption", 4.5))},
            "slide 1: contrast of the title 4.49 is below 4.5",
        ),
        ({"blocks": (), "contrast": 4.49}, "slide 1: contrast 4.49 is below 4.5"),
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


@pytest.mark.parametrize(
    ("part", "size", "status", "message"),
    [
        ("item", 23.0, Status.FAILED, "item is 8.3 pt on a phone, least is 8.5 pt"),
        ("item", 24.0, Status.WARNED, "item is only 8.7 pt on a phone"),
        ("item", 28.0, Status.PASSED, "item is 10.1 pt on a phone"),
        ("handle", 22.0, Status.FAILED, "handle is 7.9 pt on a phone, least is 8.0 pt"),
        ("handle", 23.0, Status.PASSED, "handle is 8.3 pt on a phone"),
    ],
)
def test_size_is_judged_as_it_looks_on_a_phone(part, size, status, message):
    layout = Layout(number=1, top=300, overflow=0, fits=(Fit(part, size, least=20, clipped=False),))

    [check] = [check for check in check_layout(layout) if check.check == "text_size"]

    assert (check.status, check.message, check.part) == (status, message, part)


def test_rows_of_one_size_are_told_once():
    rows = tuple(Fit("item", size, least=24, clipped=False) for size in (40.0, 36.0, 40.0))

    checks = check_layout(Layout(number=1, top=300, overflow=0, fits=rows))

    assert [check.measured for check in checks if check.check == "text_size"] == [13.0]


def test_cut_words_are_a_warning_and_a_cut_figure_a_fault():
    fits = (
        Fit("caption", 40, 24, clipped=True, shown="Some words that…"),
        Fit("stat", 90, 90, clipped=True, shown="12,50…"),
    )
    layout = Layout(number=1, top=300, overflow=0, fits=fits, cuts=(Cut("@northlight", "@north…"),))

    checks = [check for check in check_layout(layout) if check.check == "shortened"]

    assert [(check.status, check.message) for check in checks] == [
        (Status.WARNED, "the caption did not fit and ends with 'Some words that…'"),
        (Status.FAILED, "the stat did not fit and ends with '12,50…'"),
        (Status.WARNED, "'@northlight' is shown as '@north…'"),
    ]


@pytest.mark.parametrize(
    ("ratio", "box", "lost"),
    [
        ("1:1", (0, 0, 1080, 1080), 0),
        ("4:5", (34, 135, 1012, 1080), 0),
        ("4:5", (33, 135, 900, 1080), 0.8),
        ("4:5", (100, 120, 900, 800), 15),
        ("4:5", (100, 300, 900, 920), 5),
        ("9:16", (84, 240, 912, 1440), 0),
        ("9:16", (84, 230, 912, 1440), 10),
    ],
)
def test_words_of_the_cover_that_a_grid_preview_cuts_are_a_warning(ratio, box, lost):
    layout = Layout(number=1, top=box[1], overflow=0, fits=(Fit("title", 90, 44, clipped=False, box=box),))

    check = check_grid_preview(make_document(aspect_ratio=ratio), layout)

    assert (check.measured, check.status) == (lost, Status.WARNED if lost else Status.PASSED)


def test_cut_off_picture_is_caught(finished):
    document, (first, second), pdf = finished
    half = replace(second, png=second.png[: len(second.png) // 2])

    faults = inspect(document, [first, half], pdf).faults

    assert [fault.split(": ")[:2] for fault in faults] == [["slide 2", "the picture cannot be read"]]


def test_untagged_and_untitled_pdf_is_told():
    checks = check_catalog(Catalog(is_tagged=False, title=" "))

    assert [(check.check, check.status) for check in checks] == [
        ("pdf_tags", Status.FAILED),
        ("pdf_title", Status.WARNED),
    ]


def test_catalog_is_read_from_the_pdf(finished):
    document, _, pdf = finished
    with pypdfium2.PdfDocument.new() as blank:
        blank.new_page(100, 100)
        saved = BytesIO()
        blank.save(saved)

    assert read_catalog(pdf) == Catalog(is_tagged=True, title=document.title)
    assert read_catalog(saved.getvalue()) == Catalog(is_tagged=False, title="")


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
