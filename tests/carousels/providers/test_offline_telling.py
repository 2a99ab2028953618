"""What creators tell in running text, news and stories: their own sentences, unbroken and in order."""

import json
from pathlib import Path

import pytest

from carousels.providers import offline
from carousels.providers.offline.text import plain, split_detail
from tests.carousels.providers.briefs import kinds, titles, write

ARTICLE = """Why we moved our support team to written answers

For three years our support line was open from 9 to 5 and our team of four was tired. In March we
closed the phone and answered everything in writing. 62% of the tickets were solved with the first
reply, according to our own count in June. "I finally understand what I was told," wrote Jana Meier,
a customer since 2019. We were afraid people would leave. Nobody did. We would do it again."""
ARTICLE = ARTICLE.replace("\n\n", "¶").replace("\n", " ").replace("¶", "\n\n")
FAMILIES = sorted((Path(offline.__file__).parent / "families").glob("*.json"))


def test_a_long_sentence_breaks_where_a_reader_breathes():
    sentence = "For three years our support line was open from nine to five and our team of four was tired."

    title, detail = split_detail(sentence, frozenset({"and"}))

    assert title == "For three years our support line was open from nine to five"
    assert detail == "…and our team of four was tired."


def test_an_article_is_told_in_its_own_sentences():
    slides = write(ARTICLE, 7).slides[1:-1]

    assert [slide.kind for slide in slides] == ["point", "point", "stat", "quote", "point"]
    assert slides[0].title == "For three years our support line was open from 9 to 5"
    assert (slides[2].stat, slides[2].title) == ("62%", "of the tickets were solved with the first reply")
    assert slides[2].caption == "According to our own count in June."


def test_a_sentence_names_who_is_quoted():
    quote = next(slide for slide in write(ARTICLE, 7).slides if slide.kind == "quote")

    assert quote.title == "I finally understand what I was told"
    assert (quote.author, quote.role) == ("Jana Meier", "a customer since 2019")


def test_a_post_tells_a_text_in_whole_sentences():
    paragraphs = write(ARTICLE, 7).final_caption.split("\n\n")

    assert paragraphs[1].endswith("from 9 to 5 and our team of four was tired.")
    assert paragraphs[3].startswith("62% of the tickets were solved")


def test_a_third_plain_sentence_is_pulled_out():
    text = "Our year. We planted one tree. We planted two trees. We planted three trees. We went home."

    assert kinds(write(text, 6)) == ["cover", "point", "point", "quote", "point", "cta"]


def test_emphasis_holds_whole_words():
    assert write("Why we moved to written answers", 5).slides[0].title.endswith("*written answers*")


@pytest.mark.parametrize(
    ("prompt", "kicker"),
    [
        ("our café opens on Sunday", "News"),
        ("We opened our second shop in Lyon last week", "News"),
        ("Promote our yoga class on Tuesday evenings", "News"),
        ("Thank you for 10,000 followers!", "From us to you"),
        ("story of how I lost my biggest client", "The story"),
        ("why we open sourced our editor", "The story"),
        ("Unser neuer Laden in Leipzig öffnet am Samstag", "Neuigkeit"),
        ("Warum wir die Vier-Tage-Woche eingeführt haben", "Die Geschichte"),
        ("Pourquoi nous avons choisi la semaine de quatre jours", "L’histoire"),
        ("Il nostro forno apre sabato a Torino", "Novità"),
        ("新しいカフェがオープンします", "お知らせ"),
        ("新店开业了", "新消息"),
    ],
)
def test_news_and_stories_open_in_their_own_way(prompt, kicker):
    strategy = write(prompt, 5, purpose="sell")

    assert strategy.slides[0].kicker == kicker
    assert [slide.index for slide in strategy.slides if slide.index] == []


def test_the_figure_of_an_offer_gets_a_slide():
    strategy = write("launch of our summer sale 40% off", 5)

    assert strategy.title == "Our summer sale: 40% off"
    assert (strategy.slides[1].kind, strategy.slides[1].stat) == ("stat", "40%")


def test_a_recipe_is_not_promised_when_none_was_given():
    strategy = write("a recipe for focaccia in 6 steps", 7)
    given = write("a recipe for focaccia in 3 steps", 7, key_points=("Mix", "Let it rise", "Bake it"))

    assert strategy.title.startswith("Focaccia")
    assert given.title == "A recipe for focaccia in 3 steps"


def test_the_only_middle_slide_shows_several_points():
    strategy = write("10 questions to ask before renting a flat", 3)

    assert kinds(strategy) == ["cover", "list", "cta"]
    assert len(strategy.slides[1].items) == 6


@pytest.mark.parametrize(
    ("prompt", "family"),
    [("how to plan a week of meals", "meals"), ("Learning to garden on a balcony", "garden")],
)
def test_the_narrower_field_gives_the_advice(prompt, family):
    book = json.loads(next(path for path in FAMILIES if path.stem == "en").read_text(encoding="utf-8"))
    tips = {plain(title) for title, *_ in book[family]["tips"]}

    assert set(titles(write(prompt, 5))) <= tips


def test_a_dash_left_by_a_quotation_is_no_point():
    strategy = write('Notes\n- Ask first\n- "Calm is a habit of mine." — Lena Vogt\n- Write it down', 6)

    assert [slide.title for slide in strategy.slides if slide.kind == "point" and slide.index] == [
        "Ask first",
        "Write it down",
    ]


def test_a_question_is_answered_with_questions():
    slides = write("Is it worth buying a house?", 6).slides

    assert [slide.title.endswith("?") for slide in slides if slide.index] == [True, True, True]


def test_one_line_is_no_list():
    assert "•" not in write("Minimalism", 4, purpose="sell").final_caption


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_every_language_knows_home_garden_pets_and_cars(path):
    families = json.loads(path.read_text(encoding="utf-8"))
    phrases = [phrase for family in families.values() for phrase in family["tips"]]

    assert [name for name in ("home", "garden", "pets", "cars") if len(families[name]["tips"]) < 3] == []
    assert max(len(title) for title, *_ in phrases) <= 60
    assert max(len(text) for _, *texts in phrases for text in texts) <= 110
    assert all(title.count("*") in (0, 2) for title, *_ in phrases)
