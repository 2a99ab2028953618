"""POST /api/carousel/generate: what it takes, gives, charges and in which order it refuses."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from rest_framework.test import APIClient

from billing.models import LedgerEntry
from jobs import transitions
from jobs.models import GenerationJob
from jobs.serializers import GenerateInput
from tests import factories
from tests.conftest import api_of
from tests.jobs import broker
from tests.rest.world import added, body_of, snapshot

URL = "/api/carousel/generate"
SHORT = {"prompt": "too short", "imageCount": 3}
PAYLOAD = {"prompt": "Digital marketing tips for small businesses", "imageCount": 5}


def test_generate_answers_with_the_ids_the_estimate_and_the_balance(api):
    response = api.post(URL, PAYLOAD)

    job = GenerationJob.objects.get()
    assert response.status_code == 200
    assert body_of(response) == {
        "success": True,
        "data": {
            "carouselId": str(job.carousel_id),
            "jobId": str(job.pk),
            "estimatedTime": 60,
            "remainingCredits": 9,
        },
        "message": "Generation started successfully",
    }


def test_generate_writes_one_of_each_and_sends_one_message(api, user):
    before = snapshot()

    api.post(URL, PAYLOAD)

    after = snapshot()
    assert added(before=before, after=after) == {
        "carousels": 1,
        "generation_jobs": 1,
        "job_events": 1,
        "billing_ledger": 1,
    }
    assert (after["credits"], after["used"]) == ({user.pk: 9}, {user.pk: 1})
    assert after["messages"] - before["messages"] == 1  # to the workers; nobody watches yet


@pytest.mark.django_db(transaction=True)
def test_generate_leaves_its_message_with_the_broker():
    api = api_of(factories.user())
    before = broker.count("ai")

    api.post(URL, PAYLOAD)

    assert broker.count("ai") - before == 1


def test_generate_keeps_the_request_with_its_defaults_as_payload(api):
    api.post(URL, PAYLOAD)

    assert GenerationJob.objects.get().payload == PAYLOAD | {"styles": ["photo"], "aspectRatio": "1:1"}


def test_generate_keeps_every_field_it_was_sent(api):
    sent = PAYLOAD | {
        "styles": ["watercolour", "my own style"],
        "aspectRatio": "9:16",
        "audience": "bakers",
        "purpose": "sell",
        "tone": "dry wit",
        "keyPoints": ["rise early", "bake twice"],
    }

    api.post(URL, sent)

    assert GenerationJob.objects.get().payload == sent


def test_generate_trims_the_prompt(api):
    api.post(URL, PAYLOAD | {"prompt": "  0123456789\n"})

    assert GenerationJob.objects.get().payload["prompt"] == "0123456789"


@pytest.mark.parametrize(
    ("sent", "kept"), [("2", 2), ("10", 10), ("5.0", 5), ("5e0", 5)], ids=["2", "10", "5.0", "5e0"]
)
def test_image_count_is_any_whole_number_of_json(api, sent, kept):
    body = json.dumps(PAYLOAD).replace('"imageCount": 5', f'"imageCount": {sent}')

    response = api.generic("POST", URL, body, content_type="application/json")

    kept_count = GenerationJob.objects.get().payload["imageCount"]
    assert response.status_code == 200
    assert (kept_count, type(kept_count)) == (kept, int)


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_json_is_told_by_its_media_type_alone(api, media_type):
    response = api.generic("POST", URL, json.dumps(PAYLOAD), content_type=media_type)

    assert response.status_code == 200


def test_unknown_keys_are_ignored_and_priority_and_quality_are_not_the_callers(api, user):
    sent = PAYLOAD | {"priority": 10, "quality": "hd", "maxRetries": 99, "userId": "x", "job_type": "render"}

    api.post(URL, sent)

    job = GenerationJob.objects.get()
    assert job.payload == PAYLOAD | {"styles": ["photo"], "aspectRatio": "1:1"}
    assert (job.priority, job.max_retries, job.job_type, job.user) == (1, 3, "carousel_generation", user)


@pytest.mark.django_db
def test_checks_run_in_the_order_of_the_contract():
    broke = factories.user(credits=0, daily_limit=0)
    limited = factories.user(credits=1, daily_limit=0)

    answers = [
        APIClient().post(URL, SHORT),
        api_of(broke).post(URL, SHORT),
        api_of(broke).post(URL, PAYLOAD),
        api_of(limited).post(URL, PAYLOAD),
    ]

    assert [answer.status_code for answer in answers] == [401, 400, 402, 429]


@pytest.mark.django_db
def test_caller_without_identity_is_told_to_authenticate():
    before = snapshot()

    response = APIClient().post(URL, PAYLOAD)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert body_of(response) == {
        "success": False,
        "error": "UNAUTHORIZED",
        "message": "Authentication required",
    }
    assert snapshot() == before


@pytest.mark.django_db
def test_caller_without_credits_is_refused_and_nothing_is_written():
    api = api_of(factories.user(credits=0))
    before = snapshot()

    response = api.post(URL, PAYLOAD)

    assert response.status_code == 402
    assert body_of(response) == {
        "success": False,
        "error": "INSUFFICIENT_CREDITS",
        "message": "You need more credits to generate content",
        "code": 402,
    }
    assert snapshot() == before


@pytest.mark.django_db
def test_caller_at_the_daily_limit_is_told_when_to_come_back():
    api = api_of(factories.user(daily_limit=1))
    api.post(URL, PAYLOAD)
    before = snapshot()

    response = api.post(URL, PAYLOAD)

    assert response.status_code == 429
    assert 0 < int(response.headers["Retry-After"]) <= 24 * 3600 + 1
    assert body_of(response) == {
        "success": False,
        "error": "DAILY_LIMIT_REACHED",
        "message": "You have reached today's limit of generations",
    }
    assert snapshot() == before


def test_failure_of_ours_says_so_charges_nothing_and_leaks_nothing(api, user):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE carousels ADD CONSTRAINT secret_of_ours CHECK (false) NOT VALID")
    before = snapshot()

    # With a key: the test's own transaction goes on, so what is undone needs one around it.
    response = api.post(URL, PAYLOAD, headers={"Idempotency-Key": "x"})

    assert response.status_code == 500
    assert body_of(response) == {
        "success": False,
        "error": "INTERNAL_ERROR",
        "message": "Failed to start generation",
    }
    assert snapshot() == before


@pytest.mark.django_db(transaction=True)
def test_what_was_charged_before_a_failure_of_ours_is_undone(monkeypatch):
    api = api_of(factories.user())

    def burst(*args, **kwargs):
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(transitions, "add", burst)
    before = snapshot()

    response = api.post(URL, PAYLOAD)

    assert response.status_code == 500
    assert snapshot() == before


def test_a_run_is_charged_under_its_own_reference(api, user):
    api.post(URL, PAYLOAD)

    entry = LedgerEntry.objects.get(kind="charge")
    assert (entry.account_id, entry.credits, entry.reference) == (
        user.pk,
        -1,
        f"job:{GenerationJob.objects.get().pk}:1",
    )


def test_requests_that_are_read_at_once_do_not_see_each_other():
    """Their serializers share their fields."""

    def read(number: int) -> dict:
        asked = GenerateInput(
            data=PAYLOAD | {"prompt": f"{number} things worth knowing", "imageCount": 2 + number % 9}
        )
        assert asked.is_valid()
        return asked.payload()

    first, *others = [GenerateInput(data=PAYLOAD).fields for _ in range(3)]
    assert all(fields is first for fields in others)
    with ThreadPoolExecutor(8) as pool:
        payloads = list(pool.map(read, range(200)))

    assert [(payload["prompt"], payload["imageCount"]) for payload in payloads] == [
        (f"{number} things worth knowing", 2 + number % 9) for number in range(200)
    ]
