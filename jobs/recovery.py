"""The sweep: what a killed worker, a flushed broker or a lost message left lying is driven on.

Runs every 5 s on a queue of its own. Two sweeps at once do nothing twice: each row is taken by a
conditional UPDATE or skipped while another has it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, transaction
from kombu.exceptions import OperationalError

from jobs import dispatch, pipeline, queue, steps
from jobs.models import JobStep
from jobs.states import StepKind, StepStatus
from jobs.transitions import LostRace

logger = logging.getLogger(__name__)

MOST = 500  # rows one sweep takes on


@dataclass(frozen=True)
class Swept:
    released: int  # steps taken from dead workers
    redriven: int  # messages sent again
    started: int  # due jobs set going


def sweep(*, now: datetime) -> Swept:
    """Dead workers' rows first, in a query of their own: a backlog of lost messages must not hide them."""
    return Swept(
        released=_release_dead(now=now), redriven=_redrive(now=now), started=start_due(now=now, limit=MOST)
    )


def start_due(*, now: datetime, limit: int) -> int:
    """Set going up to `limit` queued jobs whose time has come; returns how many."""
    return sum(_start(job_id, now=now) for job_id in queue.next_due(now=now, limit=limit))


def _start(job_id, *, now: datetime) -> bool:
    try:
        return pipeline.start(job_id=job_id, now=now)
    except DatabaseError:
        # A row that was bent by hand must not keep every one behind it lying.
        logger.exception("job %s cannot be started", job_id)
        return False


def _release_dead(*, now: datetime) -> int:
    dead = JobStep.objects.filter(status=StepStatus.RUNNING, lease_until__lt=now).order_by("lease_until")
    return sum(_release(step, now=now) for step in dead[:MOST])


def _release(step: JobStep, *, now: datetime) -> bool:
    try:
        pipeline.release(step=step, now=now)
    except LostRace as lost:
        logger.info("step %s is not released: %s", step.pk, lost)
        return False
    except DatabaseError:
        logger.exception("step %s cannot be released", step.pk)
        return False
    logger.warning("%s was taken from a lost worker", step)
    return True


def _redrive(*, now: datetime) -> int:
    kinds_by_queue: dict[str, list[str]] = {}
    for kind in StepKind:
        kinds_by_queue.setdefault(dispatch.queue_of(kind), []).append(kind)
    return sum(_redrive_queue(name=name, kinds=kinds, now=now) for name, kinds in kinds_by_queue.items())


def _redrive_queue(*, name: str, kinds: list[str], now: datetime) -> int:
    """While the broker holds a message for every row, only those go out that never had one."""
    overdue = steps.overdue(kinds=kinds, now=now)
    if not overdue.exists():
        return 0
    try:
        messages = dispatch.messages_in(name)
    except OperationalError as error:
        logger.warning("the broker does not answer, nothing is sent again: %s", error)
        return 0
    if messages >= JobStep.objects.filter(kind__in=kinds, status=StepStatus.QUEUED).count():
        overdue = steps.unsent(overdue)
    with transaction.atomic():
        taken = steps.redrive(overdue, now=now, most=MOST)
        for step in taken:
            dispatch.send_step(step, priority=step.job.priority)
    return len(taken)
