"""A step that fails is tried again after 1, 2 and 4 s, or when the provider says; then the job fails."""

from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import backoff, pipeline
from jobs.models import GenerationJob, JobEvent, JobStep
from jobs.states import JobStatus, StepKind, StepStatus
from jobs.tasks import paint_slide, write_strategy
from tests import factories
from tests.jobs import fakes

UNAVAILABLE = "The AI service could not be reached or gave no usable answer."


def attempt(step: JobStep) -> JobStep:
    """One try of a step, as a worker makes it."""
    pipeline.work_off(fakes.claimed(step))
    step.refresh_from_db()
    return step


def wait_of(step: JobStep) -> float:
    return (step.not_before - step.started_at).total_seconds()


def job_of(step: JobStep) -> GenerationJob:
    return GenerationJob.objects.get(pk=step.job_id)


@pytest.fixture(autouse=True)
def _no_jitter(monkeypatch):
    monkeypatch.setattr(pipeline.random, "random", lambda: 0.0)


@pytest.fixture
def strategy_step(user):
    return factories.queued_step(factories.started_job(user), StepKind.STRATEGY)


@pytest.mark.parametrize(
    ("number", "retry_after", "seconds"),
    [(1, None, 1), (2, None, 2), (3, None, 4), (4, None, 8), (1, 7.5, 7.5), (3, 1, 4), (1, 120, 120)],
)
def test_pause_doubles_and_obeys_the_provider(number, retry_after, seconds):
    waits = [backoff.wait_after(attempt=number, retry_after=retry_after, dice=dice) for dice in (0, 0.5, 1)]

    assert [wait.total_seconds() for wait in waits] == pytest.approx([seconds, seconds * 1.1, seconds * 1.2])


def test_what_failed_at_the_same_moment_comes_back_at_different_ones(db, monkeypatch):
    monkeypatch.undo()
    fakes.choose(monkeypatch, text=fakes.FakeText(*[fakes.failure(retry_after=100)] * 5))
    steps = [factories.queued_step(factories.started_job(factories.user())) for _ in range(5)]

    waits = [wait_of(attempt(step)) for step in steps]

    assert len(set(waits)) == 5
    assert all(100 <= wait < 121 for wait in waits)


def test_failed_step_waits_1_2_and_4_seconds_and_then_fails_with_its_job(strategy_step, monkeypatch):
    text, _ = fakes.choose(monkeypatch, text=fakes.FakeText(*[fakes.failure()] * 4))

    waits, seen = [], []
    for _ in range(3):
        step = attempt(strategy_step)
        waits.append(round(wait_of(step)))
        job = job_of(step)
        seen.append((step.status, job.status, job.retry_count, job.error_code, job.error_message))
        fakes.wait_is_over(job)
    last = attempt(strategy_step)

    assert waits == [1, 2, 4]
    assert seen == [
        (StepStatus.QUEUED, JobStatus.PROCESSING, count, "PROVIDER_UNAVAILABLE", UNAVAILABLE)
        for count in (1, 2, 3)
    ]
    assert (last.status, last.attempt, len(text.requests)) == (StepStatus.FAILED, 4, 4)
    job = job_of(last)
    assert (job.status, job.retry_count, job.error_code) == (JobStatus.FAILED, 3, "PROVIDER_UNAVAILABLE")


def test_step_is_not_claimed_before_its_pause_is_over(strategy_step, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure()))
    attempt(strategy_step)

    assert pipeline.claim(step_id=strategy_step.pk) is None

    strategy_step.refresh_from_db()
    assert (strategy_step.status, strategy_step.attempt) == (StepStatus.QUEUED, 1)


def test_retry_after_is_obeyed_without_a_message_when_it_is_long(strategy_step, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure(retry_after=90)))

    step = attempt(strategy_step)

    assert round(wait_of(step)) == 90
    assert step.redrive_at == step.not_before  # the sweep alone brings it back


def test_short_pause_sends_a_message_and_lets_the_sweep_look_a_minute_later(strategy_step, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure()))

    step = attempt(strategy_step)

    assert step.redrive_at == step.not_before + timedelta(seconds=60)


def test_history_says_which_try_failed_why_and_how_long_the_step_waits(strategy_step, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure(retry_after=90)))

    attempt(strategy_step)

    event = JobEvent.objects.filter(job=strategy_step.job_id).order_by("-sequence").first()
    assert (event.reason, event.data) == ("PROVIDER_UNAVAILABLE", {"attempt": 1, "retryInSeconds": 90.0})


def test_permanent_failure_fails_at_once(strategy_step, monkeypatch):
    text, _ = fakes.choose(monkeypatch, text=fakes.FakeText(fakes.refusal("AUTHENTICATION")))

    step = attempt(strategy_step)

    assert (step.status, step.error_code, len(text.requests)) == (StepStatus.FAILED, "AUTHENTICATION", 1)
    job = job_of(step)
    assert (job.status, job.error_message, job.retry_count) == (JobStatus.FAILED, UNAVAILABLE, 0)


def test_vendor_s_own_words_never_reach_the_rows(strategy_step, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.refusal()))

    step = attempt(strategy_step)

    job = GenerationJob.objects.select_related("carousel").get(pk=step.job_id)
    events = list(JobEvent.objects.filter(job=job).values("reason", "data"))
    assert "the operator's words" not in f"{job.error_message} {job.carousel.error_message} {events}"


def test_without_retries_the_first_failure_is_the_last(strategy_step, monkeypatch):
    GenerationJob.objects.filter(pk=strategy_step.job_id).update(max_retries=0)
    text, _ = fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure()))

    step = attempt(strategy_step)

    assert (step.status, job_of(step).status, len(text.requests)) == (StepStatus.FAILED, JobStatus.FAILED, 1)


def test_job_completes_after_retries_and_forgets_the_errors(user, monkeypatch):
    fakes.choose(monkeypatch, art=fakes.FakeArt(fakes.failure(), fakes.failure()))
    job = factories.started_job(user, imageCount=2)
    fakes.settle_all(job, until=StepKind.SLIDE)
    step = factories.queued_step(job, StepKind.SLIDE)
    for _ in range(2):
        attempt(step)
        fakes.wait_is_over(job)

    job = fakes.settle_all(job)

    assert (job.status, job.retry_count) == (JobStatus.COMPLETED, 2)
    assert (job.error_code, job.error_message, factories.credits_of(user)) == (None, None, 9)


def test_poison_step_that_crashes_is_capped_and_the_job_fails_with_one_refund(user, monkeypatch):
    art = fakes.FakeArt(*[ZeroDivisionError("a bug of ours")] * 9)
    fakes.choose(monkeypatch, art=art)
    job = factories.started_job(user, imageCount=2)
    fakes.settle_all(job, until=StepKind.SLIDE)
    step = factories.queued_step(job, StepKind.SLIDE)

    for _ in range(6):
        paint_slide(step_id=step.pk)
        fakes.wait_is_over(job)

    job.refresh_from_db()
    assert (job.status, job.error_code, len(art.requests)) == (JobStatus.FAILED, "INTERNAL_ERROR", 4)
    assert [row.status for row in fakes.steps_of(job)] == ["done", "failed", "cancelled", "cancelled"]
    assert factories.credits_of(user) == 10
    assert list(user.account.entries.order_by("pk").values_list("kind", flat=True)) == [
        "signup",
        "charge",
        "refund",
    ]


def test_step_that_kills_its_worker_every_time_is_capped(strategy_step, user):
    for _ in range(4):
        step = fakes.claimed(strategy_step)
        fakes.run_out(step)
        pipeline.release(step=step, now=timezone.now())

    write_strategy(step_id=strategy_step.pk)  # the claim that would be one too many

    strategy_step.refresh_from_db()
    job = job_of(strategy_step)
    assert (strategy_step.status, strategy_step.attempt) == (StepStatus.FAILED, 5)
    assert (job.status, job.error_code, job.retry_count) == (JobStatus.FAILED, "WORKER_LOST", 3)
    assert factories.credits_of(user) == 10


def test_redelivered_message_of_a_finished_step_is_a_no_op(user, monkeypatch):
    text, _ = fakes.choose(monkeypatch)
    step = factories.queued_step(factories.started_job(user))
    fakes.settle(step)
    before = JobEvent.objects.filter(job_id=step.job_id).count()

    write_strategy(step_id=step.pk)

    assert len(text.requests) == 1
    assert JobEvent.objects.filter(job_id=step.job_id).count() == before
