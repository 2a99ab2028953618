"""The only place that sets a job's status, from its first one on: one write, one JobEvent, one transaction.

Every caller but `add` holds the job's lock (`locked`), which takes the carousel's first: that is the
lock order written down in `docs/pipeline.md`, and what gives events a sequence without gaps.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from psycopg.types.json import Jsonb

from jobs import news
from jobs.models import GenerationJob, JobEvent, JobStep
from jobs.states import SYSTEM, TERMINAL, TRANSITIONS, JobStatus

# Plain SQL, because every job comes by here (docs/adr/0012). Its first event is number 1: nobody else has it.
ADD = """
WITH job AS (
    INSERT INTO generation_jobs
        (id, carousel_id, user_id, job_type, priority, payload, scheduled_at, created_at, updated_at)
    VALUES (%(id)s, %(carousel)s, %(user)s, %(job_type)s, %(priority)s, %(payload)s, %(now)s, %(now)s,
        %(now)s)
)
INSERT INTO job_events (job_id, sequence, run, to_status, by, reason, at, data)
VALUES (%(id)s, 1, 1, 'queued', %(by)s, '', %(now)s, %(data)s)
"""
# Numbered and written in one statement, which every transaction makes: the ORM takes two, and thrice as long.
APPEND = """
INSERT INTO job_events
    (job_id, sequence, run, step_kind, slide_number, from_status, to_status, by, reason, at, data)
SELECT %(job)s, place + (SELECT COALESCE(MAX(sequence), 0) FROM job_events WHERE job_id = %(job)s),
    run, step_kind, slide_number, from_status, to_status, event.by, reason, at, data
FROM unnest(%(run)s::int[], %(step_kind)s::text[], %(slide_number)s::int[], %(from_status)s::text[],
    %(to_status)s::text[], %(by)s::text[], %(reason)s::text[], %(at)s::timestamptz[], %(data)s::jsonb[])
    WITH ORDINALITY AS event
    (run, step_kind, slide_number, from_status, to_status, by, reason, at, data, place)
RETURNING sequence
"""
EVENT_COLUMNS = ("run", "step_kind", "slide_number", "from_status", "to_status", "by", "reason", "at")


class InvalidState(Exception):
    """The verb does not apply to a job in this state."""

    def __init__(self, *, status: str, wanted: str) -> None:
        super().__init__(f"a job that is {status} cannot become {wanted}")
        self.status, self.wanted = status, wanted


class LostRace(Exception):
    """Somebody else moved the row first; what this caller holds is no longer true."""


class JobNotFound(LostRace):
    """No such job (any more), or not one this caller may see."""


@contextmanager
def locked(job_id, *, skip_locked: bool = False) -> Iterator[GenerationJob]:
    """A transaction in which the job is ours; its history is written at the end of it, in one go."""
    with transaction.atomic():
        job = lock_job(job_id, skip_locked=skip_locked)
        yield job
        if events := _write_history(job):
            news.announce(job_id=job.pk, events=events)


def lock_job(job_id, *, skip_locked: bool = False) -> GenerationJob:
    """The job, locked after its carousel. With `skip_locked`, LostRace when another has either.

    One statement: PostgreSQL locks the rows in the order of `of`, and reads again what it waited for.
    """
    jobs = GenerationJob.objects.select_related("carousel").select_for_update(
        no_key=True, skip_locked=skip_locked, of=("carousel", "self")
    )
    try:
        return jobs.get(pk=job_id)
    except GenerationJob.DoesNotExist:
        gone = LostRace(f"job {job_id} is locked or gone") if skip_locked else JobNotFound(job_id)
        raise gone from None


def add(job: GenerationJob, *, now: datetime, by: str, data: dict[str, Any]) -> None:
    """Write a new job, queued and due, and its first event. Nobody can be watching it yet."""
    job.scheduled_at = job.created_at = job.updated_at = now
    values = {
        "id": job.pk,
        "carousel": job.carousel_id,
        "user": job.user_id,
        "job_type": str(job.job_type),
        "priority": job.priority,
        "payload": Jsonb(job.payload),
        "now": now,
        "by": by,
        "data": Jsonb(data),
    }
    with connection.cursor() as cursor:
        cursor.execute(ADD, values)


def move(
    job: GenerationJob,
    to: JobStatus,
    *,
    now: datetime,
    by: str = SYSTEM,
    reason: str = "",
    data: dict[str, Any] | None = None,
    **columns: Any,
) -> None:
    """Bring the locked job to another state and write the event. `columns` are set along with it."""
    before = JobStatus(job.status)
    if to not in TRANSITIONS[before]:
        raise InvalidState(status=before, wanted=to)
    columns |= {"status": to, "updated_at": now, "completed_at": now if to in TERMINAL else None}
    moved = GenerationJob.objects.filter(pk=job.pk, status=before).update(**columns)
    if moved != 1:
        raise LostRace(f"job {job.pk} is no longer {before}")
    for name, value in columns.items():
        setattr(job, name, value)
    record(job, from_status=before, to_status=to, now=now, by=by, reason=reason, data=data)


def touch(job: GenerationJob, *, now: datetime, **columns: Any) -> None:
    """Set columns of the locked job that are not its status."""
    GenerationJob.objects.filter(pk=job.pk).update(updated_at=now, **columns)
    for name, value in columns.items():
        setattr(job, name, value)


def record(
    job: GenerationJob,
    *,
    from_status: str | None,
    to_status: str,
    now: datetime,
    by: str = SYSTEM,
    reason: str = "",
    data: dict[str, Any] | None = None,
    steps: Sequence[JobStep | None] = (None,),
) -> None:
    """Note down for the job's history, one event per step (None: the job itself)."""
    job.unwritten_events += [
        JobEvent(
            job=job,
            run=job.run,
            step_kind=step.kind if step else None,
            slide_number=step.slide_number if step else None,
            from_status=from_status,
            to_status=to_status,
            by=by,
            reason=reason,
            data=data or {},
            at=now,
        )
        for step in steps
    ]


def _write_history(job: GenerationJob) -> list[JobEvent]:
    """Append what was noted down, and return it. The job's lock is what keeps `sequence` whole."""
    events = job.unwritten_events
    if not events:
        return []
    columns = {name: [getattr(event, name) for event in events] for name in EVENT_COLUMNS}
    with connection.cursor() as cursor:
        cursor.execute(APPEND, columns | {"job": job.pk, "data": [Jsonb(event.data) for event in events]})
        sequences = sorted(sequence for (sequence,) in cursor.fetchall())
    for event, sequence in zip(events, sequences, strict=True):
        event.sequence = sequence
    job.unwritten_events = []
    return events
