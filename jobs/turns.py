"""Whose turn it is: due jobs, the most urgent first, and of each user only as many as may run at once.

The cap is the plan's, else the installation's. A job beyond it waits as `queued`; it is neither refused
nor lost. So nobody's backlog can keep others of the same priority waiting: what a user has in the workers
is a few jobs, however many wait.
"""

import uuid
from collections import Counter, defaultdict
from datetime import datetime
from itertools import islice

from django.conf import settings
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from accounts.models import User
from billing.plans import jobs_at_once
from jobs.models import GenerationJob
from jobs.states import ACTIVE, JobStatus

URGENCY = (F("priority").desc(), F("scheduled_at").asc())


def next_due(*, now: datetime, limit: int) -> list[uuid.UUID]:
    """Ids of queued jobs whose time has come and whose user has room, the most urgent first."""
    usual = settings.RUNNING_JOBS_PER_USER
    caps = defaultdict(lambda: usual, _caps_of_plans())
    most = max([usual, *caps.values()])
    running = Counter(_running().values_list("user_id", flat=True))
    full = [user_id for user_id, jobs in running.items() if jobs >= caps[user_id]]
    place = Window(RowNumber(), partition_by="user_id", order_by=URGENCY)
    ranked = _due(now).exclude(user_id__in=full).annotate(place=place).filter(place__lte=most)
    rows = ranked.order_by(*URGENCY).values_list("pk", "user_id", "place")
    fitting = (pk for pk, user_id, place in rows if place + running[user_id] <= caps[user_id])
    return list(islice(fitting, limit))


def next_of(*, user_id, now: datetime) -> GenerationJob | None:
    """The user's most urgent job that is due, as far as a message needs it; for who has just made room."""
    return _due(now).filter(user_id=user_id).only("priority").order_by(*URGENCY).first()


def has_room(job: GenerationJob) -> bool:
    """Whether the job's user has fewer jobs running than may run at once. The job's row is locked.

    The user's row is locked first and counted by a later statement: of several jobs that arrive at
    the same moment each sees the ones that went before.
    """
    users = User.objects.select_for_update(no_key=True, of=("self",)).only("pk")
    user = users.annotate(cap=F("account__plan__running_jobs")).get(pk=job.user_id)
    return _running().filter(user_id=job.user_id).count() < jobs_at_once(user.cap)


def _caps_of_plans() -> dict[uuid.UUID, int]:
    """Of the users with active jobs those whose plan has a cap of its own."""
    capped = GenerationJob.objects.filter(status__in=ACTIVE, user__account__plan__running_jobs__isnull=False)
    return dict(capped.values_list("user_id", "user__account__plan__running_jobs").distinct())


def _due(now: datetime) -> QuerySet[GenerationJob]:
    return GenerationJob.objects.filter(status=JobStatus.QUEUED, scheduled_at__lte=now)


def _running() -> QuerySet[GenerationJob]:
    return GenerationJob.objects.filter(status=JobStatus.PROCESSING)
