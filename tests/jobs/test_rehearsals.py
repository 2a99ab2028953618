"""A scripted job meets the real pipeline: retried, failed, refunded, and what it cost is known."""

import pytest
from django.utils import timezone

from carousels.providers.offline.scripts import read_calls
from jobs import makers, pipeline, queue
from jobs.models import GenerationJob, JobStep
from jobs.states import JobStatus, StepKind, StepStatus
from tests import factories
from tests.jobs import fakes
from tests.jobs.fakes import steps_of


def rehearse(user, script: str) -> GenerationJob:
    """Work a scripted job off, without its pauses, until it ends or only finalize is left."""
    return carry_on(factories.job(user, imageCount=2, script=script))


def carry_on(job: GenerationJob) -> GenerationJob:
    pipeline.start(job_id=job.pk, now=timezone.now())
    while calls := [step for step in steps_of(job) if is_due(step)]:
        fakes.wait_is_over(job)
        pipeline.work_off(fakes.claimed(calls[0]))
    return GenerationJob.objects.select_related("carousel").get(pk=job.pk)


def is_due(step: JobStep) -> bool:
    return step.status == StepStatus.QUEUED and step.kind != StepKind.FINALIZE


def outcomes(settings, job) -> dict[str, list[str]]:
    calls = read_calls(settings.CALL_LOG)[str(job.pk)]
    return {name: [call.outcome for call in made] for name, made in calls.items()}


@pytest.mark.parametrize(
    ("script", "calls", "retries"),
    [
        ("429-then-ok", {"strategy": ["429", "ok"], "slide-1": ["429", "ok"], "slide-2": ["429", "ok"]}, 1),
        ("text:bad-jsonx2", {"strategy": ["bad-json"] * 2 + ["ok"], "slide-1": ["ok"], "slide-2": ["ok"]}, 2),
        ("truncatedx1", {"strategy": ["truncated", "ok"], "slide-1": ["ok"], "slide-2": ["ok"]}, 1),
        (
            "slide2:half-imagex3",
            {"strategy": ["ok"], "slide-1": ["ok"], "slide-2": ["half-image"] * 3 + ["ok"]},
            3,
        ),
    ],
)
def test_failure_that_passes_is_tried_again_and_finished_work_is_kept(user, settings, script, calls, retries):
    job = rehearse(user, script)

    assert outcomes(settings, job) == calls
    assert (job.status, job.retry_count) == (JobStatus.PROCESSING, retries)
    assert [step.status for step in steps_of(job)] == [StepStatus.DONE] * 3 + [StepStatus.QUEUED]
    assert factories.credits_of(user) == 9


@pytest.mark.parametrize(
    ("script", "code", "words", "calls"),
    [
        ("policy", "CONTENT_REJECTED", "declined by the content policy", ["policy"]),
        ("429", "RATE_LIMITED", "is busy", ["429"] * 4),
        ("text:timeout", "TIMEOUT", "took too long", ["timeout"] * 4),
        ("500x4", "PROVIDER_UNAVAILABLE", "could not be reached", ["500"] * 4),
        ("bad-json", "INVALID_ANSWER", "no usable answer", ["bad-json"] * 4),
        ("truncated", "INCOMPLETE_ANSWER", "no usable answer", ["truncated"] * 4),
    ],
)
def test_failure_that_stays_ends_the_job_and_pays_back(user, settings, script, code, words, calls):
    job = rehearse(user, script)

    assert (job.status, job.error_code) == (JobStatus.FAILED, code)
    assert words in job.error_message
    assert outcomes(settings, job) == {"strategy": calls}
    assert factories.credits_of(user) == 10


def test_rehearsal_costs_nothing_and_its_pictures_are_told_from_real_ones(user):
    job = rehearse(user, "image:429-then-ok")
    fakes.settle_all(job)

    job.refresh_from_db()
    metadata = job.result["metadata"]
    assert (metadata["aiModel"], metadata["totalCost"], metadata["costComplete"]) == (
        "offline-rehearsal",
        0.0,
        True,
    )
    sources = [slide.art_source for slide in job.carousel.slides.order_by("number")]
    assert [(source["provider"], source["model"], source["isPhoto"]) for source in sources] == [
        ("offline", "offline-rehearsal", False)
    ] * 2


def test_answer_that_could_not_be_read_is_booked_all_the_same(user):
    job = rehearse(user, "text:bad-json-then-ok")

    calls = job.provider_calls.filter(step_kind=StepKind.STRATEGY).order_by("pk")
    assert list(calls.values_list("error_code", "cost_usd")) == [("INVALID_ANSWER", 0), (None, 0)]


def test_another_run_goes_on_with_the_script(user, settings):
    job = rehearse(user, "text:policy-then-ok")

    requeued = carry_on(queue.requeue(job_id=job.pk, by="test", now=timezone.now()))

    assert (requeued.run, requeued.status) == (2, JobStatus.PROCESSING)
    assert outcomes(settings, job)["strategy"] == ["policy", "ok"]


def test_script_of_the_settings_is_for_jobs_without_one(user, settings):
    settings.OFFLINE_SCRIPT = "policy"

    assert rehearse(user, "").status == JobStatus.FAILED
    assert rehearse(user, "ok").status == JobStatus.PROCESSING


@pytest.mark.parametrize("script", ["418", 5, ["ok"]])
def test_script_inserted_past_the_api_fails_the_job_in_words(user, script):
    job = rehearse(user, script)

    assert (job.status, job.error_code) == (JobStatus.FAILED, "INVALID_PAYLOAD")
    assert "is no act" in job.error_message or "is no clause" in job.error_message
    assert factories.credits_of(user) == 10


def test_slow_call_may_take_its_time(user):
    job = factories.started_job(user, script="slow=40s")

    assert makers.timeout_of(factories.queued_step(job)) >= 45


def test_rehearsed_picture_waits_on_the_queue_of_calls_over_the_network(user):
    scripted, meant = factories.job(user, script="ok"), factories.job(user)

    assert makers.queues_of(scripted) == {"strategy": "ai", "slide": "ai", "finalize": "render"}
    assert makers.queues_of(meant) == {"strategy": "ai", "slide": "render", "finalize": "render"}
