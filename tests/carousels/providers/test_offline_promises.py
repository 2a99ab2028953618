"""A headline keeps its number only when exactly so many points are shown."""

import pytest
from hypothesis import given, settings

from carousels.providers.offline import OfflineText
from carousels.providers.offline.text import plain
from tests.carousels.providers.briefs import briefs, indexes, kinds, promised, titles, write

PROMPT = "5 pricing mistakes freelancers make"


def test_five_mistakes_on_seven_slides_are_five_numbered_points():
    strategy = write(PROMPT, 7)

    assert kinds(strategy) == ["cover", "point", "point", "comparison", "point", "point", "cta"]
    assert indexes(strategy) == [1, 2, 3, 4, 5]
    assert strategy.slides[0].title == "5 *pricing mistakes* freelancers make"


def test_five_mistakes_on_five_slides_end_in_a_list_of_the_rest():
    strategy = write(PROMPT, 5)
    listed = strategy.slides[3]

    assert kinds(strategy) == ["cover", "point", "point", "list", "cta"]
    assert indexes(strategy) == [1, 2]
    assert (plain(listed.title), listed.index) == ("3–5: in short", 3)
    assert len(listed.items) == 3


def test_five_mistakes_on_three_slides_are_one_list():
    strategy = write(PROMPT, 3)

    assert kinds(strategy) == ["cover", "list", "cta"]
    assert len(strategy.slides[1].items) == 5


def test_a_number_that_no_slide_can_keep_is_not_promised():
    assert plain(write(PROMPT, 2).slides[0].title) == "Pricing mistakes freelancers make"
    assert plain(write("20 ways to save money", 6).slides[0].title) == "Ways to save money"
    assert plain(write("7 wonders of the world", 7).title).startswith("Wonders of the world")


def test_a_short_promise_on_many_slides_adds_no_further_number():
    strategy = write("3 myths about sleep", 10)

    assert indexes(strategy) == [1, 2, 3]
    assert kinds(strategy)[1:6] == ["point", "point", "comparison", "point", "list"]
    assert list(strategy.slides[5].items) == promised(strategy)


@pytest.mark.parametrize(
    ("prompt", "count"),
    [
        ("Five pricing mistakes", 5),
        ("Cinq erreurs de prix", 5),
        ("Cinco errores de precios", 5),
        ("Cinco erros de preço que você comete", 5),
        ("Cinque errori di prezzo", 5),
        ("Fünf Fehler bei der Preisgestaltung", 5),
        ("Vijf fouten bij het bepalen van je prijs", 5),
        ("خمسة أخطاء في التسعير", 5),
        ("חמש טעויות תמחור", 5),
        ("मूल्य तय करने की पाँच गलतियाँ", 5),
        ("価格設定の五つのミス", 5),
        ("五个定价错误", 5),
        ("٣ نصائح للنوم", 3),
        ("フリーランスのコツ3選", 3),
    ],
)
def test_a_count_is_read_in_every_language(prompt, count):
    strategy = write(prompt, count + 2)

    assert len(promised(strategy)) == count
    assert plain(strategy.slides[0].title) == prompt


def test_signs_without_a_bank_of_their_own_are_not_counted():
    strategy = write("5 Anzeichen, dass du den Job wechseln solltest", 7)

    assert plain(strategy.slides[0].title) == "Anzeichen, dass du den Job wechseln solltest"
    assert indexes(strategy) == []


@settings(max_examples=150, deadline=None)
@given(brief=briefs)
def test_a_deck_has_exactly_the_slides_asked_for(brief):
    strategy, _ = OfflineText().write_strategy(brief)

    assert [slide.number for slide in strategy.slides] == list(range(1, brief.image_count + 1))
    assert kinds(strategy)[0] == "cover"
    assert kinds(strategy)[-1] == "cta"
    assert kinds(strategy).count("cover") == kinds(strategy).count("cta") == 1
    rows = [len(slide.items) for slide in strategy.slides if slide.kind in ("list", "steps")]
    assert [count for count in rows if not 2 <= count <= 6] == []
    sides = [
        len(side)
        for slide in strategy.slides
        if slide.kind == "comparison"
        for side in (slide.items, slide.against)
    ]
    assert [count for count in sides if not 1 <= count <= 4] == []


@settings(max_examples=150, deadline=None)
@given(brief=briefs)
def test_no_point_comes_twice(brief):
    strategy, _ = OfflineText().write_strategy(brief)
    shown = [title.casefold() for title in titles(strategy)]

    assert len(set(shown)) == len(shown)
