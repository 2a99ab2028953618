"""Pages and PDFs as the engine hands them out: size, sameness, and what stays inside the frame."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import pytest
from PIL import Image, ImageChops

from carousels.design.brand import Brand
from carousels.design.document import Words
from carousels.design.engine import compose_pdf, compose_slide, measure
from carousels.design.layout import describe, read_share
from carousels.design.preflight import read_pdf
from carousels.design.press import open_press
from tests.carousels.design.decks import (
    SLIDES,
    compose,
    encode,
    judge,
    make_document,
    make_slide,
    open_image,
    paint_for,
)

FRESH = """
import hashlib
from tests.carousels.design.decks import compose, make_document
pages, pdf = compose(make_document(theme="aurora"))
for data in (*(page.png for page in pages), pdf):
    print(hashlib.sha256(data).hexdigest())
"""


def draw_words(document, slides) -> list[bytes]:
    with open_press(describe(document, slides, [None] * len(slides))) as press:
        return press.draw()


def test_page_holds_picture_upload_thumbnail_and_background():
    document = make_document(aspect_ratio="4:5")

    page = compose_slide(document, 1, paint_for(document, 1))

    picture, thumbnail = open_image(page.png), open_image(page.thumbnail)
    background = open_image(page.background)
    assert (page.number, picture.format, picture.mode, picture.size) == (1, "PNG", "RGB", (1080, 1350))
    assert (open_image(page.jpeg).format, open_image(page.jpeg).size) == ("JPEG", (1080, 1350))
    assert (thumbnail.format, thumbnail.size) == ("JPEG", (540, 675))
    assert (background.format, background.size) == ("JPEG", (1080, 1350))


def test_two_renders_are_the_same_bytes_here_and_in_a_fresh_process():
    document = make_document(theme="aurora")

    first, second = compose(document), compose(document)
    fresh = subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True)

    assert first == second
    pages, pdf = first
    hashes = [hashlib.sha256(data).hexdigest() for data in (*(page.png for page in pages), pdf)]
    assert fresh.stdout.split() == hashes


def test_a_slide_alone_looks_as_in_the_whole_deck():
    kinds = ("cover", "point", "point", "list", "cta")
    slides = tuple(make_slide(kind, number) for number, kind in enumerate(kinds, start=1))
    document = make_document(*slides)

    alone = [draw_words(document, [slide])[0] for slide in document.slides]

    assert alone == draw_words(document, document.slides)


def test_page_is_the_background_under_the_words():
    document = make_document()
    page = compose_slide(document, 1, paint_for(document, 1))
    [words] = draw_words(document, [document.slides[0]])

    expected = open_image(page.background).convert("RGB")
    layer = open_image(words)
    expected.paste(layer, mask=layer)

    assert ImageChops.difference(expected, open_image(page.png)).getbbox() is None


def test_pdf_has_a_page_a_slide_with_live_text():
    document = make_document(make_slide("cover"), make_slide("point", 2), make_slide("cta", 3))
    background = encode(Image.new("RGB", document.size, "#FFFFFF"))

    printed = read_pdf(compose_pdf(document, [background] * 3))

    assert [sheet.size for sheet in printed] == [(1080, 1080)] * 3
    assert [
        slide_title in " ".join(sheet.text.split())
        for slide_title, sheet in zip(
            ("5 habits of brands people actually remember", "Say one thing per post", "Make your next post"),
            printed,
            strict=True,
        )
    ] == [True, True, True]


def test_pdf_wants_a_background_for_every_slide():
    with pytest.raises(ValueError, match="zip"):
        compose_pdf(make_document(), [b""])


def test_measure_tells_what_was_cut():
    long_quote = make_slide("quote", 2, title="A very long quote. " * 60)

    cover, quote = measure(make_document(make_slide("cover"), long_quote))

    assert (cover.number, cover.is_clipped) == (1, False)
    assert [(fit.part, fit.clipped) for fit in quote.fits] == [("title", True)]
    assert quote.overflow <= 1


def test_a_missing_caption_leaves_larger_words():
    with_caption, without = make_slide("point"), make_slide("point", 2, caption="")

    first, second = measure(make_document(with_caption, without))

    assert [fit.part for fit in second.fits] == ["title"]
    assert second.fits[0].size > first.fits[0].size


@pytest.mark.parametrize("kind", SLIDES)
def test_barest_slide_of_every_kind_passes(kind):
    bare = {"caption": "", "kicker": "", "author": "", "role": "", "button": "", "title": "Freelance pricing"}
    document = make_document(
        make_slide(kind, **bare),
        make_slide("cta", 2, **bare),
        brand=Brand(),
        words=Words(),
        language="en",
    )

    assert judge(document).faults == ()


def test_an_empty_handle_draws_neither_name_nor_tile():
    document = make_document(brand=Brand())

    [words, _] = draw_words(document, document.slides)

    top_left = open_image(words).crop((0, 0, 700, 150))
    assert top_left.getbbox() is None


def test_long_chrome_stays_in_the_safe_area():
    long = "@" + "northlight" * 7
    words = Words(swipe=long, follow=long, save=long, share=long)
    slides = (
        make_slide("cover", kicker=long),
        make_slide("quote", 2, author=long, role=long),
        make_slide("cta", 3, button=long),
    )

    verdict = judge(make_document(*slides, brand=Brand(name="Northlight", handle=long[:70]), words=words))

    assert verdict.faults == ()
    assert all(slide["box"][0] >= 82 and slide["box"][2] <= 1080 - 82 for slide in verdict.slides)


def test_right_to_left_mirrors_the_frame():
    document = make_document()

    [english, _] = draw_words(document, document.slides)
    [arabic, _] = draw_words(replace(document, language="ar"), document.slides)

    # The tile with the monogram stands at the start of the line.
    accent, start, end = (0xB8, 0x46, 0x1F, 255), (110, 80), (1080 - 110, 80)
    assert (open_image(english).getpixel(start), open_image(arabic).getpixel(end)) == (accent, accent)
    assert accent not in (open_image(english).getpixel(end), open_image(arabic).getpixel(start))


@pytest.mark.parametrize(
    ("stat", "share"),
    [("77%", 0.77), ("~ 3.5 %", 0.035), ("12,5%", 0.125), ("3.4×", None), ("140%", None), ("0%", None)],
)
def test_share_is_read_from_a_percentage(stat, share):
    assert read_share(stat) == (None if share is None else pytest.approx(share))
