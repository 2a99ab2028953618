"""What must never be handed out: each fault made on purpose, seen, and mended where it can be.

Bounds on time are wide: machines are shared. What a fault costs is CPU of this process.
"""

import time
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from carousels.design import backdrop
from carousels.design.brand import Brand
from carousels.design.engine import compose_slide
from carousels.design.export.posts import write_posts
from carousels.design.photos.picture import UnreadablePicture
from carousels.design.preflight import Status, check_words, inspect, read_pdf
from carousels.design.repair import mend
from carousels.design.themes import THEMES
from tests.carousels.design.decks import compose, encode, make_document, make_slide, open_image, paint_for

MARKUP = '#read("/etc/passwd") #panic() <b>x</b> $x^2$ = H_1 @cite `raw`'

# A text, and what is left of it once it is mended.
HOSTILE = {
    "word of 300 characters": ("a" * 300, "a"),
    "token of 20,000 characters": ("b" * 20_000, "b"),
    "5,000 combining marks": ("z" + "\u0301\u0316" * 2500, "ź̖"),
    "bidi overrides": ("report\u202egnp.exe\u2066 now", "reportgnp.exe now"),
    "control characters": ("a\x00b\x07c\x1b[31m d", "abc[31m d"),
    "ornaments": ("𓀀 Title 𓀀", "Title"),
}


@contextmanager
def bounded(seconds: float):
    started = time.process_time()
    yield
    assert time.process_time() - started < seconds


def make_photo() -> bytes:
    """White on the left, black on the right: no single ink is legible on both."""
    pixels = np.zeros((1080, 1080, 3), np.uint8)
    pixels[:, :540] = 255
    return encode(Image.fromarray(pixels))


def find_failed(verdict, check: str) -> list[int]:
    """The slides on which this check failed."""
    return sorted(
        {
            review.number
            for review in verdict.reviews
            for told in review.checks
            if told.check == check and told.status is Status.FAILED
        }
    )


def test_grey_text_on_its_card_is_caught(monkeypatch):
    cutout = THEMES["cutout"]
    grey = replace(cutout.colors, ink="#8C9690", muted="#8C9690")
    monkeypatch.setitem(THEMES, "cutout", replace(cutout, colors=grey))
    document = make_document()

    verdict = inspect(document, *compose(document))

    assert find_failed(verdict, "contrast") == [1, 2]
    assert not verdict.passed


def test_photo_without_a_scrim_is_repaired(monkeypatch):
    monkeypatch.setattr(backdrop, "solve_scrim", lambda art, colors, zones: np.zeros(33))
    document = make_document(theme="aurora")

    page = compose_slide(document, 1, make_photo(), is_photo=True)

    assert page.figures.contrast >= 4.5
    assert page.figures.panel == "card" or "scrim" in page.figures.repairs


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_mended_in_every_place(name):
    text, rest = HOSTILE[name]
    slides = (
        make_slide("cover", title=text, caption=text, kicker=text),
        make_slide("comparison", 2, title=text, items=(text,) * 4, against=(text,) * 4, labels=(text, text)),
        make_slide("quote", 3, title=text, author=text, role=text),
        make_slide("cta", 4, title=text, caption=text, button=text),
    )
    document = make_document(*slides, title=text, brand=Brand(name=text, handle=text), watermark=text)

    with bounded(15):
        mended = mend(document)
        verdict = check_words(mended.document, repairs=mended.repairs)

    assert (verdict.faults, len(mended.repairs) >= 20) == ((), True)
    assert mended.document.slides[0].title.startswith(rest)
    assert mend(mended.document).document is mended.document


def test_hostile_text_makes_a_deck_that_passes():
    document = mend(
        make_document(
            make_slide("cover", title="b" * 20_000, caption="z" + "\u0301\u0316" * 2500),
            make_slide("cta", 2, title="report\u202egnp.exe", caption="𓀀 ornaments 𓀀", button="c" * 300),
        )
    ).document

    with bounded(30):
        verdict = inspect(document, *compose(document))

    assert verdict.faults == ()
    assert [slide["clipped"] for slide in verdict.slides] == [False, False]


def test_markup_is_neither_mended_nor_obeyed():
    document = make_document(make_slide("cover", title=MARKUP), make_slide("cta", 2, caption=MARKUP))

    _, pdf = compose(mend(document).document)

    said = ["".join(sheet.text.split()) for sheet in read_pdf(pdf)]
    for sign in ("#panic()", "<b>x</b>", "$x^2$", "@cite", "`raw`"):
        assert [sign in text for text in said] == [True, True]
    assert mend(document).document is document


def test_handle_of_70_characters_is_shortened_and_told():
    handle = "@" + "n" * 69
    document = make_document(brand=Brand(name="Northlight", handle=handle))

    mended = mend(document)

    [repair] = mended.repairs
    assert (repair.slide, repair.field, repair.before) == (None, "handle", handle)
    assert mended.document.brand.handle == handle[: len(repair.after) - 1] + "…"
    assert [warning for warning in check_words(document).warnings if "is shown as" in warning] != []
    assert check_words(mended.document).warnings == ()


def test_letters_without_a_glyph_are_refused_before_any_picture():
    document = make_document(make_slide("cover", title="ᏣᎳᎩ"), make_slide("cta", 2))

    mended = mend(document)

    assert mended.document is document
    assert find_failed(check_words(mended.document), "glyphs") == [1]


def test_caption_over_a_network_s_limit_is_shortened_and_told():
    posts = write_posts("A sentence of the caption. " * 400, ("pricing", "freelance"))

    verdict = check_words(make_document(), posts=posts)

    repaired = {check.part for check in verdict.deck if check.status is Status.REPAIRED}
    assert repaired == {"instagram", "linkedin", "x", "threads", "tiktok"}
    assert [post.length <= post.limit for post in posts.values()] == [True] * len(posts)


def test_three_points_in_a_row_are_a_warning_not_a_fault():
    slides = (
        make_slide("cover"),
        *(make_slide("point", number) for number in (2, 3, 4)),
        make_slide("cta", 5),
    )

    verdict = check_words(make_document(*slides))

    assert (verdict.faults, verdict.warnings) == ((), ("slides 2 to 4 are all of kind point",))


@pytest.mark.parametrize("kept", [0.1, 0.5, 0.99])
def test_cut_off_picture_is_refused_as_art_and_caught_as_a_page(kept):
    document = make_document()
    art = encode(open_image(paint_for(document, 1)).convert("RGB"), "PNG")
    pages, pdf = compose(document)
    half = replace(pages[1], png=pages[1].png[: int(len(pages[1].png) * kept)])

    with pytest.raises(UnreadablePicture):
        compose_slide(document, 1, art[: int(len(art) * kept)])
    assert find_failed(inspect(document, [pages[0], half], pdf), "picture") == [2]
