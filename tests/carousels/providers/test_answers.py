"""What of a model's answer passes for a strategy, and what it is told about the rest."""

import json
from decimal import Decimal

import hypothesis
import pytest
from hypothesis import strategies as st

from carousels.providers import strategy_answer, strategy_prompt
from carousels.providers.base import SLIDE_KINDS, SlidePlan, Strategy, UnusableAnswer, Usage
from tests.carousels.providers import vendors, wire
from tests.carousels.providers.vendors import BRIEF

USAGE = Usage("fake", "fake-text", Decimal("0.01"))


def read(answer, brief=BRIEF) -> Strategy:
    return strategy_answer.read(wire.as_text(answer), brief, vendor="fake", usage=USAGE)


def faults_of(answer, brief=BRIEF) -> tuple[str, ...]:
    """What the model is told; the usage and its own words go along, and nobody else reads them."""
    with pytest.raises(UnusableAnswer) as caught:
        read(answer, brief)
    error = caught.value
    assert (error.code, error.usage) == ("INVALID_ANSWER", USAGE)
    assert error.correction.answer == wire.as_text(answer)
    assert str(error) == f"INVALID_ANSWER: fake wrote no strategy: {len(error.correction.faults)} faults"
    return error.correction.faults


def with_second(kind: str, brief=BRIEF, **changes):
    """A carousel whose second slide is of this kind."""
    answer = wire.carousel(brief.image_count)
    answer["slides"][1] = wire.slide(kind, 2, isCounted=False, **changes)
    return answer


def second(kind: str, brief=BRIEF, **changes) -> SlidePlan:
    return read(with_second(kind, brief, **changes), brief).slides[1]


# --- kinds ---------------------------------------------------------------------------------------------

ROWS = ["Write the price first", "Say it once"]
TOLD = vendors.brief(
    key_points=(
        "70 % of freelancers undercharge by 1200 a month",
        "“Price is what you pay” — Warren Buffett",
        "孔子曰",
    )
)
KINDS = {
    "point": {},
    "list": {"items": ROWS},
    "steps": {"items": ROWS},
    "comparison": {"items": ROWS, "against": ROWS[:1], "labels": ["Before", "After"]},
    "stat": {"stat": "70 %"},
    "quote": {"author": "Warren Buffett", "role": "Investor"},
}


@pytest.mark.parametrize(("kind", "own"), KINDS.items())
def test_every_kind_keeps_what_it_shows_and_nothing_else(kind, own):
    everything = {
        "items": ROWS,
        "against": ROWS,
        "labels": ["A", "B"],
        "kicker": "K",
        "stat": "70 %",
        "author": "Warren Buffett",
        "role": "R",
        "button": "B",
    }
    plan = second(kind, TOLD, **(everything | own))

    expected = {name: tuple(value) if isinstance(value, list) else value for name, value in own.items()}
    blank = SlidePlan(2, kind, plan.title, plan.caption, plan.image_prompt, plan.alt_text)
    assert plan == SlidePlan(**(vars(blank) | expected))


@pytest.mark.parametrize(
    ("kind", "changes", "fault"),
    [
        ("list", {"items": ROWS[:1]}, "slides.2.items: a list has 2 to 6"),
        ("steps", {"items": ROWS * 4}, "slides.2.items: a steps has 2 to 6"),
        ("comparison", {"items": ROWS}, "slides.2.against: a comparison has 1 to 4"),
        ("comparison", {"items": ROWS, "against": ROWS, "labels": ["A"]}, "slides.2.labels: two, or none"),
        ("stat", {"stat": ""}, "slides.2.stat: a figure of at most 12 characters"),
        ("stat", {"stat": "seven in ten people"}, "slides.2.stat: a figure of at most 12 characters"),
    ],
)
def test_slide_that_lacks_what_its_kind_shows_is_sent_back(kind, changes, fault):
    assert faults_of(with_second(kind, **changes)) == (fault,)


FIGURES = {
    "70 %": True,
    "٧٠٪": True,
    "$1,200": True,
    "73 %": False,
    "7 in 10": False,
    "$1,300": False,
    "half": False,
    "undercharge": True,
}


@pytest.mark.parametrize(("stat", "is_known"), FIGURES.items())
def test_figure_must_stand_in_the_request(stat, is_known):
    answer = with_second("stat", TOLD, stat=stat)
    if is_known:
        assert read(answer, TOLD).slides[1].stat == stat
    else:
        told = "slides.2.stat: this figure does not stand in the request; write another kind of slide"
        assert faults_of(answer, TOLD) == (told,)


@pytest.mark.parametrize(
    ("author", "is_known"),
    [
        ("W. Buffett", True),
        ("warren buffett", True),
        ("Albert Einstein", False),
        ("", False),
        ("of", False),
        ("孔子", True),
        ("老子", False),
    ],
)
def test_person_must_stand_in_the_request(author, is_known):
    answer = with_second("quote", TOLD, author=author)
    if is_known:
        assert read(answer, TOLD).slides[1].author == author
    else:
        told = "slides.2.author: this person does not stand in the request; write another kind of slide"
        assert faults_of(answer, TOLD) == (told,)


def test_counted_slides_are_numbered_in_their_order():
    answer = wire.carousel(7)
    kinds = ["point", "list", "steps", "comparison", "point"]
    for place, kind in enumerate(kinds, start=1):
        sides = {"items": ROWS, "against": ROWS} if kind != "point" else {}
        answer["slides"][place] = wire.slide(kind, place, isCounted=place != 5, **sides)
    plans = read(answer, vendors.brief(slides=7)).slides

    assert [plan.index for plan in plans] == [None, 1, 2, None, 4, None, None]


# --- the whole -----------------------------------------------------------------------------------------


def test_slides_must_be_as_many_as_asked():
    assert faults_of(wire.carousel(4)) == ("slides: there must be exactly 5, not 4",)


def test_first_is_a_cover_and_last_a_call():
    answer = wire.carousel(5)
    answer["slides"].reverse()

    assert faults_of(answer) == (
        'slides: the first must be a "cover", the last a "cta", and no other may be either',
    )


def test_two_slides_are_a_carousel():
    kinds = [plan.kind for plan in read(wire.carousel(2), vendors.brief(slides=2)).slides]

    assert kinds == ["cover", "cta"]


@pytest.mark.parametrize(
    ("look", "theme", "palette"), [("topo", "topo", ""), ("bauhaus/night", "bauhaus", "night")]
)
def test_look_is_a_theme_with_one_of_its_palettes(look, theme, palette):
    strategy = read(wire.carousel(look=look))

    assert (strategy.visual_theme, strategy.palette) == (theme, palette)


@pytest.mark.parametrize("look", ["bauhaus/ember", "vapor", ""])
def test_look_that_does_not_exist_is_sent_back(look):
    (fault,) = faults_of(wire.carousel() | {"look": look})

    assert fault.startswith("look: must be one of aurora, aurora/ember, ")


def test_look_that_a_style_names_is_not_the_models_to_choose():
    strategy = read(wire.carousel(look="topo"), vendors.brief(styles=("photo", "neon")))

    assert strategy_prompt.look_of(vendors.brief(styles=("photo", "neon"))) != ""
    assert f"{strategy.visual_theme}/{strategy.palette}" == strategy_prompt.look_of(
        vendors.brief(styles=("photo", "neon"))
    )


@pytest.mark.parametrize(("tag", "primary"), [("en", "en"), ("pt-BR", "pt"), ("ZH_Hant", "zh")])
def test_language_is_a_primary_tag(tag, primary):
    assert read(wire.carousel(language=tag)).language == primary


def test_language_in_prose_is_sent_back():
    assert faults_of(wire.carousel(language="English please")) == (
        'language: must be a language tag such as "en"',
    )


def test_texts_are_cleaned_and_hashtags_are_hashtags():
    tags = ["#one", "one", "two words", "#", "数字", "a" * 90, "<script>"]
    strategy = read(wire.carousel(title="  The *price*  ", hashtags=tags))

    assert strategy.title == "The price"
    assert strategy.hashtags == ("#one", "#twowords", "#数字", "#script")


def test_every_picture_is_set_in_the_same_world():
    answer = wire.carousel()
    prompts = [plan.image_prompt for plan in read(answer).slides]

    assert all(prompt.endswith(answer["visualWorld"]) for prompt in prompts)
    assert len(set(prompts)) == 5


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"title": ""}, "title: String should have at least 1 character"),
        ({"title": "a" * 121}, "title: String should have at most 120 characters"),
        ({"extra": 1}, "extra: Extra inputs are not permitted"),
        ({"hashtags": "#one"}, "hashtags: Input should be a valid array"),
        ({"slides": [7]}, "slides.1: Input should be an object"),
    ],
)
def test_answer_of_another_shape_is_sent_back(changes, fault):
    assert faults_of(wire.carousel() | changes) == (fault,)


@pytest.mark.parametrize("around", ["```json\n{}\n```", "Here it is:\n{}\nEnjoy!", "<think>short</think>{}"])
def test_object_is_found_in_what_chatty_servers_put_around_it(around):
    text = around.replace("{}", wire.as_text(wire.carousel()))

    assert strategy_answer.read(text, BRIEF, vendor="fake") == read(wire.carousel())


@pytest.mark.parametrize("change", [{"title": "A\0B"}, {"finalCaption": "A\0B"}, {"visualWorld": "A\0B"}])
def test_text_that_no_database_takes_is_sent_back(change):
    (fault,) = faults_of(wire.carousel() | change)

    assert fault.startswith(f"{next(iter(change))}: String should match pattern")


def test_figure_that_no_database_takes_is_sent_back():
    (fault,) = faults_of(with_second("stat", TOLD, stat="70\0"), TOLD)

    assert fault.startswith("slides.2.stat: String should match pattern")


def test_missing_key_is_sent_back():
    answer = wire.carousel()
    del answer["slides"][2]["altText"]

    assert faults_of(answer) == ("slides.3.altText: Field required",)


def test_faults_are_told_up_to_twenty():
    answer = wire.carousel(10)
    for slide in answer["slides"]:
        slide |= {"title": "", "caption": "", "altText": ""}

    assert len(faults_of(answer, vendors.brief(slides=10))) == 20


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(SLIDE_KINDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
paths = st.sampled_from([*wire.carousel(), *wire.slide()])


@hypothesis.given(key=paths, value=json_values)
def test_any_change_gives_a_whole_strategy_or_faults(key, value):
    answer = wire.carousel()
    if key in answer:
        answer[key] = value
    else:
        answer["slides"][2][key] = value
    try:
        strategy = read(answer)
    except UnusableAnswer:
        return
    assert [plan.number for plan in strategy.slides] == [1, 2, 3, 4, 5]
    assert all(plan.title and plan.caption and plan.alt_text for plan in strategy.slides)


@hypothesis.given(st.text(max_size=200))
def test_any_text_is_sent_back(text):
    with pytest.raises(UnusableAnswer):
        strategy_answer.read(text, BRIEF, vendor="fake")


# --- the schema ----------------------------------------------------------------------------------------


def parts_of(schema) -> list[dict]:
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    return [schema, *(part for child in inner for part in parts_of(child))]


def test_schema_is_what_both_vendors_take():
    parts = parts_of(strategy_answer.SCHEMA)

    assert set().union(*parts) == {"type", "properties", "items", "required", "enum", "additionalProperties"}
    assert all(isinstance(part["type"], str) for part in parts)
    objects = [part for part in parts if part["type"] == "object"]
    assert [part["required"] == list(part["properties"]) for part in objects] == [True, True]
    assert [part["additionalProperties"] for part in objects] == [False, False]
    assert json.loads(json.dumps(strategy_answer.SCHEMA)) == strategy_answer.SCHEMA


def test_schema_names_every_look_and_kind():
    root = strategy_answer.SCHEMA["properties"]

    assert root["look"]["enum"] == list(strategy_prompt.LOOKS)
    assert len(strategy_prompt.LOOKS) == 30
    assert root["slides"]["items"]["properties"]["kind"]["enum"] == list(SLIDE_KINDS)
