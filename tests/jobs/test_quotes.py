"""POST /api/quotes says what a job would cost, in credits, seconds and dollars, and writes nothing."""

from datetime import timedelta
from decimal import Decimal

import pytest

from carousels.providers import chosen
from jobs import estimates
from jobs.estimates import Done, History
from jobs.models import JobStep
from tests import factories
from tests.carousels.providers import vendors
from tests.conftest import api_of
from tests.jobs import fakes
from tests.rest.world import body_of, snapshot

URL = "/api/quotes"
START = factories.NOON


def quoted(api, **changes) -> dict:
    response = api.post(URL, factories.payload(**changes))
    assert response.status_code == 200
    return body_of(response)["data"]


def choose(monkeypatch, *, texts: list[str | None], images: list[str | None]) -> None:
    """Providers with these prices, in dollars a call."""
    monkeypatch.setattr(chosen, "texts", lambda _=None: tuple(priced(fakes.FakeText, cost) for cost in texts))
    monkeypatch.setattr(
        chosen, "images", lambda _=None: tuple(priced(fakes.FakeArt, cost) for cost in images)
    )


def priced(kind, cost: str | None):
    return kind(cost_usd=None if cost is None else Decimal(cost))


def remember(*seconds: int) -> None:
    """As many finished carousels of two slides, each of whose steps took that long."""
    for took in seconds:
        job = fakes.settle_all(factories.started_job(factories.user(), imageCount=2))
        ended = START + timedelta(seconds=took)
        JobStep.objects.filter(job=job).update(started_at=START, finished_at=ended)
    estimates.memory.forget()


def test_quote_of_an_installation_without_keys_or_history(api):
    assert quoted(api) == {
        "jobType": "carousel_generation",
        "credits": 1,
        "seconds": {"p50": 60, "p95": None},
        "providerCostUsd": {"low": 0.0, "high": 0.0},
    }


def test_quote_writes_nothing_though_it_cannot_be_paid(db):
    poor = factories.user(credits=0, daily_limit=0)
    api = api_of(poor)
    quoted(api)
    before = snapshot()

    assert quoted(api)["credits"] == 1
    assert snapshot() == before


def test_quote_is_what_generate_then_costs(api, user, settings):
    settings.CREDITS_PER_SLIDE = 2
    credits = quoted(api, imageCount=3)["credits"]

    response = api.post("/api/carousel/generate", factories.payload(imageCount=3, maxCredits=credits))

    assert (credits, response.status_code, factories.credits_of(user)) == (7, 200, 3)


@pytest.mark.parametrize(
    ("job_type", "credits", "low", "high"),
    [
        ("carousel_generation", 1, 0.01 + 4 * 0.04, 0.03 + 4 * 0.2),
        ("content_strategy", 1, 0.01, 0.03),
        ("image_generation", 1, 0.04, 0.2),
        ("render", 0, 0.0, 0.0),
    ],
)
def test_quote_spans_the_providers_that_may_be_called(api, monkeypatch, job_type, credits, low, high):
    choose(monkeypatch, texts=["0.03", "0.01"], images=["0.04", "0.2"])

    quote = quoted(api, imageCount=4, jobType=job_type)

    assert (quote["jobType"], quote["credits"]) == (job_type, credits)
    assert quote["providerCostUsd"] == {"low": pytest.approx(low), "high": pytest.approx(high)}


def test_quote_guesses_no_price_that_is_unknown(api, monkeypatch):
    choose(monkeypatch, texts=["0.03"], images=["0.04", None])

    assert quoted(api)["providerCostUsd"] is None
    assert quoted(api, jobType="content_strategy")["providerCostUsd"] == {"low": 0.03, "high": 0.03}


def test_rehearsal_costs_no_provider_anything(user, monkeypatch, settings):
    choose(monkeypatch, texts=["0.03"], images=["0.04"])
    assert quoted(api_of(user, script="ok"))["providerCostUsd"] == {"low": 0.0, "high": 0.0}

    settings.OFFLINE_SCRIPT = "ok"
    assert quoted(api_of(user))["providerCostUsd"] == {"low": 0.0, "high": 0.0}


def test_quote_tells_the_usual_from_the_slow_one(api, monkeypatch):
    fakes.choose(monkeypatch)
    remember(2, 2, 2, 2, 102)

    seconds = quoted(api, imageCount=2)["seconds"]

    # strategy, both slides at a time, and finalize: of five values the slow one lies at 82, of ten at 102
    assert seconds == {"p50": 2 + 2 + 2, "p95": 82 + 102 + 82}


def test_quote_counts_what_the_user_has_waiting(api, user, monkeypatch):
    fakes.choose(monkeypatch)
    remember(2)
    alone = quoted(api)["seconds"]
    for _ in range(3):
        factories.job(user)

    behind = quoted(api)["seconds"]

    assert behind == {"p50": 2 * alone["p50"], "p95": alone["p95"] + alone["p50"]}


def test_quantile_lies_between_its_neighbours():
    def took(seconds: float) -> Done:
        return Done(1, 1, "strategy", START, START + timedelta(seconds=seconds), slides=4)

    done = [took(each) for each in (4, 1, 3, 2)]

    assert History.of(done).seconds == {"strategy": 2.5}
    assert History.of(done, quantile=1.0).seconds == {"strategy": 4.0}
    assert History.of(done, quantile=0.95).seconds == {"strategy": pytest.approx(3.85)}


@pytest.mark.parametrize(
    ("changes", "path"), [({"prompt": "short"}, ["prompt"]), ({"jobType": "video"}, ["jobType"])]
)
def test_quote_refuses_what_generate_would(api, changes, path):
    response = api.post(URL, factories.payload(**changes))

    assert (response.status_code, body_of(response)["error"]) == (400, "VALIDATION_ERROR")
    assert body_of(response)["details"][0]["path"] == path


def test_quote_needs_to_know_who_asks(client, db):
    assert client.post(URL).status_code == 401


@pytest.mark.parametrize(("policy", "quality"), [("balanced", "standard"), ("premium", "hd")])
def test_quote_is_what_the_real_services_expect_to_cost(api, settings, policy, quality):
    settings.AI_POLICY = policy
    with vendors.configured("http://127.0.0.1:9"):
        cost = quoted(api, imageCount=3)["providerCostUsd"]
        brief = vendors.brief(slides=3, tone="", audience="")
        words = [text.expected_cost(brief) for text in chosen.texts()]
        picture = vendors.request(total=3, quality=quality)
        pictures = [art.expected_cost(picture) for art in chosen.images()]

    assert cost["low"] == pytest.approx(float(min(words) + 3 * min(pictures)), rel=0.01)
    assert cost["high"] == pytest.approx(float(max(words) + 3 * max(pictures)), rel=0.01)
