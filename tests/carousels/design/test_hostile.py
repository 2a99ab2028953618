"""Words meant to do harm: they are set literally, in bounded time, inside the frame."""

import os
import tempfile
import time

import pytest

from carousels.design.brand import Brand
from carousels.design.engine import compose_pdf, measure
from carousels.design.preflight import read_pdf
from carousels.design.text.typography import polish
from tests.carousels.design.decks import (
    compose,
    encode,
    judge,
    make_document,
    make_slide,
    open_image,
    paint_for,
)

MARKUP = '#read("/etc/passwd") #panic() <b>x</b> $x^2$ = H_1 @cite \\u{41} `raw` //c'

FLOODS = {
    "marks": "z" + "\u0301\u0316" * 2500,
    "joined marks": "z" + "\u200d\u0316" * 2500,
    "one word": "a" * 20_000,
    "one address": "https://example.com/" + "a/b?c=" * 4000,
    "emoji": "👩🏽‍💻" * 4000,
    "text": "words and more words " * 5000,
    "arabic": "كلمات " * 5000,
    "stars": "*a" * 10_000,
}


def test_markup_is_set_literally():
    document = make_document(
        make_slide("cover", title=MARKUP, caption=MARKUP), make_slide("cta", 2, button=MARKUP)
    )

    _, pdf = compose(document)

    text = "".join("".join(sheet.text.split()) for sheet in read_pdf(pdf))
    shown = polish(MARKUP, language="en")  # only its quotes are curled
    assert "".join(shown.split()) in text.replace("\u200b", "")


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS.keys())
def test_flood_of_text_is_set_in_bounded_time(flood):
    slides = (make_slide("cover", title=flood, caption=flood), make_slide("list", 2, items=(flood,) * 6))
    document = make_document(*slides, title=flood, brand=Brand(name=flood, handle=flood))
    measure(make_document())  # fonts are loaded once a process
    started = time.process_time()

    layouts = measure(document)

    assert time.process_time() - started < 8  # bounded, however busy the machine
    assert max(layout.overflow for layout in layouts) <= 1


@pytest.mark.parametrize("name", ["marks", "one word", "emoji"])
def test_flooded_slide_passes_preflight(name):
    flood = FLOODS[name]
    slides = (
        make_slide("cover", title=flood, caption=flood),
        make_slide("quote", 2, title=flood, author=flood),
    )

    assert judge(make_document(*slides)).faults == ()


@pytest.mark.parametrize("emoji", ["🔥" * 22, "🔥😀🎉" * 10, "👩‍👩‍👧‍👦" * 6])
def test_emoji_on_several_lines_pass_preflight(emoji):
    slides = (make_slide("cover", title=f"Hot {emoji}", caption=""), make_slide("point", 2, title=emoji))

    assert judge(make_document(*slides)).faults == ()


@pytest.mark.parametrize("invisible", ["\x00\x01", "\u202e\u2066", "\u200b\u00ad", "\u0301"])
def test_invisible_words_leave_a_whole_slide(invisible):
    slides = (
        make_slide("list", title=invisible, items=(invisible,)),
        make_slide("stat", 2, title=invisible, stat=invisible, caption=invisible),
        make_slide("quote", 3, title=invisible, author=invisible, caption=invisible),
        make_slide("cover", 4, title=invisible, kicker=invisible, caption=invisible),
    )

    layouts = measure(make_document(*slides, brand=Brand(name=invisible, handle=invisible), title=invisible))

    assert [layout.overflow <= 1 for layout in layouts] == [True] * 4


def test_nothing_is_left_in_the_temporary_folder(monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    document = make_document()

    compose_pdf(document, [encode(open_image(paint_for(document, 1)))] * 2)

    assert os.listdir(tmp_path) == []
