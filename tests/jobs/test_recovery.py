"""The sweep drives on what lies: dead leases, lost messages, due jobs; and nothing twice."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from jobs import dispatch, pipeline, queue, recovery, steps
from jobs.models import GenerationJob, JobEvent, JobStep
from jobs.states import JobStatus, StepKind, StepStatus
from jobs.tasks import sweep as sweep_task
from tests import factories
from tests.jobs import broker, fakes


@pytest.fixture(autouse=True)
def _empty_broker():
    broker.empty()


@pytest.fixture
def sweep(django_capture_on_commit_callbacks):
    """One sweep, with its messages sent."""

    def run(*, later: float = 0) -> recovery.Swept:
        with django_capture_on_commit_callbacks(execute=True):
            return recovery.sweep(now=timezone.now() + timedelta(seconds=later))

    return run


@pytest.fixture
def step(user):
    return factories.queued_step(factories.started_job(user))


def test_sweep_of_a_quiet_house_does_nothing(db, sweep):
    assert sweep() == recovery.Swept(released=0, redriven=0, started=0)


def test_dead_worker_s_step_is_released_and_offered_again(step, sweep):
    dead = fakes.claimed(step)
    fakes.run_out(dead)

    assert sweep() == recovery.Swept(released=1, redriven=0, started=0)

    step.refresh_from_db()
    assert (step.status, step.owner, step.lease_until, step.attempt) == (StepStatus.QUEUED, None, None, 1)
    assert [message.kwargs for message in broker.take_all("ai")] == [{"step_id": step.pk}]
    event = JobEvent.objects.filter(job=step.job_id).latest("sequence")
    assert (event.from_status, event.to_status, event.reason) == ("running", "queued", "WORKER_LOST")
    assert GenerationJob.objects.get(pk=step.job_id).retry_count == 1


def test_released_step_may_be_claimed_by_a_worker_whose_clock_is_behind(step, sweep):
    fakes.run_out(fakes.claimed(step))
    sweep()

    claimed = steps.claim(step_id=step.pk, now=timezone.now() - timedelta(seconds=2))

    assert claimed.attempt == 2


def test_living_worker_keeps_its_step(step, sweep):
    fakes.claimed(step)

    assert sweep(later=29) == recovery.Swept(0, 0, 0)

    step.refresh_from_db()
    assert step.status == StepStatus.RUNNING


def test_worker_that_renewed_late_keeps_its_step(step):
    """The sweep read the row before the heartbeat came."""
    mine = fakes.claimed(step)
    fakes.run_out(mine)
    seen_by_sweep = JobStep.objects.get(pk=mine.pk)
    steps.renew(owners=[mine.owner], now=timezone.now())

    with pytest.raises(steps.transitions.LostRace):
        pipeline.release(step=seen_by_sweep, now=timezone.now())

    step.refresh_from_db()
    assert (step.status, step.owner) == (StepStatus.RUNNING, mine.owner)


def test_lost_message_is_sent_again_after_a_minute_doubling_to_15(step, sweep):
    start = timezone.now()
    gaps = []
    for _ in range(6):
        due = JobStep.objects.get(pk=step.pk).redrive_at
        gaps.append(round((due - start).total_seconds()))
        start = due

        before = recovery._redrive(now=due - timedelta(seconds=1))
        at = recovery._redrive(now=due)

        assert (before, at) == (0, 1)

    assert gaps == [60, 120, 240, 480, 900, 900]


def test_lost_message_arrives_in_the_broker(step, sweep):
    assert sweep(later=61).redriven == 1

    assert [message.task for message in broker.take_all("ai")] == ["jobs.write_strategy"]


def test_nothing_is_sent_again_while_the_broker_holds_a_message_for_every_row(
    db, sweep, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            factories.started_job(factories.user())
    broker.empty()
    with django_capture_on_commit_callbacks(execute=True):
        for row in JobStep.objects.filter(status=StepStatus.QUEUED):
            dispatch.send_step(row, priority=1)

    assert sweep(later=61).redriven == 0
    assert broker.count("ai") == 3

    broker.take_all("ai")
    assert sweep(later=62).redriven == 3
    assert broker.count("ai") == 3


def test_step_that_never_had_a_message_is_sent_whatever_the_broker_holds(
    user, sweep, monkeypatch, django_capture_on_commit_callbacks
):
    """Its provider asked for 90 s, which the sweep alone waits for; a backlog must not make it endless."""
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure(retry_after=90)))
    waiting = factories.queued_step(factories.started_job(user))
    pipeline.work_off(fakes.claimed(waiting))
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            factories.job(factories.user())  # messages of others, in the same queue
    held = broker.count("ai")  # of the others' starts, some of which may have gone together
    GenerationJob.objects.exclude(pk=waiting.job_id).update(scheduled_at=timezone.now() + timedelta(days=1))

    early, late = sweep(later=80).redriven, sweep(later=110).redriven

    assert held >= 1
    assert (early, late) == (0, 1)
    assert {"step_id": waiting.pk} in [message.kwargs for message in broker.take_all("ai")]


def test_step_that_waits_beyond_every_backlog_is_sent_whatever_the_broker_holds(
    user, sweep, django_capture_on_commit_callbacks
):
    """Messages that only start jobs lie in the same queue, and would hide for ever that this one is lost."""
    step = factories.queued_step(factories.started_job(user))
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            factories.job(factories.user())
    GenerationJob.objects.exclude(pk=step.job_id).update(scheduled_at=timezone.now() + timedelta(days=1))

    early, late = sweep(later=900).redriven, sweep(later=961).redriven

    assert (early, late) == (0, 1)
    assert {"step_id": step.pk} in [message.kwargs for message in broker.take_all("ai")]


@pytest.mark.parametrize("broken", [broker.refused, broker.stalled], ids=["refused", "stalled"])
def test_sweep_survives_a_broker_that_is_away(step, sweep, broken):
    with broken():
        assert sweep(later=61) == recovery.Swept(0, 0, 0)

    assert sweep(later=61).redriven == 1


def test_flushed_broker_loses_no_job(db, sweep, monkeypatch):
    fakes.choose(monkeypatch)
    jobs = [factories.started_job(factories.user(), imageCount=2) for _ in range(6)]
    broker.empty()

    sweep(later=61)
    for message in broker.take_all("ai"):
        fakes.settle(JobStep.objects.get(pk=message.kwargs["step_id"]))
    done = [fakes.settle_all(job).status for job in jobs]

    assert done == [JobStatus.COMPLETED] * 6


def insert_by_sql(carousel, payload: str):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO generation_jobs (carousel_id, user_id, payload)"
            " VALUES (%s, %s, %s::jsonb) RETURNING id",
            [carousel.pk, carousel.user_id, payload],
        )
        return cursor.fetchone()[0]


@pytest.fixture
def free_carousel(user):
    """A carousel whose job was stopped: another may work on it."""
    job = factories.job(user)
    queue.cancel(job_id=job.pk, now=timezone.now(), by="test")
    return job.carousel


def test_job_inserted_by_sql_is_started_with_the_database_s_defaults(free_carousel, sweep):
    job_id = insert_by_sql(free_carousel, '{"prompt": "test", "imageCount": 3}')
    row = GenerationJob.objects.get(pk=job_id)
    assert (row.status, row.job_type, row.priority, row.retry_count, row.max_retries, row.run) == (
        "queued",
        "carousel_generation",
        1,
        0,
        3,
        1,
    )

    assert sweep(later=1).started == 1

    row.refresh_from_db()
    assert row.status == JobStatus.PROCESSING
    assert [step.kind for step in fakes.steps_of(row)] == ["strategy", "slide", "slide", "slide", "finalize"]


@pytest.mark.parametrize(
    ("payload", "fault"),
    [
        ('"text"', "payload must be an object"),
        ("[]", "payload must be an object"),
        ("{}", "prompt must be a text"),
        ('{"prompt": "  ", "imageCount": 3}', "prompt must be a text"),
        ('{"prompt": "test", "imageCount": "3"}', "imageCount must be a whole number from 2 to 10"),
        ('{"prompt": "test", "imageCount": 11}', "imageCount must be a whole number from 2 to 10"),
        ('{"prompt": "test", "imageCount": true}', "imageCount must be a whole number from 2 to 10"),
        (
            '{"prompt": "test", "imageCount": 3, "aspectRatio": "16:9"}',
            "aspectRatio must be one of 1:1, 4:5, 9:16",
        ),
        ('{"prompt": "test", "imageCount": 3, "styles": "photo"}', "styles must be a list of texts"),
    ],
)
def test_payload_no_carousel_can_be_made_from_fails_without_a_refund(free_carousel, sweep, payload, fault):
    credits = factories.credits_of(free_carousel.user)
    job_id = insert_by_sql(free_carousel, payload)

    sweep(later=1)

    row = GenerationJob.objects.get(pk=job_id)
    assert (row.status, row.error_code, row.error_message) == (JobStatus.FAILED, "INVALID_PAYLOAD", fault)
    assert factories.credits_of(free_carousel.user) == credits
    assert JobStep.objects.filter(job=row).count() == 0


def test_job_scheduled_for_later_is_not_started(user, sweep):
    job = factories.job(user)
    GenerationJob.objects.filter(pk=job.pk).update(scheduled_at=timezone.now() + timedelta(seconds=60))

    assert sweep().started == 0
    assert pipeline.start(job_id=job.pk, now=timezone.now()) is False
    assert sweep(later=61).started == 1


def test_due_jobs_start_by_priority_then_by_time(db):
    now = timezone.now()
    wanted = [(1, 5), (10, 3), (10, 9), (5, 0), (1, 7)]  # priority, seconds overdue
    jobs = {}
    for priority, overdue in wanted:
        job = factories.job(factories.user())
        at = now - timedelta(seconds=overdue)
        GenerationJob.objects.filter(pk=job.pk).update(priority=priority, scheduled_at=at)
        jobs[job.pk] = (priority, overdue)

    order = [jobs[pk] for pk in recovery.turns.next_due(now=now, limit=4)]

    assert order == [(10, 9), (10, 3), (5, 0), (1, 7)]
    assert recovery.start_due(now=now, limit=2) == 2
    assert GenerationJob.objects.filter(status=JobStatus.PROCESSING, priority=10).count() == 2


def test_job_bent_by_hand_does_not_keep_others_from_starting(db, sweep):
    bent, sound = factories.started_job(factories.user()), factories.job(factories.user())
    GenerationJob.objects.filter(pk=bent.pk).update(status=JobStatus.QUEUED, priority=10)  # its steps exist

    assert sweep(later=1).started == 1

    sound.refresh_from_db()
    assert sound.status == JobStatus.PROCESSING


def test_job_deleted_meanwhile_is_not_started(user):
    job = factories.job(user)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM carousels WHERE id = %s", [job.carousel_id])

    assert pipeline.start(job_id=job.pk, now=timezone.now()) is False


def test_sweep_by_beat_starts_what_is_due(user):
    job = factories.job(user)

    sweep_task()

    job.refresh_from_db()
    assert job.status == JobStatus.PROCESSING
    assert factories.queued_step(job).kind == StepKind.STRATEGY
