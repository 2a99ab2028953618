"""Contrast measured block by block: on letters only, in the right place, emoji and edges left out."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from carousels.design.art import paint
from carousels.design.engine import compose_slide
from carousels.design.legibility import Block, Place, find_letters, measure_blocks, measure_letters
from carousels.design.themes import THEMES
from tests.carousels.design.decks import make_document, make_slide, paint_for

INK, MUTED, CARD = "#FFFFFF", "#AAAAAA", "#202020"
TITLE, CAPTION = Place("title", (0, 0, 400, 100)), Place("caption", (0, 100, 400, 200))


def draw_layers(*strokes: tuple[tuple[int, int, int, int], str], card: bool = False):
    """Words as bars of a colour on nothing or on a card, and the frame at half the size."""
    frame = Image.new("RGBA", (400, 300), CARD if card else (0, 0, 0, 0))
    words = frame.copy()
    for box, color in strokes:
        ImageDraw.Draw(words).rectangle(box, fill=color)
    return words, frame.resize((200, 150), Image.Resampling.NEAREST)


def measure(words: Image.Image, frame: Image.Image, ground: str, *places: Place) -> tuple[Block, ...]:
    background = Image.new("RGB", words.size, ground)
    page = background.copy()
    page.paste(words, mask=words)
    letters = find_letters(words, frame, (INK, MUTED), card=CARD)
    return measure_blocks(measure_letters(page, background, frame, letters), places)


def test_every_block_has_its_own_contrast():
    layers = draw_layers(((20, 20, 200, 40), INK), ((20, 120, 200, 140), MUTED))

    blocks = measure(*layers, "#000000", TITLE, CAPTION)

    assert blocks == (Block("title", 21.0), Block("caption", pytest.approx(9.04, abs=0.05)))


def test_words_on_a_card_are_measured_against_the_card():
    layers = draw_layers(((20, 20, 200, 40), INK), card=True)

    [title] = measure(*layers, "#FFFFFF", TITLE)

    assert title.contrast == pytest.approx(16.3, abs=0.1)


def test_worst_line_decides_a_block():
    words, frame = draw_layers(((20, 20, 390, 40), INK), ((20, 60, 40, 80), INK))
    background = Image.new("RGB", words.size, "#000000")
    ImageDraw.Draw(background).rectangle((0, 55, 400, 85), fill="#777777")
    page = background.copy()
    page.paste(words, mask=words)

    letters = find_letters(words, frame, (INK,), card=CARD)
    [title] = measure_blocks(measure_letters(page, background, frame, letters), [TITLE])

    assert title.contrast == pytest.approx(4.48, abs=0.02)


def test_words_in_no_place_are_measured_piece_by_piece():
    layers = draw_layers(((20, 220, 80, 240), INK), ((200, 220, 260, 240), MUTED))

    blocks = measure(*layers, "#000000", TITLE)

    assert [block.part for block in blocks] == ["label", "label"]
    assert sorted(block.contrast for block in blocks) == [pytest.approx(9.04, abs=0.05), 21.0]


def test_shapes_of_a_text_colour_are_no_letters():
    words, frame = draw_layers(((20, 20, 200, 60), INK))
    ImageDraw.Draw(frame).rectangle((10, 10, 100, 30), fill=INK)

    assert measure(words, frame, "#EEEEEE", TITLE) == ()


def test_soft_edges_of_another_text_colour_are_no_letters():
    words, frame = draw_layers(((20, 20, 200, 60), INK), card=True)
    ImageDraw.Draw(words).line((20, 61, 200, 61), fill=MUTED)  # a row halfway between letter and card

    [title] = measure(words, frame, "#000000", TITLE)

    assert title.contrast == pytest.approx(16.3, abs=0.1)


@pytest.mark.parametrize("theme", ["aurora", "cutout"])
def test_parts_of_a_real_slide_are_found_by_name(theme):
    document = make_document(make_slide("cover"), make_slide("cta", 2), theme=theme, aspect_ratio="4:5")

    figures = compose_slide(document, 1, paint_for(document, 1)).figures

    parts = [block.part for block in figures.blocks]
    assert parts[:5] == ["title", "caption", "header-left", "header-right", "footer"]
    assert figures.contrast == min(block.contrast for block in figures.blocks)


def test_emoji_count_in_no_block():
    with_emoji = make_document(
        make_slide("cover", title="🟡🟢⚪️ Three colours", caption=""), make_slide("cta", 2)
    )
    without = make_document(make_slide("cover", title="Three colours", caption=""), make_slide("cta", 2))
    art = paint(look=THEMES["cutout"], seed_text="x", number=1, total=2, aspect_ratio="1:1")

    contrasts = [
        next(
            block.contrast
            for block in compose_slide(document, 1, art).figures.blocks
            if block.part == "title"
        )
        for document in (with_emoji, without)
    ]

    assert contrasts[0] == pytest.approx(contrasts[1], abs=0.3)


def test_no_words_have_no_blocks():
    assert measure(*draw_layers(), "#000000", TITLE) == ()
    assert np.array_equal(find_letters(*draw_layers(), (INK,), card=CARD), np.zeros((2, 0)))
