"""Queued steps, as who brings them to the workers sees them: overdue, sent again, or let in.

Beside `jobs/steps.py` the only writer of JobStep rows, and only of when a queued step is due.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Greatest

from jobs.models import JobStep
from jobs.states import Queue, StepStatus
from jobs.steps import REDRIVE_FIRST, REDRIVE_MOST


def claimable(*, queue: Queue, now: datetime) -> QuerySet[JobStep]:
    """Queued steps whose pause, if they have one, is over: the broker should hold a message for each."""
    return JobStep.objects.filter(
        Q(not_before=None) | Q(not_before__lte=now), queue=queue, status=StepStatus.QUEUED
    )


def overdue(*, queue: Queue, now: datetime) -> QuerySet[JobStep]:
    """Queued steps whose message may be lost, the longest overdue first: a lost one stood at the front."""
    waiting_too_long = JobStep.objects.filter(queue=queue, status=StepStatus.QUEUED, redrive_at__lte=now)
    return waiting_too_long.order_by("redrive_at", "pk")


def surely_lost(overdue: QuerySet[JobStep], *, now: datetime) -> QuerySet[JobStep]:
    """Those that never had a message (put back for the sweep alone, or refused by the broker), and those
    that have waited for so long that no backlog is a reason to wait on.
    """
    return overdue.filter(Q(redrive_at=F("not_before")) | Q(redrive_at__lte=now - REDRIVE_MOST))


def redrive(lost: QuerySet[JobStep], *, now: datetime, most: int) -> list[JobStep]:
    """Take steps whose message is to be sent again; the next time comes later and later."""
    steps = list(lost.select_for_update(skip_locked=True, of=("self",)).select_related("job")[:most])
    for step in steps:
        step.redrives += 1
        step.not_before = None  # its time has come by our clock; the claiming machine's may be behind
        step.redrive_at = now + min(REDRIVE_FIRST * 2**step.redrives, REDRIVE_MOST)
    JobStep.objects.bulk_update(steps, ["redrives", "redrive_at", "not_before"])
    return steps


def make_due(*, step_id: int, now: datetime) -> None:
    """Its message could not be sent: the next sweep sends it, not the one a minute from now.

    Never before its pause is over: a message that comes too early is a message lost.
    """
    due = Greatest(F("not_before"), Value(now))  # PostgreSQL's GREATEST passes over NULL
    unsent = JobStep.objects.filter(pk=step_id, status=StepStatus.QUEUED, redrive_at__gt=now)
    unsent.update(not_before=due, redrive_at=due)


def let_in(provider: str, *, now: datetime) -> JobStep | None:
    """The most urgent step that waits for room at this provider; it may be claimed now."""
    outside = JobStep.objects.filter(status=StepStatus.QUEUED, waits_for=provider)
    first = outside.select_related("job").order_by("-job__priority", "pk")
    with transaction.atomic():
        step = first.select_for_update(skip_locked=True, of=("self",)).first()
        if step is not None:
            free = {"waits_for": None, "not_before": None, "redrive_at": now + REDRIVE_FIRST}
            JobStep.objects.filter(pk=step.pk).update(**free)
    return step
