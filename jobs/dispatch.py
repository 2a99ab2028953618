"""The one door from rows to the broker: messages leave here, after commit, and may be lost.

Postgres remembers, Celery only delivers: a broker that refuses or stalls costs who sends a step a log
line and at most its time-out, never an error. The sweep sends again what did not arrive.
"""

import logging
from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

from celery import current_app
from django.db import transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from jobs import connections, waiting
from jobs.courier import Courier
from jobs.models import GenerationJob, JobStep
from jobs.outage import outage
from jobs.states import Queue, StepKind

logger = logging.getLogger(__name__)

TASKS = {
    StepKind.STRATEGY: "jobs.write_strategy",
    StepKind.SLIDE: "jobs.paint_slide",
    StepKind.FINALIZE: "jobs.finalize",
}
HIGHEST = 10
STARTS_MOST = 20  # jobs of one message: its worker starts them one after the other


class Start(NamedTuple):
    job_id: str
    priority: int


def send_job(job: GenerationJob) -> None:
    """Tell a worker, after commit, that a job may be started, together with others of the same moment."""
    start = Start(str(job.pk), job.priority)
    _after_commit(lambda: starts.take(start))


def send_step(step: JobStep, *, priority: int, countdown: float | None = None) -> None:
    """Tell a worker, after commit, that a step may be claimed.

    One that was begun before goes a notch ahead: behind a backlog its carousel would wait twice.
    """
    message = {
        "task": TASKS[StepKind(step.kind)],
        "kwargs": {"step_id": step.pk},
        "queue": step.queue,
        "priority": min(priority + (step.attempt > 0), HIGHEST),
        "countdown": countdown,
    }
    _after_commit(lambda: _publish(**message))


def messages_in(queue: str) -> int:
    """Messages the broker holds for a queue, over all priorities. OperationalError without a broker."""
    with current_app.connection_for_read() as connection:
        try:
            # Not `passive`: an empty list does not exist in Redis, and asking for it would be an error
            # exactly when every message was lost.
            return connection.default_channel.queue_declare(queue=queue).message_count
        except connection.recoverable_connection_errors as error:
            raise OperationalError(str(error)) from error


def _send_starts(starts: list[Start]) -> None:
    """The most urgent first; those of one priority together."""
    by_priority = defaultdict(list)
    for start in starts:
        by_priority[start.priority].append(start.job_id)
    for priority in sorted(by_priority, reverse=True):
        ids = by_priority[priority]
        for first in range(0, len(ids), STARTS_MOST):
            some = ids[first : first + STARTS_MOST]
            _publish(task="jobs.start", kwargs={"job_ids": some}, queue=Queue.AI, priority=priority)


starts = Courier(_send_starts)


def _after_commit(send: Callable[[], None]) -> None:
    # robust: a failed publish must not take down the callbacks after it, nor the view.
    transaction.on_commit(send, robust=True)


def _publish(*, task: str, kwargs: dict, queue: str, priority: int, countdown: float | None = None) -> None:
    if outage.is_on():
        _leave_to_sweep(kwargs)
        return
    connections.release_pooled()
    try:
        current_app.send_task(
            task,
            kwargs=kwargs,
            queue=queue,
            priority=HIGHEST - priority,  # Celery's Redis transport delivers 0 first
            countdown=countdown,
            retry=False,
        )
    except OperationalError as error:
        logger.warning("%s %s was not sent, the sweep will: %s", task, kwargs, error)
        outage.begin()
        _leave_to_sweep(kwargs)


def _leave_to_sweep(kwargs: dict) -> None:
    """A job that waits to be started is found by the sweep anyway; a step must be said to be due."""
    if "step_id" in kwargs:
        waiting.make_due(step_id=kwargs["step_id"], now=timezone.now())
