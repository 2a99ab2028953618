"""Dull makers of rows, through the same doors the product uses wherever there is one."""

import itertools
from datetime import UTC, datetime
from typing import Any

from django.utils import timezone

from accounts import keys
from accounts.models import User
from billing import ledger, terms
from billing.models import Account
from jobs import pipeline, queue
from jobs.models import GenerationJob, JobStep
from jobs.states import StepStatus

NO_ID = "00000000-0000-4000-8000-00000000dead"  # what could be a row's, and is none's
NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PAYLOAD = {
    "prompt": "5 pricing mistakes freelancers make",
    "imageCount": 3,
    "aspectRatio": "4:5",
    "styles": ["photo"],
}

_numbers = itertools.count(1)


def user(*, credits: int = 10, daily_limit: int | None = 5, **fields: Any) -> User:
    """A user whose account is open and holds `credits`."""
    made = User.objects.create_user(f"user{next(_numbers)}@example.com", "correct horse", **fields)
    now = timezone.now()
    account = ledger.open_account(user=made, now=now)
    if credits != account.credits:
        ledger.adjust(
            user=made,
            credits=credits - account.credits,
            reference="factory",
            now=now,
            actor="test",
            note="what the test needs",
        )
    terms.set_daily_limit(user=made, daily_limit=daily_limit, now=now)
    return made


def api_key(user: User, *, script: str = "") -> str:
    return keys.create(user=user, script=script)[1]


def credits_of(user: User) -> int:
    return Account.objects.get(pk=user.pk).credits


def payload(**changes: Any) -> dict[str, Any]:
    return PAYLOAD | changes


def job(user: User, **changes: Any) -> GenerationJob:
    """A submitted job: charged and queued."""
    return queue.submit(user=user, payload=payload(**changes), now=timezone.now()).job


def started(job: GenerationJob) -> GenerationJob:
    pipeline.start(job_id=job.pk, now=timezone.now())
    job.refresh_from_db()
    return job


def started_job(user: User, **changes: Any) -> GenerationJob:
    return started(job(user, **changes))


def queued_step(job: GenerationJob, kind: str | None = None) -> JobStep:
    steps = JobStep.objects.filter(job=job, run=job.run, status=StepStatus.QUEUED)
    return (steps.filter(kind=kind) if kind else steps).order_by("pk").first()


def work_off(job: GenerationJob) -> GenerationJob:
    """Run the job's steps here, one after the other, until none is queued."""
    pipeline.start(job_id=job.pk, now=timezone.now())
    while step := queued_step(GenerationJob.objects.get(pk=job.pk)):
        claimed = pipeline.claim(step_id=step.pk)
        assert claimed is not None, f"{step} could not be claimed"
        pipeline.work_off(claimed)
    return GenerationJob.objects.select_related("carousel", "user").get(pk=job.pk)


def attempted_job(user: User, **changes: Any) -> GenerationJob:
    """A job whose first step has been tried once, whatever came of it."""
    made = started_job(user, **changes)
    step = pipeline.claim(step_id=queued_step(made).pk)
    assert step is not None
    pipeline.work_off(step)
    return made
