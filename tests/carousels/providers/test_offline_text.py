"""Decks as a reader gets them: key points, wording, themes, the post, and odd prompts."""

import time

import pytest
from hypothesis import given, settings

from carousels.brief import Brief
from carousels.languages import words
from carousels.providers.base import Usage
from carousels.providers.offline import FREE, OfflineText
from carousels.providers.offline.text import plain
from tests.carousels.providers.briefs import briefs, indexes, kinds, said, titles, write

ODD_PROMPTS = [
    "test",
    "test test t",
    "🎉🎉🎉🎉 🎉🎉🎉🎉",
    "👩🏽‍💻" * 40,
    "1234567890",
    "https://example.com/a/b?c=d",
    "a" * 5_000,
    "word " * 1_000,
    "5 tips " * 700,
    "é" * 5_000,
    "、" * 5_000,
    "「" * 5_000,
    " - " * 1_700,
    "“" * 5_000,
    "why " * 5_000,
    "x. " * 6_600,
    "<a" * 10_000,
    "instead of " * 1_800,
    "Do: a\nDon't: b\n" * 1_200,
    "create a carousel " * 280,
    "\n\n- \n- \n",
    "*** ***",
    "{topic} {number} %s {0}",
    "שלום world مرحبا 世界 5 tips",
    "مرحبا\u200f بالعالم\u202e",
    "Hello\x00World\ud800"[:-1],
    "5",
    "５つの習慣",
]


@pytest.mark.parametrize("prompt", ODD_PROMPTS, ids=lambda prompt: ascii(prompt[:20]))
def test_an_odd_prompt_still_makes_a_deck_at_once(prompt):
    write(prompt)  # the phrase books are read once per process
    started = time.process_time()
    strategy = write(prompt, 6, key_points=(prompt,) * 3)
    seconds = time.process_time() - started

    assert len(strategy.slides) == 6
    assert all(plain(slide.title).strip() for slide in strategy.slides)
    assert seconds < 1  # bounded, however busy the machine


@settings(max_examples=200, deadline=None)
@given(brief=briefs)
def test_a_deck_fits_its_limits(brief):
    strategy, _ = OfflineText().write_strategy(brief)

    for slide in strategy.slides:
        assert plain(slide.title).strip()
        assert slide.title.count("*") in (0, 2)
        assert len(plain(slide.title)) <= {"quote": 200, "cover": 110}.get(slide.kind, 80)
        assert len(slide.caption) <= 160
        assert not any("*" in part for part in said(slide)[1:])
    assert 3 <= len(strategy.hashtags) <= 8
    assert len(strategy.final_caption) <= 2_200
    assert all(tag in strategy.final_caption for tag in strategy.hashtags)


@settings(max_examples=50, deadline=None)
@given(brief=briefs)
def test_the_same_brief_gives_the_same_deck(brief):
    assert OfflineText().write_strategy(brief) == OfflineText().write_strategy(brief)


def test_writing_costs_nothing_and_names_its_model():
    _, usage = OfflineText().write_strategy(Brief("Morning routines", 5))

    assert usage == Usage("offline", "offline-copywriter-1", FREE)


def test_another_brief_reads_differently():
    assert titles(write("5 tips for better sleep")) != titles(write("5 tips for better mornings"))


def test_key_points_stand_in_their_order_and_words():
    points = ("Opens Monday", "Coffee: freshly roasted", "Dogs are welcome - cats too")
    strategy = write("We're launching our new coffee shop", 6, key_points=points)

    assert titles(strategy) == ["Opens Monday", "Coffee", "Dogs are welcome"]
    assert [slide.caption for slide in strategy.slides if slide.kind == "point"] == [
        "",
        "Freshly roasted",
        "Cats too",
    ]


def test_a_detail_is_not_lost_where_points_share_a_slide():
    strategy = write(
        "Our café", 5, key_points=("Opens Monday", "Coffee: freshly roasted", "Dogs are welcome")
    )

    assert kinds(strategy)[1:3] == ["point", "list"]
    assert strategy.slides[2].items == ("Coffee: Freshly roasted", "Dogs are welcome")


def test_more_key_points_than_slides_are_grouped():
    points = tuple(f"Point {letter}" for letter in "ABCDEFGHIJKL")
    strategy = write("Our method", 6, key_points=points)
    shown = [row for slide in strategy.slides[1:-1] for row in (slide.items or (slide.title,))]

    assert kinds(strategy) == ["cover", "point", "list", "point", "list", "cta"]
    assert shown == list(points)


def test_key_points_that_share_a_title_are_told_apart():
    strategy = write("Our method", 6, key_points=("Ask: early", "Ask: again", "ask: early"))

    assert titles(strategy)[:2] == ["Ask", "Ask: again"]


def test_key_points_come_before_general_ones_and_keep_the_promise():
    strategy = write("5 tips for better sleep", 7, key_points=("Dim the lights", "Leave the phone outside"))

    assert titles(strategy)[:2] == ["Dim the lights", "Leave the phone outside"]
    assert indexes(strategy) == [1, 2, 3, 4, 5]


def test_two_slides_say_the_key_points_on_the_cover():
    strategy = write("Our café", 2, key_points=("Opens Monday", "Dogs welcome"))

    assert strategy.slides[0].caption == "Opens Monday · Dogs welcome"


def test_the_audience_stands_above_the_headline():
    assert write("Morning routines", audience="Busy parents").slides[0].kicker == "For busy parents"
    assert write("Morgenroutinen für den Winter", audience="Eltern").slides[0].kicker == "Für Eltern"


@pytest.mark.parametrize(
    ("purpose", "button"),
    [
        ("Generate leads", "Send a message"),
        ("educate my followers", "Follow to learn more"),
        ("start a conversation", "Leave a comment"),
        ("inspire", "Share this"),
        ("brand awareness", "Follow for more"),
        ("", words("en").button),
    ],
)
def test_the_purpose_decides_the_call_to_action(purpose, button):
    assert write("Morning routines", purpose=purpose).slides[-1].button == button


@pytest.mark.parametrize("prompt", ["Morning routines", "How to grow tomatoes", "5 myths about sleep"])
def test_no_sentence_comes_twice_in_a_deck(prompt):
    strategy = write(prompt, 10)
    sentences = [
        part
        for slide in strategy.slides
        if slide.kind != "list"
        for part in (slide.title, slide.caption)
        if part
    ]

    assert len(set(sentences)) == len(sentences)
    assert [plain(sentence) for sentence in sentences].count(prompt) <= 1


@pytest.mark.parametrize("language", ["de", "fr", "es", "pt", "it", "nl", "ar", "he", "hi", "ja", "zh"])
def test_a_deck_speaks_one_language(language):
    prompts = {
        "de": "Die Zukunft der Arbeit",
        "fr": "Le travail de demain",
        "es": "El futuro del trabajo",
        "pt": "O futuro do trabalho",
        "it": "Il futuro del lavoro",
        "nl": "De toekomst van het werk",
        "ar": "مستقبل العمل",
        "he": "עתיד העבודה",
        "hi": "काम का भविष्य",
        "ja": "これからの働き方",
        "zh": "未来的工作方式",
    }
    strategy = write(prompts[language], 10)
    english = write("The future of work", 10)

    assert strategy.language == language
    assert strategy.slides[-1].button == words(language).button
    assert {text for slide in strategy.slides for text in said(slide)} & {
        text for slide in english.slides for text in said(slide)
    } == set()
