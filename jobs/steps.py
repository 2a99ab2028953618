"""The writer of JobStep rows: planned, queued, claimed, settled, put back (`waiting.py`: sent again).

A claim is one conditional UPDATE; everything after it is fenced on the owner it wrote, so a worker
that was thought dead cannot overwrite whoever took its place. Callers of everything but `claim` and
`renew` hold the job's lock.
"""

import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, QuerySet

from jobs import transitions
from jobs.models import GenerationJob, JobStep
from jobs.states import UNSETTLED, Queue, StepKind, StepStatus

LEASE = timedelta(seconds=settings.LEASE_SECONDS)
REDRIVE_FIRST, REDRIVE_MOST = 2 * LEASE, 30 * LEASE


# In SQL what every step asks: the ORM takes three to five times the processor for it (bench/pipeline).
CLAIM = """
UPDATE job_steps
SET status = 'running', owner = %(owner)s, lease_until = %(until)s,
    started_at = %(now)s, attempt = attempt + 1, waits_for = NULL
WHERE id = %(step)s AND status = 'queued' AND (not_before IS NULL OR not_before <= %(now)s)
RETURNING job_id, run, kind, slide_number, queue, attempt, error_code
"""
SETTLE = """
UPDATE job_steps
SET status = %s, owner = NULL, lease_until = NULL, finished_at = %s, error_code = %s
WHERE id = %s AND status = 'running' AND owner = %s
"""
UNSETTLED_KINDS = "SELECT kind FROM job_steps WHERE job_id = %s AND run = %s AND status = ANY(%s)"


class LostClaim(transitions.LostRace):
    """The step is done, taken, not due, or its job no longer wants it."""


def plan(
    *,
    job: GenerationJob,
    work: Sequence[tuple[StepKind, int | None]],
    queues: Mapping[StepKind, Queue],
    now: datetime,
    data: dict[str, Any],
) -> list[JobStep]:
    """Rows for what this run has to do, kind by kind (and number); those of the first kind may be claimed."""
    waiting = [
        JobStep(job=job, run=job.run, kind=kind, slide_number=number, queue=queues[kind])
        for kind, number in work
    ]
    first = [step for step in waiting if step.kind == waiting[0].kind]
    for step in first:
        step.status, step.redrive_at = StepStatus.QUEUED, now + REDRIVE_FIRST
    JobStep.objects.bulk_create(waiting)
    _record_queued(first, job=job, now=now, data=data)
    return first


def of_run(job: GenerationJob) -> QuerySet[JobStep]:
    return job.steps.filter(run=job.run)  # each knows its job without asking


def unsettled(job: GenerationJob) -> Counter[str]:
    """How many steps of this run are still to be settled, by kind."""
    with connection.cursor() as cursor:
        cursor.execute(UNSETTLED_KINDS, [job.pk, job.run, list(UNSETTLED)])
        return Counter(kind for (kind,) in cursor.fetchall())


def queue(*, job: GenerationJob, kind: StepKind, now: datetime, data: dict[str, Any]) -> list[JobStep]:
    """Make this run's waiting steps of one kind claimable."""
    waiting = of_run(job).filter(kind=kind, status=StepStatus.WAITING)
    rows = waiting.order_by("slide_number").values_list("pk", "slide_number", "queue")
    steps = [JobStep(pk=pk, job=job, kind=kind, slide_number=number, queue=to) for pk, number, to in rows]
    if steps:
        waiting.update(status=StepStatus.QUEUED, redrive_at=now + REDRIVE_FIRST)
        _record_queued(steps, job=job, now=now, data=data)
    return steps


def claim(*, step_id: int, now: datetime) -> JobStep:
    """Take a queued step whose time has come; LostClaim when it is not to be had.

    The job's state need not be asked: whatever ends a job closes its steps in the same transaction.
    """
    owner = uuid.uuid4()
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, {"owner": owner, "until": now + LEASE, "now": now, "step": step_id})
        row = cursor.fetchone()
    if row is None:
        raise LostClaim(step_id)
    job_id, run, kind, slide_number, queue, attempt, error_code = row
    return JobStep(
        pk=step_id,
        job=GenerationJob.objects.select_related("carousel").get(pk=job_id),
        run=run,
        kind=kind,
        slide_number=slide_number,
        queue=queue,
        status=StepStatus.RUNNING,
        owner=owner,
        lease_until=now + LEASE,
        attempt=attempt,
        error_code=error_code,
        started_at=now,
    )


def renew(*, owners: Collection[uuid.UUID], now: datetime) -> int:
    """Renew the leases of these owners' steps; returns how many.

    A step that is locked is being settled or cancelled just now: waiting for it could be a deadlock.
    """
    held = JobStep.objects.filter(owner__in=owners, status=StepStatus.RUNNING)
    with transaction.atomic():
        unlocked = list(held.select_for_update(skip_locked=True).values_list("pk", flat=True))
        return JobStep.objects.filter(pk__in=unlocked).update(lease_until=now + LEASE)


def hold_on(*, step: JobStep, now: datetime) -> bool:
    """Renew one step's lease; False when it has another owner by now. Its caller holds no lock."""
    return _held(step).update(lease_until=now + LEASE) == 1


def is_held(step: JobStep) -> bool:
    """Whether the step's owner, as claimed, still has it."""
    return _held(step).exists()


def is_abandoned(step: JobStep, *, now: datetime) -> bool:
    """Whether its owner let the lease end; it may have been renewed since `step` was read."""
    return _held(step).filter(lease_until__lt=now).exists()


def keep(*, step: JobStep, result: dict[str, Any]) -> None:
    """Leave with a step what it made, until its run is done."""
    JobStep.objects.filter(pk=step.pk).update(result=result)


def painted_again(job: GenerationJob) -> dict[str, Any] | None:
    """The picture that this job made for a finished carousel, in this run or an earlier one."""
    made = JobStep.objects.filter(job=job, kind=StepKind.SLIDE, status=StepStatus.DONE)
    return made.order_by("-run").values_list("result", flat=True).first()


def settle(*, step: JobStep, job: GenerationJob, status: StepStatus, now: datetime, **event) -> None:
    """End a claimed step; LostRace when this owner no longer holds it."""
    with connection.cursor() as cursor:
        reason = event.get("reason") or None
        cursor.execute(SETTLE, [status.value, now, reason, step.pk, step.owner])
        if cursor.rowcount != 1:
            raise _taken(step)
    transitions.record(job, steps=[step], from_status=StepStatus.RUNNING, to_status=status, now=now, **event)


def put_back(
    *, step: JobStep, job: GenerationJob, reason: str, now: datetime, wait: timedelta, has_message: bool
) -> None:
    """A claimed step goes back, to be tried again after `wait`.

    `has_message`: a message comes along for it; without one the sweep alone brings it back.
    """
    due = now + wait
    _leave_running(
        step,
        status=StepStatus.QUEUED,
        # No pause, no date: the clock of the machine that claims it may be a little behind.
        not_before=due if wait else None,
        redrive_at=due + REDRIVE_FIRST if has_message else due,
        redrives=0,
        error_code=reason,
    )
    transitions.record(
        job,
        steps=[step],
        from_status=StepStatus.RUNNING,
        to_status=StepStatus.QUEUED,
        now=now,
        reason=reason,
        data={"attempt": step.attempt, "retryInSeconds": round(wait.total_seconds(), 1)},
    )


def give_back(
    *,
    step: JobStep,
    now: datetime,
    wait: timedelta,
    queue: str,
    waits_for: str | None,
    has_message: bool,
) -> None:
    """A claimed step goes back as if it had not been claimed, which is no event and no attempt either.

    Its caller need not hold the job's lock. LostRace when it is no longer this owner's.
    """
    due = now + wait
    _leave_running(
        step,
        status=StepStatus.QUEUED,
        queue=queue,
        waits_for=waits_for,
        not_before=due if wait else None,
        redrive_at=due + REDRIVE_FIRST if has_message else due,
        redrives=0,
        attempt=F("attempt") - 1,
    )
    step.queue, step.attempt = queue, step.attempt - 1


def cancel_unsettled(*, job: GenerationJob, now: datetime) -> int:
    """The job ended: nobody may claim or finish what is left of this run."""
    left = list(of_run(job).filter(status__in=UNSETTLED).select_for_update().order_by("pk"))
    for before, steps in groupby(left, attrgetter("status")):
        transitions.record(
            job, steps=list(steps), from_status=before, to_status=StepStatus.CANCELLED, now=now
        )
    closed = JobStep.objects.filter(pk__in=[step.pk for step in left])
    return closed.update(status=StepStatus.CANCELLED, owner=None, lease_until=None, finished_at=now)


def _record_queued(
    steps: Sequence[JobStep], *, job: GenerationJob, now: datetime, data: dict[str, Any]
) -> None:
    before, after = StepStatus.WAITING, StepStatus.QUEUED
    transitions.record(job, steps=steps, from_status=before, to_status=after, now=now, data=data)


def _held(step: JobStep) -> QuerySet[JobStep]:
    return JobStep.objects.filter(pk=step.pk, status=StepStatus.RUNNING, owner=step.owner)


def _leave_running(step: JobStep, **columns) -> None:
    if _held(step).update(owner=None, lease_until=None, **columns) != 1:
        raise _taken(step)


def _taken(step: JobStep) -> transitions.LostRace:
    return transitions.LostRace(f"{step} has another owner by now")
