"""The sweep: what a killed worker, a flushed broker or a lost message left lying is driven on.

Runs every 5 s on a queue of its own. Two sweeps at once do nothing twice: each row is taken by a
conditional UPDATE or skipped while another has it.
"""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, transaction
from kombu.exceptions import OperationalError

from jobs import dispatch, pipeline, reservations, turns, waiting
from jobs.models import JobStep
from jobs.states import Queue, StepStatus
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
    if lost := reservations.give_up_lost(now=now):
        logger.warning("of %d calls nobody saw the end", lost)
    return Swept(
        released=_release_dead(now=now), redriven=_redrive(now=now), started=start_due(now=now, limit=MOST)
    )


def start_due(*, now: datetime, limit: int) -> int:
    """Set going up to `limit` queued jobs whose time has come; returns how many."""
    return sum(start(job_id, now=now) for job_id in turns.next_due(now=now, limit=limit))


def start(job_id, *, now: datetime) -> bool:
    """`pipeline.start`, for one of several."""
    try:
        return pipeline.start(job_id=job_id, now=now)
    except Exception:
        # A row that was bent by hand, or a bug, must not keep every one behind it lying.
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
    return sum(_redrive_queue(queue, now=now) for queue in Queue)


def _redrive_queue(queue: Queue, *, now: datetime) -> int:
    """Send again what is surely lost, and as many more as the broker holds too few messages for."""
    overdue = waiting.overdue(queue=queue, now=now)
    if not overdue.exists():
        return 0
    # Rows before messages: what is claimed between the two then looks lost, which is little; what is
    # queued between them would look like a whole fan-out lost.
    claimable = waiting.claimable(queue=queue, now=now).count()
    try:
        messages = dispatch.messages_in(queue)
    except OperationalError as error:
        logger.warning("the broker does not answer, nothing is sent again: %s", error)
        return 0
    with transaction.atomic():
        taken = waiting.redrive(waiting.surely_lost(overdue, now=now), now=now, most=MOST)
        lost = min(claimable - messages, MOST) - len(taken)
        if lost > 0:
            taken += waiting.redrive(overdue, now=now, most=lost)
        for step in taken:
            dispatch.send_step(step, priority=step.job.priority)
    return len(taken)
