"""Words by a real model's API: what is asked, and what becomes of the answer."""

import json

import pytest

from tests.carousels.providers import vendors
from tests.carousels.providers.fake_vendor import TEXT
from tests.carousels.providers.vendors import BRIEF

NAMES = ("openai", "chat", "gemini")


def user_text(call) -> str:
    if "input" in call.body:
        return call.body["input"]
    if "messages" in call.body:
        return call.body["messages"][1]["content"]
    return call.body["contents"][0]["parts"][0]["text"]


def system_text(call) -> str:
    if "instructions" in call.body:
        return call.body["instructions"]
    if "messages" in call.body:
        return call.body["messages"][0]["content"]
    return call.body["systemInstruction"]["parts"][0]["text"]


@pytest.mark.parametrize("name", NAMES)
def test_strategy_is_written(vendor, name):
    strategy, usage = vendors.texts(vendor.url)[name].write_strategy(BRIEF, end_user="abc")

    assert [slide.kind for slide in strategy.slides] == ["cover", "point", "point", "point", "cta"]
    assert [slide.index for slide in strategy.slides] == [None, 1, 2, 3, None]
    assert (strategy.visual_theme, strategy.palette, strategy.language) == ("editorial", "noir", "en")
    assert strategy.hashtags == ("#pricing", "#freelancelife")
    assert (usage.input_tokens, usage.output_tokens) == (2_000, 1_200 if name == "gemini" else 900)
    assert usage.request_id
    assert vendor.count(TEXT) == 1


@pytest.mark.parametrize("name", NAMES)
def test_whole_brief_reaches_the_model_as_data(vendor, name):
    vendors.texts(vendor.url)[name].write_strategy(BRIEF)

    asked = json.loads(user_text(vendor.calls[0]))
    assert asked["request"] == {
        "topic": BRIEF.prompt,
        "audience": "freelancers",
        "purpose": "",
        "tone": "dry",
        "keyPoints": [],
        "styles": ["photo"],
    }
    assert (asked["slides"], asked["aspectRatio"]) == (5, "1:1")
    assert BRIEF.prompt not in system_text(vendor.calls[0])
