"""A step has one owner, a message leaves once per sweep, and the last slide starts finalize once."""

import threading
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from jobs import pipeline, recovery, steps
from jobs.models import GenerationJob, JobEvent, JobStep
from jobs.states import JobStatus, StepKind, StepStatus
from tests import factories
from tests.concurrency.threads import PATIENCE, at_once, one_inside_the_other
from tests.jobs import broker, fakes

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    broker.empty()
    fakes.choose(monkeypatch)


def started_jobs(count: int) -> list[GenerationJob]:
    return [factories.started_job(factories.user(), imageCount=2) for _ in range(count)]


def events_are_whole(job: GenerationJob) -> bool:
    sequences = list(JobEvent.objects.filter(job=job).order_by("pk").values_list("sequence", flat=True))
    return sequences == list(range(1, len(sequences) + 1))


# --- claims ---------------------------------------------------------------------------------------


def origin_take(taken: list):
    """The origin's queue: select the next queued row, work, then set its status without a condition."""
    step = JobStep.objects.filter(status=StepStatus.QUEUED).first()
    if step is None:
        return
    yield
    JobStep.objects.filter(pk=step.pk).update(
        status=StepStatus.RUNNING, owner="00000000-0000-0000-0000-000000000001", lease_until=timezone.now()
    )
    taken.append(step.pk)


def test_origin_s_select_then_update_gives_one_step_to_two_workers():
    started_jobs(1)
    taken: list[int] = []
    workers = [origin_take(taken), origin_take(taken)]

    for worker in workers:
        next(worker)
    for worker in workers:
        list(worker)

    assert len(taken) == 2
    assert len(set(taken)) == 1


def test_second_claim_waits_for_the_first_and_finds_it_taken():
    step = factories.queued_step(started_jobs(1)[0])

    def claim():
        return pipeline.claim(step_id=step.pk)

    first, second = one_inside_the_other(claim, claim)

    assert (first.pk, second) == (step.pk, None)
    step.refresh_from_db()
    assert (step.owner, step.attempt) == (first.owner, 1)


def test_many_claims_of_one_step_have_one_winner():
    for job in started_jobs(ROUNDS):
        step = factories.queued_step(job)

        claims = at_once(*[lambda pk=step.pk: pipeline.claim(step_id=pk)] * 8)

        (winner,) = [claim for claim in claims if claim is not None]
        step.refresh_from_db()
        assert (step.owner, step.attempt) == (winner.owner, 1)


# --- sweeps ---------------------------------------------------------------------------------------


def sweep_at(later: float):
    return lambda: recovery.sweep(now=timezone.now() + timedelta(seconds=later))


def sent_steps() -> list[int]:
    return sorted(
        message.kwargs["step_id"] for message in broker.take_all("ai") if "step_id" in message.kwargs
    )


def test_two_sweeps_send_each_lost_message_once():
    waiting = sorted(factories.queued_step(job).pk for job in started_jobs(12))
    broker.empty()

    swept = at_once(sweep_at(61), sweep_at(61))

    assert sum(each.redriven for each in swept) == 12
    assert sent_steps() == waiting


def test_sweep_passes_over_what_another_has_in_hand():
    waiting = sorted(factories.queued_step(job).pk for job in started_jobs(3))
    broker.empty()
    first_has_taken, second_is_done = threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            swept = sweep_at(61)()
            first_has_taken.set()
            assert second_is_done.wait(PATIENCE)
        return swept.redriven

    def second():
        assert first_has_taken.wait(PATIENCE)
        swept = sweep_at(61)()
        second_is_done.set()
        return swept.redriven

    assert at_once(first, second) == [3, 0]
    assert sent_steps() == waiting


def test_two_sweeps_without_row_locks_send_everything_twice():
    """The twin: select what is overdue, then move its date."""
    started_jobs(3)
    broker.empty()
    later = timezone.now() + timedelta(seconds=61)

    def naive_sweep(sent: list[int]):
        overdue = list(JobStep.objects.filter(status=StepStatus.QUEUED, redrive_at__lte=later))
        yield
        for step in overdue:
            JobStep.objects.filter(pk=step.pk).update(redrive_at=later + timedelta(seconds=120))
            sent.append(step.pk)

    sent: list[int] = []
    sweeps = [naive_sweep(sent), naive_sweep(sent)]
    for each in sweeps:
        next(each)
    for each in sweeps:
        list(each)

    assert (len(sent), len(set(sent))) == (6, 3)


def test_two_sweeps_release_each_dead_step_once():
    jobs = started_jobs(8)
    for job in jobs:
        fakes.run_out(fakes.claimed(factories.queued_step(job)))
    broker.empty()

    swept = at_once(sweep_at(0), sweep_at(0))

    assert sum(each.released for each in swept) == 8
    assert len(sent_steps()) == 8
    assert all(events_are_whole(job) for job in jobs)


def test_due_job_is_started_once_by_message_and_sweeps_at_once():
    for _ in range(ROUNDS):
        job = factories.job(factories.user(), imageCount=2)

        def start(pk=job.pk):
            return pipeline.start(job_id=pk, now=timezone.now())

        answers = at_once(start, start, sweep_at(0), sweep_at(0))

        assert sum(each if isinstance(each, bool) else each.started for each in answers) == 1
        assert [step.kind for step in fakes.steps_of(job)] == ["strategy", "slide", "slide", "finalize"]
        assert JobEvent.objects.filter(job=job, to_status=JobStatus.PROCESSING).count() == 1
        assert events_are_whole(job)


# --- fan-in ---------------------------------------------------------------------------------------


def two_last_slides() -> tuple[GenerationJob, list]:
    """A job whose two slides are painted and about to be recorded."""
    job = fakes.settle_all(started_jobs(1)[0], until=StepKind.SLIDE)
    painted = [fakes.claimed(step) for step in fakes.steps_of(job, kind=StepKind.SLIDE)]

    def record(step):
        outcome = fakes.outcome_of(step)
        return lambda: pipeline.record_done(step=step, outcome=outcome, now=timezone.now())

    return job, [record(step) for step in painted]


def finalize_starts(job: GenerationJob) -> int:
    return JobEvent.objects.filter(job=job, step_kind=StepKind.FINALIZE, to_status=StepStatus.QUEUED).count()


def test_last_slide_waits_for_the_one_before_and_starts_finalize():
    job, (first, second) = two_last_slides()

    assert one_inside_the_other(first, second) == [None, None]

    assert finalize_starts(job) == 1
    assert fakes.steps_of(job, kind=StepKind.FINALIZE)[0].status == StepStatus.QUEUED
    assert [message.task for message in broker.take_all("render")] == ["jobs.finalize"]
    assert events_are_whole(job)


def test_last_two_slides_at_the_same_moment_start_finalize_once():
    for _ in range(ROUNDS):
        job, records = two_last_slides()

        assert at_once(*records) == [None, None]

        assert finalize_starts(job) == 1
        assert events_are_whole(job)


def test_without_the_job_s_lock_nobody_starts_finalize():
    """The twin: settle, count, decide. Neither sees the other's uncommitted end, and the job is stuck."""
    job, _ = two_last_slides()
    both_have_counted = threading.Barrier(2)

    def naive_settle(step: JobStep):
        def settle() -> bool:
            with transaction.atomic():
                JobStep.objects.filter(pk=step.pk).update(
                    status=StepStatus.DONE, owner=None, lease_until=None
                )
                is_last = steps.unsettled(job)[StepKind.SLIDE] == 0
                both_have_counted.wait(PATIENCE)
            return is_last

        return settle

    starts = at_once(*[naive_settle(step) for step in fakes.steps_of(job, kind=StepKind.SLIDE)])

    assert starts == [False, False]
    assert steps.unsettled(job) == {StepKind.FINALIZE: 1}
