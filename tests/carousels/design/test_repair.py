"""Words are mended before they are cut, at a good place, and every change is told."""

import time

import pytest

from carousels.design.brand import Brand
from carousels.design.document import Words
from carousels.design.engine import measure
from carousels.design.layout import list_families
from carousels.design.preflight import check_words
from carousels.design.repair import Repair, mend
from carousels.design.repair.characters import make_settable
from carousels.design.repair.places import Place, list_fitted, read_texts, write_texts
from carousels.design.repair.shortening import count_shown, ends_inside_a_figure, shorten
from tests.carousels.design.decks import LANGUAGES, SLIDES, make_document, make_slide

LONG = "@" + "northlight" * 7


def tell(repairs: tuple[Repair, ...]) -> list[tuple]:
    return [(repair.slide, repair.field, repair.kind) for repair in repairs]


@pytest.mark.parametrize("language", [None, *LANGUAGES])
def test_a_document_that_passes_is_returned_itself(language):
    title, caption = LANGUAGES.get(language, (SLIDES["cover"]["title"], SLIDES["cover"]["caption"]))
    slides = [
        make_slide("cover", title=title, caption=caption),
        make_slide("list", 2, items=(title, caption)),
    ]
    slides += map(make_slide, SLIDES, range(3, 11)) if language is None else []
    document = make_document(*slides, language=language or "en")

    mended = mend(document)

    assert mended.document is document
    assert mended.repairs == ()
    assert list(mended.layouts) == measure(document)


def test_long_text_ends_with_a_sentence_and_fits():
    sentence = "A sentence that says one thing, and says it well."
    document = make_document(make_slide("quote", title=" ".join([sentence] * 40)), make_slide("cta", 2))

    mended = mend(document)

    [repair] = mended.repairs
    assert (repair.slide, repair.field, repair.kind) == (1, "title", "shortened")
    assert mended.document.slides[0].title.removesuffix(sentence) != mended.document.slides[0].title
    assert [layout.is_clipped for layout in measure(mended.document)] == [False, False]


def test_mending_twice_changes_nothing_more():
    floods = ("words and more words " * 200, "a" * 20_000, "記憶に残るブランド、" * 100, "👩🏽‍💻" * 500)
    slides = [
        make_slide(kind, number, title=flood, caption="")
        for number, (kind, flood) in enumerate(zip(SLIDES, floods, strict=False), start=1)
    ]
    once = mend(make_document(*slides, brand=Brand(name="N", handle=LONG)))

    twice = mend(once.document)

    assert len(once.repairs) == 5
    assert list(once.layouts) == measure(once.document)
    assert (twice.document is once.document, twice.repairs) == (True, ())
    assert check_words(once.document).passed


def test_every_kind_of_text_is_mended_and_told_in_order():
    long = "words and more words " * 40
    slides = (
        make_slide("cover", kicker=long, caption=long),
        make_slide("quote", 2, author=long, role=long),
        make_slide("comparison", 3, items=("short", long), against=(long,), labels=(long, "no")),
        make_slide("cta", 4, button=long),
    )
    words = Words(swipe=long, follow="Follow", save="Save", share="Share")

    mended = mend(make_document(*slides, brand=Brand(handle=LONG), words=words, watermark=long))

    assert sorted(tell(mended.repairs), key=str) == sorted(
        [
            (None, "handle", "shortened"),
            (None, "watermark", "shortened"),
            (None, "swipe", "shortened"),
            (1, "kicker", "shortened"),
            (1, "caption", "shortened"),
            (2, "author", "shortened"),
            (2, "role", "shortened"),
            (3, "item 2", "shortened"),
            (3, "item against 1", "shortened"),
            (3, "label 1", "shortened"),
            (4, "button", "shortened"),
        ],
        key=str,
    )
    assert [layout.cuts for layout in measure(mended.document)] == [()] * 4
    assert mended.document.slides[2].items[0] == "short"


@pytest.mark.parametrize(
    ("text", "room", "shorter"),
    [
        ("One thing. Two things. Three things are many.", 30, "One thing. Two things."),
        ("One. A longer sentence that has no end in sight", 30, "One. A longer sentence that…"),
        (
            "Write the scope first, name one price, send it at once",
            45,
            "Write the scope first, name one price",
        ),
        ("Price what it is worth – not the hours you sit", 34, "Price what it is worth"),
        ("Say it, e.g. like this or in any other way", 20, "Say it, e.g. like…"),
        ("Words without any pause at all here", 22, "Words without any…"),
        ("Donaudampfschifffahrtsgesellschaft", 10, "Donaudampf…"),
        ("记住品牌的五个习惯。先学会这几招，再规划内容", 18, "记住品牌的五个习惯。"),
        ("Keep *every single word* of this", 18, "Keep *every single*…"),
        ("Keep **every single word** of this", 20, "Keep **every single**…"),
        ("Keep this *word*", 11, "Keep this…"),
    ],
)
def test_text_ends_where_a_reader_would_pause(text, room, shorter):
    assert shorten(text, room) == shorter


@pytest.mark.parametrize(
    ("text", "shown", "count"),
    [
        ('It\'s *one* "word" here', "It’s one “word”…", 18),
        ("a  b   c", "a\u00a0b…", 7),
        ("Straßen\u00adbahn", "Straßenb…", 9),
        ("whole", "whole", 5),
    ],
)
def test_what_is_shown_is_found_in_the_text_however_it_is_set(text, shown, count):
    assert count_shown(text, shown) == count


@pytest.mark.parametrize(
    ("text", "room", "inside"),
    [
        ("12,500,000", 6, True),
        ("12,500 and more", 6, False),
        ("12,500 and more", 9, False),
        ("77%", 3, False),
    ],
)
def test_a_figure_is_never_cut(text, room, inside):
    assert ends_inside_a_figure(text, room) == inside


def test_a_figure_that_cannot_fit_is_left_alone_and_is_a_fault():
    document = make_document(make_slide("stat", stat="9" * 200), make_slide("cta", 2))

    mended = mend(document)

    assert mended.document is document
    assert [fault.split(" and ")[0] for fault in check_words(document).faults] == [
        "slide 1: the stat did not fit"
    ]


def test_words_too_long_for_their_column_get_places_to_break():
    word = "Straßenbahnhaltestellenhaus"
    slide = make_slide("comparison", title="kurz", items=(word,) * 4, against=("kurz",) * 4)
    document = make_document(slide, make_slide("cta", 2), language="de", theme="halftone")
    before = measure(document)[0].overflow

    mended = mend(document)

    broken = "Stra\u00adßenbahn\u00adhalte\u00adstel\u00adlenhaus"
    assert [(repair.field, repair.kind, repair.after) for repair in mended.repairs] == [
        (f"item {row}", "hyphenated", broken) for row in (1, 2, 3, 4)
    ]
    assert (before > 1, measure(mended.document)[0].overflow <= 1) == (True, True)


@pytest.mark.parametrize(
    ("text", "settable"),
    [
        ("Hieroglyph 𓀀 here", "Hieroglyph here"),
        ("It ends 𓀀.", "It ends."),
        ("*𓀀* and *𓀀 words*", "and *words*"),
        ("𝐁𝐨𝐥𝐝 and 𝓯𝓪𝓷𝓬𝔂", "Bold and fancy"),
        ("꧁name꧂", "name"),
        ("abc\u202edef\u2066 \x00\x07 ghi", "abcdef ghi"),
        ("z" + "\u0301\u0316" * 50, "z\u0316\u0316\u0316\u0316"),
    ],
)
def test_what_cannot_be_shown_is_replaced_or_left_out(text, settable):
    families = list_families(make_document())

    assert make_settable(text, families).replace("ź", "z") == settable


@pytest.mark.parametrize("text", ["ᏣᎳᎩ", "plain", "two  spaces", "e\u0301 decomposed", "𓀀", "👩🏽‍💻 🇫🇷 1️⃣"])
def test_letters_that_somebody_reads_and_good_text_stay_as_they_are(text):
    assert make_settable(text, list_families(make_document())) is text


def test_dropped_characters_are_told_with_both_texts():
    document = make_document(make_slide("cover", title="Hieroglyph 𓀀 here"), make_slide("cta", 2))

    mended = mend(document)

    assert [repair.as_dict() for repair in mended.repairs] == [
        {
            "slide": 1,
            "field": "title",
            "kind": "dropped_characters",
            "from": "Hieroglyph 𓀀 here",
            "to": "Hieroglyph here",
        }
    ]
    assert mended.document.slides[0].title == "Hieroglyph here"
    assert check_words(mended.document, repairs=mended.repairs).passed


def test_texts_are_read_and_written_by_their_places():
    document = make_document(*map(make_slide, SLIDES, range(1, 9)), watermark="small print")
    texts = read_texts(document)

    changed = write_texts(document, {place: f"{text}!" for place, text in texts.items()})

    assert read_texts(changed) == {place: f"{text}!" for place, text in texts.items()}
    assert write_texts(document, {}) is document
    assert (texts[Place(None, "handle")], texts[Place(6, "against", 1)]) == (
        "@northlight.studio",
        "Scope agreed on the phone",
    )


def test_fits_know_their_places():
    items, against = ("one", "\u202e", "three"), ("four",)
    document = make_document(make_slide("comparison", items=items, against=against), make_slide("cta", 2))

    layouts = measure(document)

    assert [place.name for place in list_fitted(document.slides[0], layouts[0])] == [
        "title",
        "item 1",
        "item 3",
        "item against 1",
    ]


def test_a_flooded_deck_is_mended_in_bounded_time():
    flood = "z" + "\u0301\u0316" * 2500
    slides = [make_slide("list", number, title=flood, items=(flood,) * 6) for number in range(1, 11)]
    document = make_document(*slides)
    started = time.process_time()

    mended = mend(document)

    assert time.process_time() - started < 15  # bounded, however busy the machine
    assert check_words(mended.document).passed
