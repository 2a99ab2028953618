"""Nothing is invented: figures, sources and people come from the brief or are not there."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings

from carousels.providers import offline
from carousels.providers.offline import OfflineText
from tests.carousels.providers.briefs import briefs, kinds, numbers, numbers_of, said, write

HOME = Path(offline.__file__).parent
BOOKS = sorted((HOME / "phrases").glob("*.json"))
ALL_BOOKS = [path for folder in ("phrases", "voices", "families") for path in (HOME / folder).glob("*.json")]


@settings(max_examples=200, deadline=None)
@given(brief=briefs)
def test_every_number_on_a_slide_comes_from_the_brief(brief):
    strategy, _ = OfflineText().write_strategy(brief)
    places = {str(place) for place in range(1, 61)}

    for slide in strategy.slides:
        # A list says which points it holds: "3-5: in short".
        own = places if slide.kind == "list" else set()
        digits = {digit for number in numbers(*said(slide)) - own for digit in number}
        known = {digit for number in numbers_of(brief) for digit in number}
        assert digits <= known


@pytest.mark.parametrize("prompt", ["5 pricing mistakes freelancers make", "Why sleep matters in 2026"])
@pytest.mark.parametrize("count", [4, 7, 10])
def test_a_slide_shows_only_whole_numbers_of_the_brief(prompt, count):
    strategy = write(prompt, count)

    shown = set().union(*(numbers(*said(slide)) for slide in strategy.slides if slide.kind != "list"))
    assert shown == numbers(prompt) or shown == set()


@settings(max_examples=100, deadline=None)
@given(brief=briefs)
def test_stat_and_quote_need_a_figure_and_a_quotation(brief):
    strategy, _ = OfflineText().write_strategy(brief)
    source = "".join("\n".join([brief.prompt, *brief.key_points]).split())

    for slide in strategy.slides:
        if slide.kind == "stat":
            assert slide.stat in source
        if slide.kind == "quote":
            assert "".join(slide.title.split()) in source
            assert "".join(slide.author.split()) in source


def test_a_figure_in_a_key_point_becomes_a_stat():
    strategy = write("Invoice tips for freelancers", 6, key_points=("40% of invoices are paid late",))
    slide = strategy.slides[1]

    assert (slide.kind, slide.stat, slide.title) == ("stat", "40%", "of invoices are paid late")


def test_evidence_stands_beside_the_points_where_there_is_room():
    points = ("40% of invoices are paid late", "Send invoices on Friday")

    roomy = write("3 tips for invoices", 6, key_points=points)
    narrow = write("3 tips for invoices", 5, key_points=points)

    assert kinds(roomy) == ["cover", "stat", "point", "comparison", "point", "cta"]
    assert [slide.title for slide in narrow.slides[1:3]] == [
        "40% of invoices are paid late",
        "Send invoices on Friday",
    ]
    assert kinds(narrow) == ["cover", "point", "point", "comparison", "cta"]


def test_a_figure_inside_a_sentence_leaves_the_sentence_whole():
    slide = write("Our year in review", 5, key_points=("We cut churn by 40%",)).slides[1]

    assert (slide.kind, slide.stat, slide.title) == ("stat", "40%", "We cut churn by 40%")


def test_a_quotation_keeps_its_author_and_role():
    slide = write("Money talk", 5, key_points=("“Cash flow is a habit.” — Maya Okafor, CFO",)).slides[1]

    assert (slide.kind, slide.title) == ("quote", "Cash flow is a habit.")
    assert (slide.author, slide.role) == ("Maya Okafor", "CFO")


def test_a_quotation_without_an_author_gets_none():
    slide = write("Money talk", 5, key_points=("“Cash flow is a daily habit.”",)).slides[1]

    assert (slide.kind, slide.author, slide.role) == ("quote", "", "")


def test_a_brief_without_figure_or_quotation_has_neither_kind():
    strategy = write("7 tips for better sleep", 10, key_points=("Go to bed early", "Dim the lights"))

    assert {"stat", "quote"} & set(kinds(strategy)) == set()


@pytest.mark.parametrize("book", ALL_BOOKS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_a_phrase_book_holds_no_figure(book):
    assert numbers(book.read_text(encoding="utf-8")) == set()


@pytest.mark.parametrize("book", BOOKS, ids=lambda path: path.stem)
def test_a_phrase_book_has_enough_phrases_that_fit_a_slide(book):
    content = json.loads(book.read_text(encoding="utf-8"))
    banks = content["points"]
    phrases = [phrase for bank in banks.values() for phrase in bank]

    assert {"mistakes", "tips", "questions", "reasons", "myths", "other"} <= set(banks)
    assert min(len(banks[kind]) for kind in ("mistakes", "tips", "questions", "other")) >= 8
    assert len({title for title, *_ in phrases}) == len(phrases)
    assert max(len(title) for title, *_ in phrases) <= 60
    assert max(len(text) for _, *texts in phrases for text in texts) <= 110
    assert all(title.count("*") in (0, 2) for title, *_ in phrases)
    assert len(content["extras"]) >= 6


def test_the_english_book_fills_ten_slides_of_every_kind():
    content = json.loads(BOOKS[[path.stem for path in BOOKS].index("en")].read_text(encoding="utf-8"))

    assert min(len(bank) for bank in content["points"].values()) >= 8
