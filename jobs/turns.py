"""Whose turn it is: due jobs, the most urgent first, and of each user only as many as may run at once.

A job beyond its user's cap waits as `queued`; it is neither refused nor lost. So nobody's backlog can
keep others of the same priority waiting: what a user has in the workers is a few jobs, however many wait.
"""

import uuid
from collections import Counter
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from jobs.models import GenerationJob
from jobs.states import JobStatus

URGENCY = (F("priority").desc(), F("scheduled_at").asc())


def next_due(*, now: datetime, limit: int) -> list[uuid.UUID]:
    """Ids of queued jobs whose time has come and whose user has room, the most urgent first."""
    cap = settings.RUNNING_JOBS_PER_USER
    running = Counter(_running().values_list("user_id", flat=True))
    full = [user_id for user_id, jobs in running.items() if jobs >= cap]
    place = Window(RowNumber(), partition_by="user_id", order_by=URGENCY)
    ranked = _due(now).exclude(user_id__in=full).annotate(place=place).filter(place__lte=cap)
    rows = ranked.order_by(*URGENCY).values_list("pk", "user_id", "place")
    return list(islice((pk for pk, user_id, place in rows if place + running[user_id] <= cap), limit))


def next_of(*, user_id, now: datetime) -> GenerationJob | None:
    """The user's most urgent job that is due, as far as a message needs it; for who has just made room."""
    return _due(now).filter(user_id=user_id).only("priority").order_by(*URGENCY).first()


def has_room(job: GenerationJob) -> bool:
    """Whether the job's user has fewer jobs running than may run at once. The job's row is locked.

    The user's row is locked first and counted by a later statement: of several jobs that arrive at
    the same moment each sees the ones that went before.
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=job.user_id)
    return _running().filter(user_id=job.user_id).count() < settings.RUNNING_JOBS_PER_USER


def _due(now: datetime) -> QuerySet[GenerationJob]:
    return GenerationJob.objects.filter(status=JobStatus.QUEUED, scheduled_at__lte=now)


def _running() -> QuerySet[GenerationJob]:
    return GenerationJob.objects.filter(status=JobStatus.PROCESSING)
