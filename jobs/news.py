"""What happened to a job, told at once to whoever watches it: one message a transaction, after commit.

A message may be lost, late or out of order, and costs its sender a log line at most: the events are
rows, and a stream reads from them what it was not told.
"""

import json
import logging
import uuid
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from redis.exceptions import RedisError

from jobs import connections, marks
from jobs.models import JobEvent
from jobs.outage import outage
from jobs.states import SYSTEM, TERMINAL
from rest.envelope import moment

CHANNEL = "live:"

logger = logging.getLogger(__name__)


def as_json(event: JobEvent) -> dict[str, Any]:
    """An event as it is told, except that `data` names files by their keys."""
    return {
        "sequence": event.sequence,
        "run": event.run,
        "step": event.step_kind,
        "slideNumber": event.slide_number,
        "from": event.from_status,
        "to": event.to_status,
        # What an operator writes as a reason is for colleagues.
        "reason": event.reason if event.by == SYSTEM else "",
        "data": event.data,
        "at": moment(event.at),
    }


def is_end(told: dict[str, Any]) -> bool:
    """Whether nothing follows this event, unless the job is requeued."""
    return told["step"] is None and told["to"] in TERMINAL


def announce(*, job_id: uuid.UUID, events: Iterable[JobEvent]) -> None:
    """Tell these events after commit."""

    def publish() -> None:  # no partial: it has no name, which Django's log of a failed callback needs
        _publish(job_id, events)

    transaction.on_commit(publish, robust=True)


def _publish(job_id: uuid.UUID, events: Iterable[JobEvent]) -> None:
    if outage.is_on():
        return
    connections.release_pooled()
    text = json.dumps(list(map(as_json, events)), ensure_ascii=False, separators=(",", ":"))
    try:
        marks.broker().publish(f"{CHANNEL}{job_id}", text)
    except RedisError as error:
        logger.warning("events of job %s were not announced: %s", job_id, error)
        outage.begin()
