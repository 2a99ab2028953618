"""Exactly one verb ends a run, and the money follows the winner."""

import random

import pytest
from django.db import connection
from django.db.models import Sum
from django.utils import timezone

from billing.models import Account, LedgerEntry
from jobs import pipeline, queue, recovery
from jobs.models import GenerationJob, JobEvent, JobStep
from jobs.states import JobStatus, StepKind, StepStatus
from jobs.transitions import InvalidState, LostRace
from tests import factories
from tests.concurrency.threads import at_once, one_inside_the_other
from tests.jobs import broker, fakes

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    broker.empty()
    fakes.choose(monkeypatch)


def finishing_job():
    """A job whose finalize is done and about to be recorded, and the two who want to end it."""
    user = factories.user()
    job = fakes.settle_all(factories.started_job(user, imageCount=2), until=StepKind.FINALIZE)
    step = fakes.claimed(factories.queued_step(job))
    outcome = fakes.outcome_of(step)

    def finish():
        pipeline.record_done(step=step, outcome=outcome, now=timezone.now())

    def cancel():
        queue.cancel(job_id=job.pk, by="user:1", now=timezone.now())

    return user, job, finish, cancel


def ended_as(job) -> list[str]:
    ended = JobEvent.objects.filter(
        job=job, step_kind=None, to_status__in=["completed", "cancelled", "failed"]
    )
    return list(ended.values_list("to_status", flat=True))


def test_finish_then_cancel_is_completed_and_paid():
    user, job, finish, cancel = finishing_job()

    finished, cancelled = one_inside_the_other(finish, cancel)

    assert finished is None
    assert isinstance(cancelled, InvalidState)
    assert (ended_as(job), factories.credits_of(user)) == (["completed"], 9)


def test_cancel_then_finish_is_cancelled_and_paid_back():
    user, job, finish, cancel = finishing_job()

    cancelled, finished = one_inside_the_other(cancel, finish)

    assert cancelled is None
    assert isinstance(finished, LostRace)
    assert (ended_as(job), factories.credits_of(user)) == (["cancelled"], 10)
    job.refresh_from_db()
    assert (job.result, job.carousel.status) == (None, "cancelled")


def test_cancel_and_finish_at_the_same_moment_have_one_winner():
    for _ in range(ROUNDS):
        user, job, finish, cancel = finishing_job()

        finished, cancelled = at_once(finish, cancel)

        job.refresh_from_db()
        if job.status == JobStatus.COMPLETED:
            assert (finished, type(cancelled), factories.credits_of(user)) == (None, InvalidState, 9)
        else:
            assert (type(finished), cancelled, factories.credits_of(user)) == (LostRace, None, 10)
        assert ended_as(job) == [job.status]


def test_origin_s_status_without_a_condition_gives_a_finished_carousel_and_the_credit_back():
    """The twin: both read `processing`, then each writes what it wants."""
    user, job, _, _ = finishing_job()

    def origin_end(status: JobStatus, *, refunds: bool):
        before = GenerationJob.objects.get(pk=job.pk).status
        yield
        if before == JobStatus.PROCESSING:
            GenerationJob.objects.filter(pk=job.pk).update(status=status, completed_at=timezone.now())
            if refunds:
                account = Account.objects.get(pk=user.pk)
                Account.objects.filter(pk=user.pk).update(credits=account.credits + 1)

    cancel, finish = (
        origin_end(JobStatus.CANCELLED, refunds=True),
        origin_end(JobStatus.COMPLETED, refunds=False),
    )
    for verb in (cancel, finish):
        next(verb)
    for verb in (cancel, finish):
        list(verb)

    job.refresh_from_db()
    assert (job.status, factories.credits_of(user)) == (JobStatus.COMPLETED, 10)


def test_requeue_twice_is_one_run_and_one_charge():
    user = factories.user()
    job = factories.job(user, imageCount=2)
    queue.cancel(job_id=job.pk, by="test", now=timezone.now())

    def requeue():
        return queue.requeue(job_id=job.pk, by="test", now=timezone.now())

    first, second = one_inside_the_other(requeue, requeue)

    assert first.run == 2
    assert isinstance(second, InvalidState)
    job.refresh_from_db()
    assert (job.run, job.status, factories.credits_of(user)) == (2, JobStatus.QUEUED, 9)


def test_many_requeues_at_the_same_moment_are_one_run_and_one_charge():
    user = factories.user(daily_limit=None)
    job = factories.job(user, imageCount=2)
    queue.cancel(job_id=job.pk, by="test", now=timezone.now())

    answers = at_once(*[lambda: queue.requeue(job_id=job.pk, by="test", now=timezone.now())] * 8)

    assert sorted(type(answer).__name__ for answer in answers) == ["GenerationJob"] + ["InvalidState"] * 7
    charges = LedgerEntry.objects.filter(account_id=user.pk, kind="charge")
    assert [entry.reference for entry in charges.order_by("pk")] == [f"job:{job.pk}:1", f"job:{job.pk}:2"]
    assert factories.credits_of(user) == 9


def test_two_failures_at_the_same_moment_pay_back_once():
    for _ in range(ROUNDS):
        user = factories.user()
        job = fakes.settle_all(factories.started_job(user, imageCount=2), until=StepKind.SLIDE)
        held = [fakes.claimed(step) for step in fakes.steps_of(job, kind=StepKind.SLIDE)]
        failure = pipeline.failures.of_provider(fakes.refusal())

        def fail(step, failure=failure):
            return lambda: pipeline.record_failure(step=step, failure=failure, now=timezone.now())

        assert at_once(*[fail(step) for step in held]) == [None, None]

        assert (ended_as(job), factories.credits_of(user)) == (["failed"], 10)


def worker(seed: int, jobs: list[GenerationJob]):
    """Do whatever comes to hand, as a crowd of workers, users and sweeps would."""
    dice = random.Random(seed)

    def work_a_step() -> None:
        step = JobStep.objects.filter(status=StepStatus.QUEUED).order_by("?").first()
        mine = step and pipeline.claim(step_id=step.pk)
        if mine is None:
            return
        fate = dice.random()
        if fate < 0.15:
            fakes.run_out(mine)  # killed
        elif fate < 0.3:
            failure = pipeline.failures.of_provider(fakes.failure() if fate < 0.25 else fakes.refusal())
            pipeline.record_failure(step=mine, failure=failure, now=timezone.now())
        else:
            pipeline.record_done(step=mine, outcome=fakes.outcome_of(mine), now=timezone.now())

    def sweep() -> None:
        recovery.sweep(now=timezone.now())

    def cancel() -> None:
        queue.cancel(job_id=dice.choice(jobs).pk, by="crowd", now=timezone.now())

    def requeue() -> None:
        queue.requeue(job_id=dice.choice(jobs).pk, by="crowd", now=timezone.now())

    def run() -> None:
        for _ in range(40):
            verb = dice.choices([work_a_step, sweep, cancel, requeue], [12, 4, 1, 3])[0]
            try:
                verb()
            except (InvalidState, LostRace):
                continue  # somebody was quicker: that is an answer

    return run


def test_crowd_of_workers_users_and_sweeps_leaves_every_invariant_standing():
    user = factories.user(credits=100, daily_limit=None)
    jobs = [factories.job(user, imageCount=2) for _ in range(4)]

    assert at_once(*[worker(seed, jobs) for seed in range(6)]) == [None] * 6

    entries = LedgerEntry.objects.filter(account_id=user.pk)
    assert factories.credits_of(user) == entries.aggregate(total=Sum("credits"))["total"]
    for job in jobs:
        job.refresh_from_db()
        of_job = JobEvent.objects.filter(job=job).order_by("pk")
        assert [event.sequence for event in of_job] == list(range(1, len(of_job) + 1))
        for run in range(1, job.run + 1):
            net = entries.filter(reference=f"job:{job.pk}:{run}").aggregate(total=Sum("credits"))["total"]
            is_over = run < job.run or job.status in (JobStatus.FAILED, JobStatus.CANCELLED)
            assert net == (0 if is_over else -1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(deadlocks) FROM pg_stat_database WHERE datname = current_database()")
        assert cursor.fetchone()[0] == 0
