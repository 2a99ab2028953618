"""Messages leave after commit, with the right urgency; a broker that is away costs a log line."""

import threading
import time

import pytest
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from jobs import dispatch, pipeline, queue, tasks
from jobs.models import GenerationJob, JobStep
from jobs.states import JobStatus, StepKind, StepStatus
from tests import factories
from tests.jobs import broker, fakes


@pytest.fixture(autouse=True)
def _empty_broker():
    broker.empty()


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.mark.parametrize("row_priority", range(1, 11))
def test_priority_10_is_delivered_first(user, committed, row_priority):
    with committed():
        job = queue.submit(
            user=user, payload=factories.payload(), now=timezone.now(), priority=row_priority
        ).job

    (message,) = broker.take_all("ai")
    assert message == broker.Message("jobs.start", {"job_ids": [str(job.pk)]}, 10 - row_priority, None)


def test_urgent_job_overtakes_the_waiting_ones(db, committed):
    for priority in (1, 5, 10, 1):
        with committed():
            queue.submit(
                user=factories.user(), payload=factories.payload(), now=timezone.now(), priority=priority
            )

    urgencies = [message.priority for message in broker.take_all("ai") for _ in message.kwargs["job_ids"]]
    assert urgencies == [0, 5, 9, 9]


def test_jobs_that_come_while_another_is_sent_go_together(db, committed, monkeypatch):
    is_sending, may_go_on, publish = threading.Event(), threading.Event(), dispatch._publish

    def publish_slowly(**message):
        is_sending.set()
        may_go_on.wait(10)
        publish(**message)

    monkeypatch.setattr(dispatch, "_publish", publish_slowly)
    with committed():
        first = factories.job(factories.user())
    is_sending.wait(10)
    with committed():
        jobs = [factories.job(factories.user()) for _ in range(dispatch.STARTS_MOST + 2)]
    may_go_on.set()

    ids = [str(job.pk) for job in jobs]
    sent = [message.kwargs["job_ids"] for message in broker.take_all("ai")]
    assert sent == [[str(first.pk)], ids[:-2], ids[-2:]]


def test_worker_starts_all_jobs_of_a_message(db, committed):
    jobs = [factories.job(factories.user()) for _ in range(3)]
    broker.empty()

    with committed():
        tasks.start(job_ids=[str(job.pk) for job in jobs])

    statuses = GenerationJob.objects.values_list("status", flat=True)
    assert list(statuses) == [JobStatus.PROCESSING] * 3
    sent = [message.kwargs for message in broker.take_all("ai") if message.task == "jobs.write_strategy"]
    assert sent == [{"step_id": factories.queued_step(job).pk} for job in jobs[:-1]]


def test_step_is_sent_to_the_queue_of_its_work(user, monkeypatch, committed):
    fakes.choose(monkeypatch)
    job = factories.started_job(user, imageCount=2)

    with committed():
        fakes.settle_all(job, until=StepKind.FINALIZE)

    slides = [step.pk for step in fakes.steps_of(job, kind=StepKind.SLIDE)]
    finalize = fakes.steps_of(job, kind=StepKind.FINALIZE)[0]
    assert [(message.task, message.kwargs) for message in broker.take_all("ai")] == [
        ("jobs.paint_slide", {"step_id": pk}) for pk in slides
    ]
    assert [(message.task, message.kwargs) for message in broker.take_all("render")] == [
        ("jobs.finalize", {"step_id": finalize.pk})
    ]


def test_art_drawn_here_goes_to_the_render_queue(user, monkeypatch, committed):
    _, art = fakes.choose(monkeypatch)
    art.queue = "render"
    job = factories.started_job(user, imageCount=2)

    with committed():
        fakes.settle_all(job, until=StepKind.SLIDE)

    assert [message.task for message in broker.take_all("render")] == ["jobs.paint_slide"] * 2
    assert broker.take_all("ai") == []


def test_step_that_was_begun_before_goes_a_notch_ahead(user, monkeypatch, committed):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure()))
    job = factories.started_job(user)

    with committed():
        pipeline.work_off(fakes.claimed(factories.queued_step(job)))

    assert [message.priority for message in broker.take_all("ai")] == [9 - 1]


def test_most_urgent_step_that_was_begun_before_stays_the_most_urgent(user, monkeypatch, committed):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure()))
    job = factories.started_job(user)
    GenerationJob.objects.filter(pk=job.pk).update(priority=10)

    with committed():
        pipeline.work_off(fakes.claimed(factories.queued_step(job)))

    assert [message.priority for message in broker.take_all("ai")] == [0]


def test_nothing_is_sent_when_the_transaction_is_rolled_back(user, committed):
    with committed(), transaction.atomic():
        factories.job(user)
        transaction.set_rollback(True)

    assert broker.take_all("ai") == []


def test_empty_queue_holds_zero_messages():
    assert dispatch.messages_in("ai") == 0


def test_messages_are_counted_over_all_priorities(db, committed):
    with committed():
        for priority in (1, 5, 10):
            queue.submit(
                user=factories.user(), payload=factories.payload(), now=timezone.now(), priority=priority
            )

    assert broker.count("ai") == 3


@pytest.mark.parametrize("broken", [broker.refused, broker.stalled], ids=["refused", "stalled"])
def test_submit_charges_once_and_does_not_raise_without_a_broker(user, committed, broken):
    with broken():
        started = time.monotonic()
        with committed():
            job = factories.job(user)
        assert time.monotonic() - started < 0.5  # it does not even wait to hear it

    assert GenerationJob.objects.get(pk=job.pk).status == JobStatus.QUEUED
    assert factories.credits_of(user) == 9


@pytest.mark.parametrize("broken", [broker.refused, broker.stalled], ids=["refused", "stalled"])
def test_broker_that_is_away_is_an_operational_error_to_whoever_counts(broken):
    with broken(), pytest.raises(OperationalError):
        dispatch.messages_in("ai")


def test_failure_nobody_foresaw_stays_behind_the_answer(user, monkeypatch, committed, caplog):
    def burst(*args, **kwargs):
        raise RuntimeError("nobody thought of this")

    monkeypatch.setattr(dispatch.current_app, "send_task", burst)

    with committed():
        job = factories.job(user)
    assert dispatch.starts.flush()
    with committed():
        pipeline.start(job_id=job.pk, now=timezone.now())

    assert GenerationJob.objects.get(pk=job.pk).status == JobStatus.PROCESSING
    job_not_sent, step_not_sent = [record.getMessage() for record in caplog.records]
    assert str(job.pk) in job_not_sent
    assert "send_step" in step_not_sent


def test_refused_step_is_due_for_the_next_sweep(user, committed):
    job = factories.job(user)
    now = timezone.now()

    with broker.refused(), committed():
        pipeline.start(job_id=job.pk, now=now)

    step = factories.queued_step(job)
    assert step.redrive_at <= timezone.now()
    assert pipeline.claim(step_id=step.pk) is not None


def test_refused_retry_is_due_only_when_its_pause_is_over(user, monkeypatch, committed):
    """Sent before, its message would find a step that is not due, and be gone for two minutes."""
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure(retry_after=6)))
    step = fakes.claimed(factories.queued_step(factories.started_job(user)))

    with broker.refused(), committed():
        pipeline.work_off(step)

    row = JobStep.objects.get(pk=step.pk)
    assert row.status == StepStatus.QUEUED
    assert row.redrive_at == row.not_before > timezone.now()
