"""What a job costs over its whole life: a run is charged once and paid back at most once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing.ledger import DailyLimitReached, InsufficientCredits
from billing.models import Account, EntryKind, LedgerEntry
from carousels.composing import PreflightFailed
from carousels.models import Carousel, CarouselStatus
from jobs import failures, pipeline, queue
from jobs.models import GenerationJob, JobEvent, JobStep, ProviderCall
from jobs.states import CallOutcome, JobStatus, StepKind, StepStatus
from jobs.transitions import InvalidState
from tests import factories
from tests.jobs import fakes


def moved(user) -> list[tuple[str, int, str]]:
    """Kind, credits and run of everything the user's jobs moved."""
    entries = LedgerEntry.objects.filter(account_id=user.pk, reference__startswith="job:").order_by("pk")
    return [(entry.kind, entry.credits, entry.reference.rsplit(":", 1)[1]) for entry in entries]


def used_today(user) -> int:
    return Account.objects.get(pk=user.pk).daily_used


def requeue(job: GenerationJob, **options) -> GenerationJob:
    return queue.requeue(job_id=job.pk, by="test", now=timezone.now(), **options)


def cancel(job: GenerationJob) -> GenerationJob:
    return queue.cancel(job_id=job.pk, by="user:1", now=timezone.now())


def run_until_it_ends(job: GenerationJob) -> GenerationJob:
    """Work off all but finalize for real, finalize by name; a failing step ends the run."""
    pipeline.start(job_id=job.pk, now=timezone.now())
    while step := factories.queued_step(GenerationJob.objects.get(pk=job.pk)):
        if step.kind == StepKind.FINALIZE:
            fakes.settle(step)
        else:
            pipeline.work_off(fakes.claimed(step))
    return GenerationJob.objects.select_related("carousel").get(pk=job.pk)


REFUSED = fakes.refusal("CONTENT_REJECTED")
BROKEN = fakes.refusal()


def test_fail_requeue_fail_requeue_complete_is_three_charges_and_two_refunds(user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(BROKEN, BROKEN))
    job = factories.job(user, imageCount=2)

    statuses = [run_until_it_ends(job).status]
    for _ in range(2):
        requeue(job)
        statuses.append(run_until_it_ends(job).status)

    assert statuses == [JobStatus.FAILED, JobStatus.FAILED, JobStatus.COMPLETED]
    assert moved(user) == [
        ("charge", -1, "1"),
        ("refund", 1, "1"),
        ("charge", -1, "2"),
        ("refund", 1, "2"),
        ("charge", -1, "3"),
    ]
    assert (factories.credits_of(user), used_today(user)) == (9, 1)


def test_operator_s_free_requeue_that_fails_refunds_nothing(user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(BROKEN, BROKEN))
    job = factories.job(user)
    run_until_it_ends(job)

    requeue(job, is_free=True)
    failed = run_until_it_ends(job)

    assert (failed.status, failed.run) == (JobStatus.FAILED, 2)
    assert moved(user) == [("charge", -1, "1"), ("refund", 1, "1")]
    assert factories.credits_of(user) == 10


def test_operator_s_free_requeue_cancelled_refunds_nothing(user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(BROKEN))
    job = factories.job(user)
    run_until_it_ends(job)
    requeue(job, is_free=True)

    cancel(job)

    assert (factories.credits_of(user), used_today(user)) == (10, 0)


def test_failure_of_ours_gives_the_day_back(user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(BROKEN))

    run_until_it_ends(factories.job(user))

    assert (factories.credits_of(user), used_today(user)) == (10, 0)


def test_content_refusal_keeps_the_day_and_returns_the_credit(user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(REFUSED))

    failed = run_until_it_ends(factories.job(user))

    assert (failed.status, failed.error_code) == (JobStatus.FAILED, "CONTENT_REJECTED")
    assert (factories.credits_of(user), used_today(user)) == (10, 1)


def test_preflight_failure_is_ours_and_names_its_faults(user, monkeypatch):
    fakes.choose(monkeypatch)
    job = fakes.settle_all(factories.started_job(user, imageCount=2), until=StepKind.FINALIZE)
    step = fakes.claimed(factories.queued_step(job))
    verdict = {"passed": False, "faults": ["slide 1: contrast"]}

    failure = failures.of_preflight(PreflightFailed(verdict))
    pipeline.record_failure(step=step, failure=failure, now=timezone.now())

    job.refresh_from_db()
    assert (job.status, job.error_code) == (JobStatus.FAILED, "PREFLIGHT_FAILED")
    ended = JobEvent.objects.get(job=job, step_kind=None, to_status="failed")
    assert ended.data == {"faults": ["slide 1: contrast"]}
    assert (factories.credits_of(user), used_today(user)) == (10, 0)


def test_two_steps_failing_end_the_job_and_pay_back_once(user, monkeypatch):
    fakes.choose(monkeypatch)
    job = fakes.settle_all(factories.started_job(user, imageCount=3), until=StepKind.SLIDE)
    first, second = [fakes.claimed(step) for step in fakes.steps_of(job, kind=StepKind.SLIDE)[:2]]

    for step in (first, second):
        pipeline.record_failure(step=step, failure=failures.of_provider(BROKEN), now=timezone.now())

    assert moved(user) == [("charge", -1, "1"), ("refund", 1, "1")]
    second.refresh_from_db()
    assert second.status == StepStatus.CANCELLED
    assert JobEvent.objects.filter(job=job, to_status="failed", step_kind=None).count() == 1


def test_cancel_before_work_began_gives_the_day_back(user):
    job = factories.started_job(user)

    cancelled = cancel(job)

    assert (cancelled.status, factories.credits_of(user), used_today(user)) == (JobStatus.CANCELLED, 10, 0)
    assert Carousel.objects.get(pk=job.carousel_id).status == CarouselStatus.CANCELLED
    assert {step.status for step in fakes.steps_of(job)} == {StepStatus.CANCELLED}


def test_cancel_after_work_began_keeps_the_day(user):
    job = factories.started_job(user)
    fakes.claimed(factories.queued_step(job))

    cancel(job)

    assert (factories.credits_of(user), used_today(user)) == (10, 1)


def test_cancel_that_a_claim_comes_before_keeps_the_day(user, monkeypatch):
    """A worker needs no lock to claim: it may come between the cancel's lock and its closing of steps."""
    job = factories.started_job(user)
    step = factories.queued_step(job)
    close = queue.endings.steps.cancel_unsettled

    def claimed_just_before(**kwargs):
        fakes.claimed(step)
        return close(**kwargs)

    monkeypatch.setattr(queue.endings.steps, "cancel_unsettled", claimed_just_before)
    cancel(job)

    step.refresh_from_db()
    assert (step.status, step.attempt) == (StepStatus.CANCELLED, 1)
    assert (factories.credits_of(user), used_today(user)) == (10, 1)


def test_cancelling_twice_changes_nothing_more(user):
    job = factories.started_job(user)
    cancel(job)
    events = JobEvent.objects.filter(job=job).count()

    cancel(job)

    assert JobEvent.objects.filter(job=job).count() == events
    assert moved(user) == [("charge", -1, "1"), ("refund", 1, "1")]


@pytest.mark.parametrize("status", [JobStatus.COMPLETED, JobStatus.FAILED])
def test_job_that_ended_cannot_be_cancelled(user, monkeypatch, status):
    fakes.choose(monkeypatch, text=fakes.FakeText(BROKEN if status == JobStatus.FAILED else None))
    job = run_until_it_ends(factories.job(user, imageCount=2))
    before = moved(user), JobEvent.objects.filter(job=job).count()

    with pytest.raises(InvalidState):
        cancel(job)

    job.refresh_from_db()
    assert job.status == status
    assert (moved(user), JobEvent.objects.filter(job=job).count()) == before


@pytest.mark.parametrize("make", [factories.job, factories.started_job], ids=["queued", "processing"])
def test_only_an_ended_job_is_requeued(user, make):
    job = make(user)
    before = moved(user)

    with pytest.raises(InvalidState):
        requeue(job)

    assert (GenerationJob.objects.get(pk=job.pk).run, moved(user)) == (1, before)


def test_requeue_without_credits_changes_nothing(db):
    user = factories.user(credits=1)
    job = factories.job(user)
    cancel(job)
    factories.job(user)  # the credit that came back goes elsewhere
    before = JobEvent.objects.filter(job=job).count()

    with pytest.raises(InsufficientCredits):
        requeue(job)

    job.refresh_from_db()
    assert (job.status, job.run, JobEvent.objects.filter(job=job).count()) == (JobStatus.CANCELLED, 1, before)
    assert Carousel.objects.get(pk=job.carousel_id).status == CarouselStatus.CANCELLED


def test_requeue_beyond_the_day_s_limit_changes_nothing(db, monkeypatch):
    user = factories.user(daily_limit=1)
    fakes.choose(monkeypatch, text=fakes.FakeText(REFUSED))
    job = run_until_it_ends(factories.job(user))

    with pytest.raises(DailyLimitReached):
        requeue(job)

    job.refresh_from_db()
    assert (job.status, job.run, factories.credits_of(user)) == (JobStatus.FAILED, 1, 10)


def test_requeue_on_a_busy_carousel_is_refused(user):
    job = factories.job(user)
    cancel(job)
    GenerationJob.objects.create(carousel=job.carousel, user=user, payload=job.payload)

    with pytest.raises(queue.CarouselBusy):
        requeue(job)

    job.refresh_from_db()
    assert (job.status, factories.credits_of(user)) == (JobStatus.CANCELLED, 10)


def test_requeue_with_a_delay_waits_and_resets_the_counters(user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure(), BROKEN))
    job = factories.started_job(user)
    step = factories.queued_step(job)
    pipeline.work_off(fakes.claimed(step))
    fakes.wait_is_over(job)
    pipeline.work_off(fakes.claimed(step))
    now = timezone.now()

    queue.requeue(job_id=job.pk, by="test", now=now, delay=timedelta(minutes=10))

    job.refresh_from_db()
    assert (job.status, job.retry_count, job.error_code, job.error_message) == (
        JobStatus.QUEUED,
        0,
        None,
        None,
    )
    assert (job.scheduled_at, job.started_at) == (now + timedelta(minutes=10), None)
    assert pipeline.start(job_id=job.pk, now=now + timedelta(minutes=9)) is False
    assert pipeline.start(job_id=job.pk, now=now + timedelta(minutes=10)) is True


def test_kept_words_and_pictures_are_not_bought_again(user, monkeypatch):
    text, art = fakes.choose(monkeypatch, art=fakes.FakeArt(None, None, BROKEN))
    job = run_until_it_ends(factories.job(user, imageCount=3))
    assert job.status == JobStatus.FAILED

    requeue(job)
    finished = run_until_it_ends(job)

    assert finished.status == JobStatus.COMPLETED
    assert (len(text.requests), [request.number for request in art.requests]) == (1, [1, 2, 3, 3])
    assert [(step.kind, step.slide_number) for step in fakes.steps_of(job)] == [
        ("slide", 3),
        ("finalize", None),
    ]
    assert ProviderCall.objects.filter(job=job, outcome=CallOutcome.OK).count() == 4
    assert finished.result["metadata"]["totalCost"] == 0.04


def test_progress_of_a_requeued_run_starts_where_its_pictures_are(user, monkeypatch):
    fakes.choose(monkeypatch, art=fakes.FakeArt(None, None, BROKEN))
    job = run_until_it_ends(factories.job(user, imageCount=3))
    requeue(job)

    pipeline.start(job_id=job.pk, now=timezone.now())

    carousel = Carousel.objects.get(pk=job.carousel_id)
    assert (carousel.progress_percent, carousel.progress_message) == (60, "Generating slide 2/3...")


def test_unknown_price_is_said_not_guessed(user, monkeypatch):
    fakes.choose(monkeypatch, art=fakes.FakeArt(cost_usd=None))

    job = run_until_it_ends(factories.job(user, imageCount=2))

    assert (job.result["metadata"]["totalCost"], job.result["metadata"]["costComplete"]) == (0.01, False)


def test_every_run_nets_to_its_charge_or_to_nothing(user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(BROKEN))
    job = factories.job(user, imageCount=2)
    run_until_it_ends(job)
    requeue(job)
    cancel(job)
    requeue(job)
    run_until_it_ends(job)

    net = {}
    for _, credits, run in moved(user):
        net[run] = net.get(run, 0) + credits
    assert net == {"1": 0, "2": 0, "3": -1}
    kinds = (EntryKind.CHARGE, EntryKind.REFUND)
    assert LedgerEntry.objects.filter(account_id=user.pk, kind__in=kinds).count() == 5
    assert JobStep.objects.filter(job=job, status=StepStatus.RUNNING).count() == 0
