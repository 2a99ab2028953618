"""What a prompt asks for: headline, kind of promise, count, topic and audience."""

import pytest

from carousels.brief import Brief
from carousels.providers.offline.reading import read
from tests.carousels.providers.briefs import write


def reading_of(prompt: str, **fields):
    return read(Brief(prompt, 7, **fields))


@pytest.mark.parametrize(
    ("prompt", "kind", "count", "topic", "audience"),
    [
        ("5 pricing mistakes freelancers make", "mistakes", 5, "pricing mistakes", "freelancers"),
        ("ten content ideas for bakers", "ideas", 10, "content ideas", "bakers"),
        ("10 tips for better sleep", "tips", 10, "better sleep", ""),
        ("The 3 biggest mistakes to avoid when buying a house", "mistakes", 3, "buying a house", ""),
        ("7 ways to save money", "tips", 7, "saving money", ""),
        ("How to get fit at home", "steps", None, "getting fit at home", ""),
        ("5 questions to ask before you hire a designer", "questions", 5, "hiring a designer", ""),
        ("5 tips for new managers", "tips", 5, "", "new managers"),
        ("Why sleep matters", "other", None, "sleep", ""),
        ("Why you should learn Spanish", "reasons", None, "learning Spanish", ""),
        ("Why your landing page doesn't convert", "causes", None, "", ""),
        ("Notion vs Obsidian", "comparison", None, "Notion vs Obsidian", ""),
        ("Announcing our summer sale", "announcement", None, "our summer sale", ""),
        ("5 reasons your plants die", "causes", 5, "", ""),
        ("5 reasons to learn Spanish", "reasons", 5, "learning Spanish", ""),
        ("Stop doing these 3 things on LinkedIn", "mistakes", 3, "LinkedIn", ""),
        (
            "Create a carousel explaining compound interest to teenagers",
            "other",
            None,
            "compound interest",
            "teenagers",
        ),
        ("Black Friday sale", "announcement", None, "Black Friday sale", ""),
        ("Instagram mistakes", "mistakes", None, "Instagram mistakes", ""),
        ("10 years of our company", "other", None, "10 years of our company", ""),
        ("2026 trends", "other", None, "2026 trends", ""),
    ],
)
def test_an_english_prompt_is_understood(prompt, kind, count, topic, audience):
    reading = reading_of(prompt)

    assert (reading.kind, reading.count, reading.topic, reading.audience) == (kind, count, topic, audience)


@pytest.mark.parametrize(
    ("prompt", "headline"),
    [
        ("Create a carousel about remote work", "Remote work"),
        ("Make 7 slides on how to grow tomatoes", "How to grow tomatoes"),
        ("Please write me a LinkedIn post about cold showers. Make it funny!", "Cold showers"),
        ("can you create an instagram carousel with 6 slides about the power of habit", "The power of habit"),
        ("Create a post about self care for new moms, warm and gentle tone", "Self care for new moms"),
        ("Topic: email marketing", "Email marketing"),
        ("  5 pricing   *mistakes*.  ", "5 pricing mistakes"),
        ("5 PRICING MISTAKES FREELANCERS MAKE", "5 pricing mistakes freelancers make"),
        ("iPhone tips for parents", "iPhone tips for parents"),
        ("Erstelle ein Karussell über Remote-Arbeit", "Remote-Arbeit"),
        ("Crée un carrousel sur le télétravail", "Le télétravail"),
        ("Crea un carrusel sobre hábitos para dormir mejor", "Hábitos para dormir mejor"),
        ("Crie um carrossel sobre trabalho remoto", "Trabalho remoto"),
        ("Crea un carosello sul lavoro da remoto", "Lavoro da remoto"),
        ("Maak een carrousel over thuiswerken", "Thuiswerken"),
        ("朝の習慣についてのカルーセルを作ってください", "朝の習慣"),
        ("做一个关于远程办公的轮播图", "远程办公"),
    ],
)
def test_an_order_is_stripped_to_what_it_is_about(prompt, headline):
    assert reading_of(prompt).headline == headline


def test_a_long_prompt_is_condensed_between_words():
    prompt = (
        "Everything that a small bakery needs to know about selling bread to restaurants in the next town "
        "and the towns behind it"
    )

    headline = reading_of(prompt).headline

    assert len(headline) <= 110
    assert headline.endswith("…")
    assert prompt.startswith(headline[:-1])
    assert prompt[len(headline) - 1] == " "


def test_a_long_prompt_ends_at_a_clause_where_it_can():
    prompt = (
        "Selling bread to restaurants, and what every small bakery should know before the first delivery "
        "leaves the house"
    )

    assert reading_of(prompt).headline == "Selling bread to restaurants"


def test_a_second_clause_stays_where_a_cover_has_room():
    prompt = "Wie man als Freelancer Rechnungen schreibt, die pünktlich bezahlt werden"

    assert reading_of(prompt).headline == prompt


def test_a_written_audience_beats_one_that_is_guessed():
    assert reading_of("Tips for bakers", audience="Busy parents, 30-45").audience == "busy parents"
    assert reading_of("Tips for bakers").audience == "bakers"


def test_bullets_in_the_prompt_are_key_points():
    reading = reading_of("Email marketing\n- Short subjects\n- One link\n- Short subjects")

    assert reading.headline == "Email marketing"
    assert reading.key_points == ("Short subjects", "One link")


def test_given_key_points_beat_bullets():
    reading = reading_of("Email marketing\n- Short subjects\n- One link", key_points=("Ask first",))

    assert reading.key_points == ("Ask first",)


@pytest.mark.parametrize(
    ("prompt", "title"),
    [
        ("How to grow tomatoes on a balcony", "How to *grow tomatoes* on a balcony"),
        ("7 signs it's time to change jobs", "7 signs it's time to *change jobs*"),
        (
            "How I grew my newsletter to 10,000 subscribers",
            "How I grew my newsletter to 10,000 *subscribers*",
        ),
        ("5 Fehler bei der Preisgestaltung, die wehtun", "5 *Fehler* bei der Preisgestaltung, die wehtun"),
        ("五个定价错误", "五个定价错误"),
    ],
)
def test_the_emphasis_falls_on_what_the_headline_is_about(prompt, title):
    assert write(prompt, 7).slides[0].title == title


@pytest.mark.parametrize(
    ("tone", "read_as"), [("playful, please", "playful"), ("formal", "formal"), ("", ""), ("purple", "")]
)
def test_tone_that_is_given_is_read(tone, read_as):
    assert reading_of("10 tips for better sleep", tone=tone).tone == read_as


def test_tone_that_is_given_wins_over_the_prompt_s_own():
    prompt = "10 tips for better sleep. Make it playful."

    assert (reading_of(prompt).tone, reading_of(prompt, tone="formal").tone) == ("playful", "formal")
