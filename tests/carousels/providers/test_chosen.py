"""Which providers an installation uses: configured from the environment alone, faults told early."""

from decimal import Decimal

import pytest
from django.core import checks
from django.test import override_settings

from carousels.providers import chosen, configuration
from carousels.providers.configuration import InvalidConfiguration
from carousels.providers.openai import OpenAIModeration
from tests.carousels.providers import vendors


def names(providers) -> list[tuple[str, str]]:
    return [(provider.name, provider.model) for provider in providers]


OPENAI_WORDS, GEMINI_WORDS = ("openai", "gpt-6-luna"), ("gemini", "gemini-3.8-flash")
OPENAI_ART, GEMINI_ART = ("openai", "gpt-image-2.5-flare"), ("gemini", "gemini-nano-banana-2.1")
OFFLINE_WORDS, OFFLINE_ART = ("offline", "offline-copywriter-1"), ("offline", "offline-art-1")
KEY, GOOGLE_KEY = {"OPENAI_API_KEY": "sk-secret"}, {"GOOGLE_AI_API_KEY": "AIza-secret"}
SERVER = {"OPENAI_BASE_URL": "http://127.0.0.1:11434/v1/"}


@pytest.mark.parametrize(
    ("told", "texts", "images"),
    [
        ({}, [OFFLINE_WORDS], [OFFLINE_ART]),
        (KEY, [OPENAI_WORDS], [OPENAI_ART]),
        (GOOGLE_KEY, [GEMINI_WORDS], [GEMINI_ART]),
        (KEY | GOOGLE_KEY, [OPENAI_WORDS, GEMINI_WORDS], [OPENAI_ART, GEMINI_ART]),
        (
            KEY | GOOGLE_KEY | {"AI_ORDER": "gemini, openai"},
            [GEMINI_WORDS, OPENAI_WORDS],
            [GEMINI_ART, OPENAI_ART],
        ),
        (KEY | GOOGLE_KEY | {"AI_ORDER": "gemini"}, [GEMINI_WORDS], [GEMINI_ART]),
        (SERVER | {"OPENAI_TEXT_MODEL": "llama3.2"}, [("openai", "llama3.2")], [OFFLINE_ART]),
        (KEY | {"OPENAI_IMAGE_MODEL": ""}, [OPENAI_WORDS], [OFFLINE_ART]),
        (KEY | GOOGLE_KEY | {"OPENAI_TEXT_MODEL": ""}, [GEMINI_WORDS], [OPENAI_ART, GEMINI_ART]),
    ],
)
def test_providers_are_those_with_a_key_in_the_operators_order(told, texts, images):
    with override_settings(**told):
        assert (names(chosen.texts()), names(chosen.images())) == (texts, images)


@pytest.mark.parametrize(
    ("told", "has_one"),
    [
        ({}, False),
        (KEY, True),
        (GOOGLE_KEY, False),
        (SERVER, False),
        (SERVER | {"OPENAI_MODERATION_MODEL": "mine"}, True),
        (KEY | {"OPENAI_MODERATION_MODEL": ""}, False),
        (KEY | GOOGLE_KEY | {"AI_ORDER": "gemini"}, False),
    ],
)
def test_moderation_comes_with_a_key_of_openai(told, has_one):
    with override_settings(**told):
        assert isinstance(chosen.moderator(), OpenAIModeration) is has_one


def test_compatible_server_is_spoken_to_by_chat_and_told_nothing_it_may_not_know():
    vendor = vendors.compatible("http://127.0.0.1:1")

    assert (vendor.api, vendor.reasoning, vendor.image_model, vendor.moderation_model) == ("chat", "", "", "")


@pytest.mark.parametrize(
    ("model", "effort"),
    [("gpt-6-luna", "low"), ("gpt-5.4-mini", "low"), ("o4-mini", "low"), ("gpt-4.1", ""), ("llama3.2", "")],
)
def test_only_models_that_think_are_told_how_much(model, effort):
    with override_settings(**KEY, OPENAI_TEXT_MODEL=model):
        assert configuration.openai().reasoning == effort


def test_routing_finds_the_configured_limits():
    told = {"OPENAI_MAX_RETRIES": "3", "OPENAI_CONCURRENCY": "4", "OPENAI_TEXT_TIMEOUT": "7.5"}
    with override_settings(**KEY, **told):
        (text,), (art,) = chosen.texts(), chosen.images()

    assert [(p.timeout, p.queue, p.max_retries, p.concurrency) for p in (text, art)] == [
        (7.5, "ai", 3, 4),
        (180.0, "ai", 3, 4),
    ]


def test_prices_of_ones_own_fall_back_on_the_plain_ones():
    with override_settings(AI_PRICES='{"mine": {"input": 0.1, "output": 0.5}}'):
        price = configuration.prices()["mine"]

    assert price == configuration.Price(
        input=Decimal("0.1"), output=Decimal("0.5"), cached_input=Decimal("0.1"), image_output=Decimal("0.5")
    )


@pytest.mark.parametrize(
    ("told", "message"),
    [
        ({"AI_ORDER": "openai,claude"}, "AI_ORDER must be a list of openai, gemini, each at most once"),
        ({"AI_ORDER": "openai,openai"}, "AI_ORDER must be a list of openai, gemini, each at most once"),
        (KEY | {"OPENAI_API": "completions"}, "OPENAI_API must be one of responses, chat"),
        (KEY | {"OPENAI_CONCURRENCY": "many"}, "OPENAI_CONCURRENCY must be a whole number from 1 to 9999"),
        (KEY | {"OPENAI_CONCURRENCY": "0"}, "OPENAI_CONCURRENCY must be a whole number from 1 to 9999"),
        (KEY | {"OPENAI_MAX_RETRIES": "-1"}, "OPENAI_MAX_RETRIES must be a whole number from 0 to 9999"),
        (
            KEY | {"OPENAI_TEXT_TIMEOUT": "0"},
            "OPENAI_TEXT_TIMEOUT must be seconds, more than 0 and at most 600",
        ),
        ({"OPENAI_BASE_URL": "localhost:11434"}, "OPENAI_BASE_URL must be an http or https address"),
        (GOOGLE_KEY | {"GOOGLE_AI_IMAGE_SIZE": "8K"}, "GOOGLE_AI_IMAGE_SIZE must be one of 1K, 2K, 4K"),
    ],
)
def test_setting_that_cannot_be_understood_is_told_by_a_system_check(told, message):
    with override_settings(**told):
        found = [fault.msg for fault in checks.run_checks() if fault.id == "socialsaas.E003"]

        assert found == [message]
        with pytest.raises(InvalidConfiguration, match=r"^" + message.split()[0]):
            chosen.texts()


@pytest.mark.parametrize(
    "prices",
    [
        "{",
        "[]",
        "7",
        '{"m": 1}',
        '{"m": {}}',
        '{"m": {"input": "1"}}',
        '{"m": {"input": -1}}',
        '{"m": {"in": 1}}',
    ],
)
def test_prices_that_are_none_are_told_by_a_system_check(prices):
    with override_settings(AI_PRICES=prices):
        assert [fault.name for fault in configuration.find_faults()] == ["AI_PRICES"]


def test_nothing_configured_is_nothing_to_tell():
    assert [fault for fault in checks.run_checks() if fault.id == "socialsaas.E003"] == []
