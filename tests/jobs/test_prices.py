"""What a job costs: the price list, what a caller allows, and the operator who got a price wrong."""

import pytest
from django.core import checks
from django.utils import timezone

from billing.models import LedgerEntry
from jobs import audit, prices, queue
from jobs.models import GenerationJob
from jobs.prices import PriceList
from jobs.states import JobType
from tests import factories
from tests.jobs import fakes
from tests.rest.world import body_of, snapshot

GENERATE = "/api/carousel/generate"
LIST = PriceList(carousel=2, slide=3, image=5, strategy=7)


def charges() -> list[int]:
    return list(LedgerEntry.objects.filter(kind="charge").order_by("pk").values_list("credits", flat=True))


@pytest.mark.parametrize(
    ("job_type", "origin", "ours"),
    [
        (JobType.CAROUSEL, 1, 2 + 4 * 3),
        (JobType.IMAGE, 1, 5),
        (JobType.STRATEGY, 1, 7),
        (JobType.RENDER, 0, 0),
    ],
)
def test_price_is_a_function_of_payload_and_list(job_type, origin, ours):
    payload = factories.payload(imageCount=4)

    assert prices.credits_for(job_type, payload, PriceList()) == origin
    assert prices.credits_for(job_type, payload, LIST) == ours


@pytest.mark.parametrize("payload", [{}, {"prompt": "x", "imageCount": -5}, {"imageCount": "9"}, []])
def test_payload_that_no_carousel_can_be_made_from_costs_no_slides(payload):
    assert prices.credits_for(JobType.CAROUSEL, payload, LIST) == 2


def test_operator_s_prices_are_charged_and_pass_the_audit(api, user, settings, monkeypatch):
    fakes.choose(monkeypatch)
    settings.CREDITS_PER_CAROUSEL, settings.CREDITS_PER_SLIDE = 1, 1
    settings.CREDITS_PER_IMAGE, settings.CREDITS_PER_STRATEGY = 2, 3

    done = fakes.settle_all(factories.started_job(user, imageCount=2))
    api.post(f"/api/carousel/{done.carousel_id}/image", {"slideNumber": 1})
    api.post("/api/carousel/strategy", factories.payload())

    assert (charges(), factories.credits_of(user)) == ([-3, -2, -3], 2)
    assert audit.faults() == []


def test_carousel_whose_price_is_above_the_balance_is_refused(api, user, settings):
    settings.CREDITS_PER_SLIDE = 4
    before = snapshot()

    response = api.post(GENERATE, factories.payload(imageCount=3))

    assert (response.status_code, body_of(response)["error"]) == (402, "INSUFFICIENT_CREDITS")
    assert snapshot() == before


def test_call_never_costs_more_than_it_allows(api, settings):
    settings.CREDITS_PER_SLIDE = 1
    before = snapshot()

    response = api.post(GENERATE, factories.payload(imageCount=3, maxCredits=3))

    assert (response.status_code, body_of(response)) == (
        402,
        {
            "success": False,
            "error": "PRICE_ABOVE_MAX",
            "message": "This costs more credits than you allow",
            "code": 402,
            "details": [
                {
                    "path": ["maxCredits"],
                    "message": "This costs 4 credits, and you allow 3",
                    "code": "price_above_max",
                }
            ],
        },
    )
    assert snapshot() == before


def test_call_may_cost_what_it_allows_and_keeps_that_to_itself(api, user):
    response = api.post(GENERATE, factories.payload(maxCredits=1))

    assert (response.status_code, factories.credits_of(user)) == (200, 9)
    assert GenerationJob.objects.get().payload == factories.payload()


@pytest.mark.parametrize("most", [-1, "1", 1.5, True, None])
def test_what_a_call_allows_is_a_whole_number(api, most):
    before = snapshot()

    response = api.post(GENERATE, factories.payload(maxCredits=most))

    assert (response.status_code, body_of(response)["details"][0]["path"]) == (400, ["maxCredits"])
    assert snapshot() == before


@pytest.mark.parametrize("call", ["strategy", "image", "requeue"])
def test_every_call_that_spends_can_say_what_it_allows(api, user, monkeypatch, call):
    fakes.choose(monkeypatch)
    done = fakes.settle_all(factories.started_job(user, imageCount=2))
    stopped = factories.job(user)
    queue.cancel(job_id=stopped.pk, by="test", now=timezone.now())
    path, body = {
        "strategy": ("/api/carousel/strategy", factories.payload()),
        "image": (f"/api/carousel/{done.carousel_id}/image", {"slideNumber": 1}),
        "requeue": (f"/api/jobs/{stopped.pk}/requeue", {}),
    }[call]
    before = snapshot()

    refused = api.post(path, body | {"maxCredits": 0})

    assert (refused.status_code, body_of(refused)["error"]) == (402, "PRICE_ABOVE_MAX")
    assert snapshot() == before
    assert api.post(path, body | {"maxCredits": 1}).status_code == 200
    assert "maxCredits" not in GenerationJob.objects.order_by("-updated_at").first().payload


@pytest.mark.parametrize(
    ("name", "value", "is_wrong"),
    [
        ("CREDITS_PER_CAROUSEL", 0, True),
        ("CREDITS_PER_IMAGE", 0, True),
        ("CREDITS_PER_STRATEGY", -1, True),
        ("CREDITS_PER_SLIDE", -1, True),
        ("CREDITS_PER_CAROUSEL", 10_001, True),
        ("CREDITS_PER_SLIDE", 0, False),
        ("CREDITS_PER_CAROUSEL", 25, False),
    ],
)
def test_price_that_cannot_be_meant_is_an_error(settings, name, value, is_wrong):
    setattr(settings, name, value)

    errors = [message.msg for message in checks.run_checks() if message.id == "socialsaas.E002"]

    assert errors == ([f"{name} is {value}."] if is_wrong else [])
