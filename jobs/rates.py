"""Renders cost no credit, so they are counted by the hour: a bound on work that nobody pays for."""

from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import User
from jobs.models import GenerationJob, JobEvent
from jobs.states import JobStatus, JobType

HOUR = timedelta(hours=1)


class TooManyRenders(Exception):
    """Renders are free, so they are counted by the hour. `retry_after` in seconds."""

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(f"{settings.RENDERS_PER_HOUR} an hour")
        self.retry_after = retry_after


def check(*, user: User, now: datetime) -> None:
    """At most RENDERS_PER_HOUR runs in any hour, requeued ones too: nobody pays for them either.

    Two at once on two carousels may pass one over it.
    """
    since = now - HOUR
    lately = GenerationJob.objects.filter(user=user, job_type=JobType.RENDER, updated_at__gt=since)
    runs = JobEvent.objects.filter(job__in=lately, step_kind=None, to_status=JobStatus.QUEUED, at__gt=since)
    times = list(runs.order_by("-at").values_list("at", flat=True)[: settings.RENDERS_PER_HOUR])
    if len(times) >= settings.RENDERS_PER_HOUR:
        oldest = times[-1] if times else now
        raise TooManyRenders(retry_after=int((oldest + HOUR - now).total_seconds()) + 1)
