"""What calls cost, by each vendor's own formula, written out here."""

import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import override_settings

from carousels.providers import prices
from carousels.providers.prices import Cost, Tokens
from tests.carousels.providers import vendors, wire
from tests.carousels.providers.fake_vendor import Reply
from tests.carousels.providers.vendors import BRIEF, REQUEST

MILLION = 1_000_000
EXACT = Decimal("0.000001")
NOW = datetime(2026, 11, 28, tzinfo=UTC)
NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
LIST = "genai-prices 0.2.3"


@pytest.fixture
def today(monkeypatch):
    """The day of the price list's prices, whenever the tests run."""

    class Frozen(datetime):
        @classmethod
        def now(cls, tz=None):
            return NOW

    monkeypatch.setattr("carousels.providers.accounts.datetime", Frozen)


def dollars(*terms: tuple[int, str]) -> Decimal:
    """Tokens times USD for a million of them."""
    return (sum(tokens * Decimal(price) for tokens, price in terms) / MILLION).quantize(EXACT)


def test_words_of_openai(vendor, today):
    usage = wire.response_usage(asked=2_345, cached=1_024, written=512, answered=1_777, thought=640)
    vendor.script(lambda call: wire.response(call.body, wire.as_text(wire.carousel()), usage=usage))

    _, used = vendors.texts(vendor.url)["openai"].write_strategy(BRIEF)

    fresh = 2_345 - 1_024 - 512
    cost = dollars((fresh, "0.10"), (1_024, "0.01"), (512, "0.125"), (1_777, "0.50"))
    assert (used.model, used.cost_usd, used.price_source) == ("gpt-6-luna", cost, LIST)


def test_words_of_gemini(vendor, today):
    usage = wire.content_usage(asked=2_345, cached=1_024, answered=1_777, thought=640)
    text = [{"text": wire.as_text(wire.carousel())}]
    vendor.script(lambda call: wire.content(text, "gemini-3.8-flash", usage=usage))

    _, used = vendors.texts(vendor.url)["gemini"].write_strategy(BRIEF)

    cost = dollars((2_345 - 1_024, "0.75"), (1_024, "0.075"), (1_777 + 640, "3.75"))
    assert (used.model, used.cost_usd, used.price_source) == ("gemini-3.8-flash", cost, LIST)
    assert (used.input_tokens, used.output_tokens) == (2_345, 1_777 + 640)


def test_picture_of_openai(vendor, today):
    vendor.script(lambda call: wire.images(call.body, painted=1_587))

    _, used = vendors.images(vendor.url)["openai"].paint(REQUEST)

    cost = dollars((240, "5"), (1_587, "30"))
    assert (used.model, used.cost_usd, used.price_source) == ("gpt-image-2.5-flare", cost, LIST)


def test_picture_of_gemini(vendor, today):
    _, used = vendors.images(vendor.url)["gemini"].paint(REQUEST)

    cost = dollars((240, "1.50"), (60, "7.50"), (1_120, "30"))  # thoughts are words, and cost as such
    assert (used.model, used.cost_usd, used.price_source) == ("gemini-nano-banana-2.1", cost, LIST)


def test_moderation_is_free(vendor):
    _, used = vendors.moderation(vendor.url).check("a drugstore")

    assert (used.model, used.cost_usd, used.price_source) == ("omni-moderation-latest", Decimal(0), "free")


@pytest.mark.parametrize(("now", "usd"), [(NOW, "4.50"), (NEW_YEAR, "9.00")])
def test_price_is_that_of_its_day(now, usd):
    tokens = Tokens(input=MILLION, output=MILLION)

    assert prices.cost_of(tokens, vendor="google", model="gemini-3.8-flash", now=now).usd == Decimal(usd)


def test_model_with_a_date_costs_as_its_name_says(vendor, today):
    answer = wire.carousel()
    vendor.script(lambda call: wire.response(call.body, wire.as_text(answer), model="gpt-6-luna-2026-09-08"))

    _, used = vendors.texts(vendor.url)["openai"].write_strategy(BRIEF)

    assert (used.model, used.raw["model"]) == ("gpt-6-luna", "gpt-6-luna-2026-09-08")
    assert used.cost_usd == dollars((2_000 - 1_024, "0.10"), (1_024, "0.01"), (900, "0.50"))


def test_deployment_with_a_name_of_its_own_costs_what_the_model_behind_it_does(vendor, today):
    text = wire.as_text(wire.carousel())
    vendor.script(lambda call: wire.completion(call.body | {"model": "gpt-6-luna"}, text))

    _, used = vendors.texts(vendor.url)["chat"].write_strategy(BRIEF)

    assert (used.model, used.price_source) == ("llama3.2", LIST)


def test_unknown_model_costs_nobody_knows_what(vendor):
    _, used = vendors.texts(vendor.url)["chat"].write_strategy(BRIEF)

    assert (used.cost_usd, used.price_source) == (None, "unknown")
    assert (used.input_tokens, used.output_tokens) == (2_000, 900)


def test_answer_without_an_account_costs_nobody_knows_what(vendor):
    text = wire.as_text(wire.carousel())
    vendor.script(lambda call: wire.response(call.body, text, usage=None))

    _, used = vendors.texts(vendor.url)["openai"].write_strategy(BRIEF)

    assert (used.cost_usd, used.price_source) == (None, "no usage in the answer")
    assert (used.input_tokens, used.output_tokens) == (None, None)


OWN = {
    "gpt-6-luna": {"input": 2, "cached_input": 1, "output": 3},
    "art": {"input": 1, "output": 2, "image_output": 40},
}


def test_prices_of_ones_own_come_first():
    told = {"vendor": "openai", "now": NOW}
    with override_settings(AI_PRICES=json.dumps(OWN)):
        words = prices.cost_of(Tokens(input=100, cached=40, output=10), model="gpt-6-luna", **told)
        art = prices.cost_of(Tokens(input=10, output=1_100, image_output=1_000), model="art", **told)

    assert words == Cost(dollars((60, "2"), (40, "1"), (10, "3")), "AI_PRICES")
    assert art == Cost(dollars((10, "1"), (100, "2"), (1_000, "40")), "AI_PRICES")


def test_tokens_that_are_counted_beside_the_others_take_nothing_off_the_price():
    told = {"vendor": "openai", "now": NOW}
    with override_settings(AI_PRICES=json.dumps(OWN)):
        words = prices.cost_of(Tokens(input=10, cached=40, output=10), model="gpt-6-luna", **told)
        art = prices.cost_of(Tokens(input=10, output=5, image_output=1_000), model="art", **told)

    assert words == Cost(dollars((40, "1"), (10, "3")), "AI_PRICES")
    assert art == Cost(dollars((10, "1"), (1_000, "40")), "AI_PRICES")


@pytest.mark.parametrize("number", [-5, 10**30, True, "7", 1.5, None])
def test_account_that_is_nonsense_never_costs_less_than_nothing(vendor, number):
    usage = {"input_tokens": number, "output_tokens": 10, "input_tokens_details": {"cached_tokens": 10**9}}
    text = wire.as_text(wire.carousel())
    vendor.script(lambda call: wire.response(call.body, text, usage=usage))

    _, used = vendors.texts(vendor.url)["openai"].write_strategy(BRIEF)

    assert used.cost_usd is None or 0 <= used.cost_usd < 10**6


def test_account_holds_what_a_row_can_keep(vendor):
    usage = wire.response_usage() | {"seconds": float("nan"), "rate": float("inf")}
    text = wire.as_text(wire.carousel())
    vendor.script(lambda call: wire.response(call.body, text, usage=usage))

    _, used = vendors.texts(vendor.url)["openai"].write_strategy(BRIEF)

    assert json.loads(json.dumps(used.raw, allow_nan=False)) == used.raw
    assert not {"seconds", "rate"} & used.raw.keys()


def test_account_holds_numbers_and_no_prose(vendor):
    usage = wire.response_usage() | {"note": "vendor-prose sk-secret", "sk-secret": 1, "nested": {"x": "y"}}
    text = wire.as_text(wire.carousel())
    vendor.script(
        Reply(body=wire.response({"model": "sk secret"}, text, usage=usage), headers={"x-request-id": "a b"})
    )

    _, used = vendors.texts(vendor.url)["openai"].write_strategy(BRIEF)

    assert used.raw == wire.response_usage() | {"nested": {}}
    assert used.request_id == ""


# --- what a call will probably cost -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "quality", "ratio", "painted"),
    [
        ("openai", "standard", "1:1", 1_834),
        ("openai", "standard", "4:5", 1_587),
        ("openai", "standard", "9:16", 1_413),
        ("openai", "hd", "4:5", 6_431),
        ("gemini", "standard", "4:5", 1_120),
        ("gemini", "hd", "4:5", 1_680),
    ],
)
def test_expected_cost_of_a_picture_is_that_of_its_tokens(name, quality, ratio, painted):
    request = vendors.request(quality=quality, aspect_ratio=ratio)
    expected = vendors.images("http://127.0.0.1:1")[name].expected_cost(request)

    words = expected - dollars((painted, "30"))
    assert 0 < words < Decimal("0.004")


def test_expected_cost_of_words_grows_with_slides_and_brief():
    provider = vendors.texts("http://127.0.0.1:1")["openai"]
    plain, longer = vendors.brief(slides=5), vendors.brief(slides=5, key_points=("Charge by value",) * 20)

    few, many, told = (provider.expected_cost(brief) for brief in (plain, vendors.brief(slides=10), longer))
    assert Decimal("0.0005") < few < many < Decimal("0.005")
    assert few < told


def test_expected_cost_is_unknown_where_prices_are():
    assert vendors.texts("http://127.0.0.1:1")["chat"].expected_cost(BRIEF) is None
    assert vendors.images("http://127.0.0.1:1", quality="max")["openai"].expected_cost(REQUEST) is None
