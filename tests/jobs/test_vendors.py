"""Whole jobs through the real adapters and SDKs, against vendors on this machine."""

from decimal import Decimal

import pytest
from django.db import connection

from jobs import breaker
from jobs.models import GenerationJob, ProviderCall
from jobs.states import JobStatus
from tests import factories
from tests.carousels.providers import vendors, wire
from tests.carousels.providers.fake_vendor import IMAGE, MODERATION, TEXT, Reply
from tests.jobs import fakes

SECRETS = ("sk-secret", "AIza-secret", "vendor-prose")


@pytest.fixture(autouse=True)
def _configured(vendor, settings):
    settings.OPENAI_API_KEY = "sk-secret"
    with vendors.configured(vendor.url):
        breaker.reset([*fakes.chosen.texts(), *fakes.chosen.images(), fakes.chosen.moderator()])
        yield


def run(user, **brief) -> GenerationJob:
    """A job worked off, pauses left out."""
    job = factories.started_job(user, imageCount=2, **brief)
    while step := factories.queued_step(GenerationJob.objects.get(pk=job.pk)):
        fakes.wait_is_over(job)
        fakes.pipeline.work_off(fakes.claimed(step))
        breaker.reset(fakes.chosen.texts() + fakes.chosen.images())
    return GenerationJob.objects.select_related("carousel").get(pk=job.pk)


def everything_kept() -> str:
    """Every row about jobs, as text: what users, staff and events may show."""
    kept = ""
    with connection.cursor() as cursor:
        for table in ("generation_jobs", "job_steps", "job_events", "provider_calls", "carousels"):
            cursor.execute(f"SELECT json_agg(t)::text FROM {table} t")
            kept += cursor.fetchone()[0]
    return kept


def test_carousel_is_moderated_written_painted_and_billed_to_the_cent(user, vendor):
    job = run(user, prompt="5 drugstore finds worth the money", tone="dry")

    assert job.status == JobStatus.COMPLETED
    assert [call.kind for call in vendor.calls] == [MODERATION, TEXT, IMAGE, IMAGE]
    calls = ProviderCall.objects.filter(job=job)
    assert {call.outcome for call in calls} == {"ok"}
    assert all(call.request_id and call.price_source for call in calls)
    total = sum((call.cost_usd for call in calls), Decimal(0))
    assert total > 0
    assert job.result["metadata"]["totalCost"] == float(total)
    assert job.result["metadata"]["costComplete"] is True
    assert job.result["metadata"]["aiModel"] == "gpt-6-luna + gpt-image-2.5-flare"


def test_flagged_prompt_costs_nothing_and_is_paid_back(user, vendor):
    vendor.script(lambda call: wire.moderation(call.body, "violence"), kind=MODERATION)

    job = run(user)

    assert (job.status, job.error_code) == (JobStatus.FAILED, "CONTENT_REJECTED")
    assert [call.kind for call in vendor.calls] == [MODERATION]
    assert factories.credits_of(user) == 10


@pytest.mark.parametrize(
    "reply",
    [
        Reply(status=401, body=wire.openai_error("invalid_api_key")),
        Reply(status=429, body=wire.openai_error("insufficient_quota")),
        Reply(status=404, body=wire.openai_error("model_not_found")),
    ],
    ids=["key", "quota", "model"],
)
def test_gemini_takes_over_what_openai_declines(user, vendor, reply):
    vendor.script(reply, kind=TEXT)
    vendor.script(reply, Reply(), reply, Reply(), kind=IMAGE)  # OpenAI's and Gemini's turn, for each slide

    job = run(user)

    assert job.status == JobStatus.COMPLETED
    made = ProviderCall.objects.filter(job=job, outcome="ok").exclude(purpose="moderation")
    assert set(made.values_list("provider", flat=True)) == {"gemini"}


def test_nothing_of_a_vendor_s_words_or_of_a_key_is_kept_or_logged(user, vendor, caplog, api):
    failures = [
        Reply(status=401, body=wire.openai_error("invalid_api_key")),
        Reply(status=500, body=wire.openai_error("server_error")),
        Reply(status=400, body=wire.gemini_error(400, "INVALID_ARGUMENT", reason="API_KEY_INVALID")),
        Reply(status=400, body=b"<html>sk-secret vendor-prose</html>"),
    ]
    caplog.set_level("DEBUG")

    for reply in failures:
        vendor.script(*[reply] * 9, kind=TEXT)
        job = run(user)
        assert job.status == JobStatus.FAILED
        told = str(api.get(f"/api/queue/status/{job.pk}").json())
        assert not [secret for secret in SECRETS if secret in told]
        vendor.reset()

    kept, logged = everything_kept(), caplog.text
    assert not [secret for secret in SECRETS if secret in kept or secret in logged]
