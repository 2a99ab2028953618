"""Kinds of slides, panels and the tokens of the frame: each drawn, in its place, and unlike the others."""

from dataclasses import replace

import pytest

from carousels.design.document import KINDS, SIZES, Words
from carousels.design.layout import Layout, describe, find_safe_area
from carousels.design.press import open_press
from carousels.design.themes import THEMES
from tests.carousels.design.decks import make_document, make_slide, open_image

PANELS = ("bare", "card", "sheet", "sticker")
SIDES = Words(swipe="Swipe", follow="Follow", save="Save", share="Share", do="Do", avoid="Not that")


def make_deck(*slides, **changes):
    """The given slides before a call to action, so that there are two or more."""
    numbered = [replace(slide, number=number) for number, slide in enumerate(slides, start=1)]
    return make_document(
        *numbered, make_slide("cta", len(numbered) + 1), **{"theme": "aurora", "words": SIDES, **changes}
    )


def measure_first(document, panel: str | None = None) -> Layout:
    panels = [panel] if panel else None
    with open_press(describe(document, document.slides[:1], [None], panels)) as press:
        return press.measure()[0]


def draw_first(document, panel: str | None = None):
    panels = [panel] if panel else None
    with open_press(describe(document, document.slides[:1], [None], panels)) as press:
        return open_image(press.draw()[0])


def reframe(monkeypatch, **changes: object) -> None:
    frame = replace(THEMES["aurora"].frame, **changes)
    monkeypatch.setitem(THEMES, "aurora", replace(THEMES["aurora"], frame=frame))


def boxes_of(layout: Layout, part: str) -> list[tuple[float, float, float, float]]:
    return [fit.box for fit in layout.fits if fit.part == part]


@pytest.mark.parametrize("ratio", SIZES)
@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_its_words_in_the_safe_area(kind, panel, ratio):
    document = make_deck(make_slide(kind), aspect_ratio=ratio)
    safe, (width, height) = find_safe_area(ratio), document.size

    layout = measure_first(document, panel)

    assert (layout.overflow <= 0.1, layout.is_clipped) == (True, False)
    for left, top, box_width, box_height in (fit.box for fit in layout.fits):
        assert left >= safe.side
        assert left + box_width <= width - safe.side + 0.1
        assert top >= layout.top - 0.1
        assert top + box_height <= height - safe.bottom


@pytest.mark.parametrize(("ratio", "is_beside"), [("1:1", True), ("4:5", True), ("9:16", False)])
def test_comparison_stands_in_columns_unless_the_page_is_tall(ratio, is_beside):
    layout = measure_first(make_deck(make_slide("comparison"), aspect_ratio=ratio))

    rows = boxes_of(layout, "item")
    good, bad = rows[:3], rows[3:]
    assert (bad[0][1] == good[0][1]) == is_beside
    assert (bad[0][0] > good[0][0] + 300) == is_beside
    assert len({fit.size for fit in layout.fits if fit.part == "item"}) == 1


def test_comparison_of_long_rows_is_stacked():
    long = "Write down what each person decides alone before the next long meeting of all the teams"
    slide = make_slide("comparison", items=(long, long), against=(long,))

    rows = boxes_of(measure_first(make_deck(slide, aspect_ratio="4:5")), "item")

    assert rows[0][0] == rows[2][0]
    assert rows[2][1] > rows[1][1] + rows[1][3]


def test_comparison_puts_this_before_that_in_both_directions():
    document = make_deck(make_slide("comparison"), aspect_ratio="4:5")

    english = boxes_of(measure_first(document), "item")
    arabic = boxes_of(measure_first(replace(document, language="ar")), "item")

    assert english[0][0] < 540 < english[3][0]
    assert arabic[0][0] > 540 > arabic[3][0]


def test_comparison_takes_its_own_labels_before_the_frames_words():
    document = make_deck(make_slide("comparison"), make_slide("comparison", 2, labels=("Works", "Fails")))

    slides = describe(document, document.slides[:2], [None, None]).data["slides"]

    assert [slide["labels"] for slide in slides] == [["Do", "Not that"], ["Works", "Fails"]]


def test_comparison_without_labels_needs_less_room():
    slide = make_slide("comparison")

    labelled = measure_first(make_deck(slide, aspect_ratio="9:16"))
    bare = measure_first(make_deck(slide, aspect_ratio="9:16", words=Words()))

    assert bare.top > labelled.top


def test_steps_are_joined_by_a_line_and_a_list_is_not():
    items = ("Ask", "Write", "Send")

    def count_accent_in_gap(kind: str) -> int:
        document = make_deck(make_slide(kind, items=items), aspect_ratio="4:5")
        layout, picture = measure_first(document), draw_first(document)
        first, second, _ = boxes_of(layout, "item")
        middle = round((first[1] + first[3] + second[1]) / 2)
        row = picture.crop((84, middle, round(first[0]), middle + 1))
        return sum(count for count, color in row.getcolors() if color == (0x7C, 0xF3, 0xD0, 255))

    assert (count_accent_in_gap("steps"), count_accent_in_gap("list")) == (6, 0)


def test_six_long_rows_are_whole_and_of_one_size():
    items = tuple(f"Row {number} says rather more than a row should ever say" for number in range(6))

    for kind in ("list", "steps"):
        layout = measure_first(make_deck(make_slide(kind, items=items)))
        rows = [fit for fit in layout.fits if fit.part == "item"]

        assert ([fit.clipped for fit in rows], len({fit.size for fit in rows})) == ([False] * 6, 1)


@pytest.mark.parametrize("panel", PANELS)
def test_each_slide_chooses_its_panel(panel):
    document = make_deck(make_slide("point"), aspect_ratio="4:5")
    card = (0x14, 0x16, 0x2E, 255)

    picture = draw_first(document, panel)

    layout = measure_first(document, panel)
    beside_words = picture.getpixel((90, round(layout.top) + 60))
    foot = picture.getpixel((20, 1340))
    expected = {
        "bare": (False, False),
        "card": (True, False),
        "sticker": (True, False),
        "sheet": (True, True),
    }
    assert (beside_words == card, foot == card) == expected[panel]


def test_without_a_choice_every_slide_has_the_themes_panel():
    document = make_document(theme="cutout")

    slides = describe(document, document.slides, [None, None]).data["slides"]

    assert {slide["panel"] for slide in slides} == {THEMES["cutout"].frame.panel}


@pytest.mark.parametrize(
    ("token", "values"),
    [
        ("numeral", ("plain", "outline", "badge")),
        ("progress", ("dots", "bar", "ticks")),
        ("align", ("start", "center")),
    ],
)
def test_each_value_of_a_token_looks_different(monkeypatch, token, values):
    document = make_deck(make_slide("point", index=1))
    pictures = set()

    for value in values:
        reframe(monkeypatch, **{token: value})
        pictures.add(draw_first(replace(document)).tobytes())

    assert len(pictures) == len(values)


def test_centred_words_stand_in_the_middle(monkeypatch):
    reframe(monkeypatch, align="center")

    layout = measure_first(make_deck(make_slide("point", index=1)))

    assert [round(fit.box[0] + fit.box[2] / 2) for fit in layout.fits] == [540, 540]


def test_neighbouring_cards_do_not_stand_alike():
    slides = [make_slide("point", number, index=number) for number in (1, 2, 3)]
    document = make_deck(*slides, theme="cutout", aspect_ratio="4:5")

    with open_press(describe(document, document.slides[:3], [None] * 3)) as press:
        tops = [layout.top for layout in press.measure()]

    assert len(set(tops)) == 3


def test_short_words_on_a_tall_page_begin_in_its_upper_half():
    layout = measure_first(make_deck(make_slide("point", index=1), aspect_ratio="9:16"))

    assert 500 < layout.top < 960
    assert layout.fits[0].size > 100


@pytest.mark.parametrize("panel", PANELS)
def test_watermark_is_drawn_in_the_footer(panel):
    plain = make_deck(make_slide("point"))

    marked = draw_first(replace(plain, watermark="Made with Northlight"), panel)

    footer = (330, 970, 750, 1010)
    assert marked.crop(footer).tobytes() != draw_first(plain, panel).crop(footer).tobytes()
    assert (
        marked.crop((0, 0, 1080, 960)).tobytes() == draw_first(plain, panel).crop((0, 0, 1080, 960)).tobytes()
    )


def test_shortened_title_ends_with_a_word():
    words = ["word", "another", "longer", "sentence"] * 40
    layout = measure_first(make_deck(make_slide("list", title=" ".join(words))))

    title = layout.fits[0]
    assert title.clipped
    assert title.shown.endswith("…")
    assert title.shown[:-1].split()[-1] in words


@pytest.mark.parametrize("panel", PANELS)
@pytest.mark.parametrize("kind", ["list", "steps"])
def test_rows_of_very_different_lengths_stay_in_their_place(kind, panel):
    items = ("https://example.com/a/very/long/path/to/something?with=more", "word " * 60, "3D", "ok")

    layout = measure_first(make_deck(make_slide(kind, title="Donaudampfschiff" * 3, items=items)), panel)

    assert layout.overflow <= 0.1


def test_counted_comparison_shows_its_number_above_the_title():
    counted, plain = (
        measure_first(make_deck(make_slide("comparison", index=index), aspect_ratio="4:5"))
        for index in (3, None)
    )

    assert boxes_of(counted, "title")[0][1] - counted.top > 60
    assert boxes_of(plain, "title")[0][1] - plain.top < 1


def test_rows_of_several_lines_keep_apart():
    long = "Ask what the result is worth to the client before you open the calendar"
    layout = measure_first(make_deck(make_slide("steps", items=(long,) * 3), aspect_ratio="9:16"))

    first, second, _ = boxes_of(layout, "item")
    size = next(fit.size for fit in layout.fits if fit.part == "item")
    assert second[1] - (first[1] + first[3]) > 0.6 * size


def test_caption_gives_up_a_little_size_for_a_short_last_line():
    fits = measure_first(
        make_deck(make_slide("cta", caption="Tell us below. We read every answer you send."))
    ).fits

    caption = next(fit for fit in fits if fit.part == "caption")
    assert caption.box[3] < 1.5 * caption.size
