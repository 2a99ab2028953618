"""The jobs that are watched, and what happens to them. Imported when Django is set up."""

import time
import uuid
from collections.abc import Iterator

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing import ledger, terms
from jobs import queue, tickets, transitions
from jobs.models import GenerationJob

BRIEF = {"prompt": "What a thousand people watch", "imageCount": 5, "aspectRatio": "4:5", "styles": ["photo"]}


def make_jobs(count: int) -> list[GenerationJob]:
    """Queued jobs that nobody works on."""
    now = timezone.now()
    user = User.objects.create_user(f"{uuid.uuid4()}@example.com")
    ledger.open_account(user=user, now=now)
    ledger.grant(user=user, credits=count, reference="bench", now=now, actor="bench")
    terms.set_daily_limit(user=user, daily_limit=None, now=now)
    return [queue.submit(user=user, payload=BRIEF, now=now).job for _ in range(count)]


def paths_of(jobs: list[GenerationJob], *, streams: int) -> list[str]:
    """Addresses for so many streams, shared out among the jobs."""
    paths = [f"{reverse('job-events', args=[job.pk])}?ticket={tickets.issue(job.pk)}" for job in jobs]
    return [paths[number % len(paths)] for number in range(streams)]


def happen(
    jobs: list[GenerationJob], *, events: int, pause: float
) -> Iterator[tuple[tuple[str, int], float]]:
    """`events` to each job in turn, `pause` seconds apart, then its end. Yields event and time of commit."""
    due = time.monotonic()
    for sequence in range(2, events + 3):
        for job in jobs:
            due += pause
            time.sleep(max(0.0, due - time.monotonic()))
            yield (str(job.pk), sequence), _happen(job, is_last=sequence == events + 2)


def _happen(job: GenerationJob, *, is_last: bool) -> float:
    committed: list[float] = []
    with transaction.atomic():
        transaction.on_commit(lambda: committed.append(time.time()))  # before it is announced
        if is_last:
            queue.cancel(job_id=job.pk, by="bench", now=timezone.now())
        else:
            with transitions.locked(job.pk) as locked:
                transitions.record(locked, from_status="queued", to_status="noted", now=timezone.now())
    return committed[0]


def connections_of_others() -> int:
    """Sessions of this database that are not this program's."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        return cursor.fetchone()[0]
