"""What makes decks differ: the rhythm of kinds, purpose, readers, tone, pairs, steps, whole prompts."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from carousels.brief import Brief
from carousels.providers import offline
from carousels.providers.offline import OfflineText
from carousels.providers.offline.rhythm import capacity, fold, needed_breaks, spread, turn
from carousels.providers.offline.text import plain
from tests.carousels.providers.briefs import briefs, kinds, promised, said, write

PURPOSES = ["educate", "sell", "inspire", "inform", "entertain"]
PROMPTS = {
    "en": ["8 pricing mistakes freelancers make", "How to learn Spanish", "Morning routines"],
    "de": ["8 Fehler bei der Preisgestaltung", "Wie du Spanisch lernst", "Die Zukunft der Arbeit"],
    "es": ["8 errores de precios", "Cómo ahorrar dinero", "El futuro del trabajo"],
    "fr": ["8 erreurs de prix", "Comment économiser de l’argent", "Le travail de demain"],
    "it": ["8 errori di prezzo", "Come risparmiare denaro", "Il futuro del lavoro"],
    "nl": ["8 fouten bij het bepalen van je prijs", "Hoe je beter slaapt", "De toekomst van het werk"],
    "pt": ["8 erros de preço que você comete", "Como dormir melhor", "O futuro do trabalho"],
    "ar": ["8 أخطاء في التسعير", "كيف توفر المال", "مستقبل العمل"],
    "he": ["8 טעויות תמחור", "איך לישון טוב יותר", "עתיד העבודה"],
    "hi": ["मूल्य तय करने की 8 गलतियाँ", "बेहतर नींद के टिप्स", "काम का भविष्य"],
    "ja": ["価格設定の8つのミス", "よく眠るコツ", "これからの働き方"],
    "zh": ["8个定价错误", "如何存钱", "未来的工作方式"],
}
CASES = [(language, prompt) for language, prompts in PROMPTS.items() for prompt in prompts]
POINTS = ("Ask first", "Write it down", "Say the price: out loud", "Invoice on Friday", "Raise it")


def has_three_in_a_row(names: list[str]) -> bool:
    return any(len(set(names[at : at + 3])) == 1 for at in range(len(names) - 2))


@pytest.mark.parametrize("points", [0, 1, 3, 5])
@pytest.mark.parametrize(("language", "prompt"), CASES)
def test_never_three_of_a_kind_in_a_row(language, prompt, points):
    decks = [write(prompt, count, key_points=POINTS[:points]) for count in range(2, 11)]

    assert [kinds(deck) for deck in decks if has_three_in_a_row(kinds(deck))] == []
    assert {deck.language for deck in decks if not points} <= {language}


@settings(max_examples=200, deadline=None)
@given(brief=briefs)
def test_never_three_of_a_kind_in_a_row_whatever_is_asked(brief):
    strategy, _ = OfflineText().write_strategy(brief)

    assert not has_three_in_a_row(kinds(strategy))


@pytest.mark.parametrize("prompt", [prompts[0] for prompts in PROMPTS.values()])
@pytest.mark.parametrize("count", [4, 7, 10])
def test_all_that_was_promised_is_there(prompt, count):
    assert len(promised(write(prompt, count))) == 8


@pytest.mark.parametrize("language", PROMPTS)
def test_a_deck_without_points_varies_its_slides(language):
    assert len(set(kinds(write(PROMPTS[language][2], 8)))) >= 4


@given(points=st.integers(0, 48), room=st.integers(0, 8))
def test_a_fold_holds_every_point(points, room):
    plan = fold(points, room)

    if points <= capacity(room) and plan:
        assert len(plan.beats) == room
        assert plan.beats.count("P") + sum(plan.groups) == points
        assert not any(letter * 3 in plan.beats for letter in "PG")
    else:
        assert plan is None


@given(points=st.integers(0, 8), more=st.integers(0, 6))
def test_interludes_stand_between_points(points, more):
    plan = spread(points, needed_breaks(points) + more)

    assert plan.beats.count("P") == points
    assert "PPP" not in plan.beats


@pytest.mark.parametrize(
    ("pairs", "spare", "beats"),
    [
        ([False, False, True, False, False], 0, "PPTPP"),
        ([False] * 5, 2, "PPXPPXP"),
        ([False, False, True, False], 1, "PPTPX"),
    ],
)
def test_a_third_point_is_told_as_a_comparison(pairs, spare, beats):
    assert turn(pairs, spare).beats == beats


def test_a_third_point_that_is_no_pair_needs_an_interlude():
    assert turn([False] * 3, 0) is None


# --- purpose, readers, tone ---


@pytest.mark.parametrize("prompt", [prompts[2] for prompts in PROMPTS.values()])
def test_purposes_differ_from_cover_to_end(prompt):
    decks = [write(prompt, 8, purpose=purpose).slides for purpose in PURPOSES]

    covers = {(deck[0].kicker, deck[0].caption) for deck in decks}
    middles = {tuple(part for slide in deck[1:-1] for part in said(slide)) for deck in decks}
    ends = {(deck[-1].title, deck[-1].caption, deck[-1].button) for deck in decks}
    assert [len(covers), len(middles), len(ends)] == [len(PURPOSES)] * 3


@pytest.mark.parametrize("tone", ["playful", "formal", "bold", "calm"])
def test_a_tone_opens_the_deck(tone):
    voice = json.loads((Path(offline.__file__).parent / "voices/en.json").read_text(encoding="utf-8"))
    cover = write("Morning routines", 6, styles=(tone,)).slides[0]

    assert cover.kicker == voice["tones"][tone]["kicker"]
    assert cover.caption in voice["tones"][tone]["covers"]


def test_readers_hear_something_of_their_own():
    voice = json.loads((Path(offline.__file__).parent / "voices/en.json").read_text(encoding="utf-8"))
    titles = {title for title, _ in voice["readers"]["parents"]["points"]}
    strategy = write("Morning routines", 8, audience="busy parents")

    assert len(titles & {slide.title for slide in strategy.slides}) >= 1


# --- what the brief gives ---


@pytest.mark.parametrize(
    ("point", "do", "avoid"),
    [
        ("A written scope instead of a phone call", "A written scope", "A phone call"),
        ("Don't wait for month's end, invoice on Friday", "Invoice on Friday", "Wait for month's end"),
        ("Instead of hoping, ask for a deposit", "Ask for a deposit", "Hoping"),
        ("Ein Festpreis statt Stundenlohn", "Ein Festpreis", "Stundenlohn"),
        ("Un prix fixe au lieu d’un tarif horaire", "Un prix fixe", "Un tarif horaire"),
        ("Un precio fijo en lugar de tarifa por hora", "Un precio fijo", "Tarifa por hora"),
        ("Een vaste prijs in plaats van een uurtarief", "Een vaste prijs", "Een uurtarief"),
        ("固定价格而不是按小时收费", "固定价格", "按小时收费"),
    ],
)
def test_a_point_with_two_sides_becomes_a_comparison(point, do, avoid):
    slide = write("Client contracts", 6, key_points=(point, f"{point}!")).slides[1]

    assert slide.kind == "comparison"
    assert (slide.items[0], slide.against[0]) == (do, avoid)


def test_marked_points_are_the_sides_of_a_comparison():
    slide = write("Contracts", 5, key_points=("Do: ask", "Don't: guess", "Do: write")).slides[1]

    assert (slide.kind, slide.items, slide.against) == ("comparison", ("Ask", "Write"), ("Guess",))


def test_two_named_things_head_the_columns():
    slide = write("Notion vs Obsidian", 5, key_points=("Notion: databases", "Obsidian: files")).slides[1]

    assert (slide.labels, slide.items, slide.against) == (
        ("Notion", "Obsidian"),
        ("Databases",),
        ("Files",),
    )


@pytest.mark.parametrize("language", PROMPTS)
def test_a_way_is_shown_in_steps(language):
    how_to = {"hi": "कैसे शुरू करें", "ja": "貯金のやり方", "pt": "Como dormir melhor"}

    assert "steps" in kinds(write(how_to.get(language, PROMPTS[language][1]), 8))


def test_own_steps_are_summed_up_in_their_order():
    points = ("Soak the beans", "Boil them", "Season")
    strategy = write("How to cook beans", 7, key_points=points)
    way = [slide for slide in strategy.slides if slide.kind == "steps"]

    assert points in [slide.items for slide in way]


@pytest.mark.parametrize(
    "prompt", ["社交媒体运营的三个建议", "3 tips for better sleep", "5 tips for better sleep"]
)
@pytest.mark.parametrize("count", range(5, 11))
def test_nothing_is_summed_up_before_it_was_said(prompt, count):
    slides = write(prompt, count).slides
    recaps = [slide.number for slide in slides if slide.kind == "list" and slide.index == 1]
    counted = [slide.number for slide in slides if slide.kind in ("point", "comparison") and slide.index]

    assert [number for number in recaps if counted and number < max(counted)] == []


def test_the_lines_of_a_prompt_are_used():
    strategy = write(
        "Email marketing\nAudience: shop owners\nTone: formal\n"
        "- Short subjects\n1. Ask <b>one</b> thing\n• 3 < 5",
        8,
    )
    shown = [text for slide in strategy.slides for text in said(slide)]

    assert strategy.slides[0].kicker == "For shop owners"
    assert {"Short subjects", "Ask one thing", "3 < 5"} <= set(shown)


def test_sentences_after_the_headline_are_points_and_orders_are_not():
    strategy = write("We opened a bakery. Our bread is baked at dawn. Make it funny! Mention free coffee.", 6)
    shown = [plain(slide.title) for slide in strategy.slides]

    assert shown[:3] == ["We opened a bakery", "Our bread is baked at dawn", "Free coffee"]
    assert not any("funny" in text for text in shown)


def test_a_quotation_in_the_prompt_is_a_quote():
    strategy = write('A post on resilience. "Fall down, get up, and laugh later." — Mira Sol, climber', 5)
    quote = strategy.slides[1]

    assert (quote.kind, quote.title) == ("quote", "Fall down, get up, and laugh later.")
    assert (quote.author, quote.role) == ("Mira Sol", "climber")


@pytest.mark.parametrize("prompt", [prompt for _, prompt in CASES])
@pytest.mark.parametrize("count", [5, 10])
def test_the_prompt_is_said_once(prompt, count):
    strategy = write(prompt, count, key_points=(prompt,))
    texts = [plain(text).casefold() for slide in strategy.slides for text in said(slide)]

    assert sum(prompt.casefold() in text for text in texts) == 1


def test_a_strategy_is_written_for_any_seed():
    decks = {write("Morning routines", 8, audience=f"reader {letter}").slides for letter in "abcdefghijkl"}

    assert len(decks) == 12


def test_every_language_has_every_voice():
    folder = Path(offline.__file__).parent / "voices"
    shapes = {
        path.stem: {
            name: sorted(content[name]) for name in ("purposes", "tones", "readers", "checklists", "paths")
        }
        for path in folder.glob("*.json")
        for content in [json.loads(path.read_text(encoding="utf-8"))]
    }

    assert set(shapes) == set(PROMPTS)
    assert [language for language, shape in shapes.items() if shape != shapes["en"]] == []


def test_brief_is_never_changed():
    brief = Brief("Morning routines", 6, key_points=("a", "b"))
    before = repr(brief)

    OfflineText().write_strategy(brief)

    assert repr(brief) == before
