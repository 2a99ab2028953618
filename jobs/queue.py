"""The queue's verbs: submit, get, cancel, requeue, a user's jobs. What is due: `jobs/turns.py`.

Each is one transaction that decides content, job and money together; messages leave after commit.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError
from django.db.models import QuerySet

from accounts.models import User
from billing import ledger
from billing.models import Account
from carousels import authoring, brands
from carousels.brief import Brief
from jobs import dispatch, endings, estimates, prices, progress, rates, transitions
from jobs.models import GenerationJob
from jobs.standing import USUAL_PRIORITY, Standing, standing_of
from jobs.states import JobStatus, JobType
from jobs.transitions import InvalidState, JobNotFound, locked

LONGEST_DELAY = timedelta(days=30)


class JobForbidden(Exception):
    """The job exists, but is somebody else's."""


class CarouselBusy(Exception):
    """Another job of this carousel is queued or processing."""


@dataclass(frozen=True)
class Terms:
    """What a caller says of a run besides what it is to do: the most credits, and the id they know it by."""

    max_credits: int | None = None
    request_id: str = ""


PLAIN = Terms()


@dataclass(frozen=True)
class Submission:
    job: GenerationJob
    remaining_credits: int
    estimated_seconds: int


@ledger.in_one_transaction  # the charge, which may refuse, comes before whatever is written
def submit(
    *,
    user: User,
    payload: dict,
    now: datetime,
    priority: int = USUAL_PRIORITY,
    job_type: JobType = JobType.CAROUSEL,
    terms: Terms = PLAIN,
) -> Submission:
    """Accept, charge and queue a new carousel, or only its words: all of it or nothing.

    Raises PriceAboveMax, BrandNotFound, InsufficientCredits or DailyLimitReached; then no row was written,
    but a first account if the caller keeps its own transaction.
    """
    credits = prices.agreed(job_type, payload, most=terms.max_credits)
    brief = Brief.from_payload(payload)
    standing = standing_of(user_id=user.pk, priority=priority)
    seconds = estimates.seconds_until_done(standing=standing, job_type=job_type, slides=brief.image_count)
    brand = brand_of(user, payload, has_default=standing.has_default_brand)
    job = GenerationJob(user=user, job_type=job_type, payload=payload, priority=priority)
    account = charge(job, credits=credits, now=now)
    job.carousel = authoring.create(
        user=user,
        brief=brief,
        brand=marked(brand, standing=standing),
        estimated_completion_time=now + timedelta(seconds=seconds),
    )
    enter(job, request_id=terms.request_id, now=now)
    return Submission(job=job, remaining_credits=account.credits, estimated_seconds=seconds)


def brand_of(user: User, payload: dict, *, has_default: bool = False) -> dict:
    """What the brand kit named by `brandId` says now, else the user's default one if any; "" is none."""
    if brand_id := payload.get("brandId"):
        return brands.snapshot(brands.get_of(user=user, brand_id=brand_id))
    kit = brands.default_of(user) if has_default and "brandId" not in payload else None
    return brands.snapshot(kit) if kit else {}


def marked(brand: dict, *, standing: Standing) -> dict:
    """This brand as the user's plan lets it be worn: with small print on every slide, or without."""
    plain = {name: said for name, said in brand.items() if name != "watermark"}
    return plain | {"watermark": settings.WATERMARK_TEXT} if standing.has_watermark else plain


def charge(job: GenerationJob, *, credits: int, now: datetime) -> Account:
    """Take the run's price, and a use of the day if it counts. Raises as `ledger.charge` does."""
    return ledger.charge(
        user=job.user,
        credits=credits,
        reference=job.reference,
        now=now,
        counts_for_day=prices.counts_for_day(job.job_type),
    )


def enter(job: GenerationJob, *, request_id: str, now: datetime) -> None:
    """Write a new job on its locked (or new) carousel, and its first event, and tell the workers."""
    with _one_active_job():
        transitions.add(job, now=now, by=f"user:{job.user_id}", data=_queued(request_id))
    dispatch.send_job(job)


def get(*, job_id: str) -> GenerationJob:
    """The job by its id; an id that is none is a job that is not there."""
    try:
        return GenerationJob.objects.select_related("carousel").get(pk=uuid.UUID(str(job_id)))
    except (ValueError, GenerationJob.DoesNotExist):
        raise JobNotFound(job_id) from None


def get_of(*, user: User, job_id: str) -> GenerationJob:
    """The user's own job; somebody else's is not there."""
    job = get(job_id=job_id)
    if job.user_id != user.pk:
        raise JobNotFound(job_id)
    return job


def of_user(user: User, *, limit: int) -> QuerySet[GenerationJob]:
    return GenerationJob.objects.filter(user=user).select_related("carousel").order_by("-created_at")[:limit]


def cancel(*, job_id, by: str, now: datetime, reason: str = "") -> GenerationJob:
    """Stop a job that has not ended. Cancelling a cancelled one changes nothing."""
    with locked(job_id) as job:
        if job.status != JobStatus.CANCELLED:
            endings.cancel(job=job, now=now, by=by, reason=reason)
            job.refresh_from_db(fields=["carousel"])  # what was read before is what it was
    return job


def requeue(
    *,
    job_id,
    by: str,
    now: datetime,
    delay: timedelta = timedelta(0),
    is_free: bool = False,
    reason: str = "",
    terms: Terms = PLAIN,
) -> GenerationJob:
    """Give a failed or cancelled job another run; it charges again because the last run paid back.

    `is_free` is an operator's gift: no charge, so nothing to pay back if it fails again.
    """
    with locked(job_id) as job:
        if job.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
            raise InvalidState(status=job.status, wanted=JobStatus.QUEUED)
        credits = 0 if is_free else prices.agreed(job.job_type, job.payload, most=terms.max_credits)
        if job.job_type == JobType.RENDER and not is_free:
            rates.check(user=job.user, now=now)
        seconds = estimates.seconds_until_done(
            standing=standing_of(user_id=job.user_id, priority=job.priority),
            job_type=JobType(job.job_type),
            slides=job.carousel.image_count,
        )
        reopen(job, now=now, done_at=now + delay + timedelta(seconds=seconds))
        _queue_again(
            job, now=now, by=by, reason=reason, scheduled_at=now + delay, request_id=terms.request_id
        )
        if not is_free:
            charge(job, credits=credits, now=now)
        if not delay:
            dispatch.send_job(job)
        job.refresh_from_db(fields=["carousel"])  # what was read before is what it was
    return job


def reopen(job: GenerationJob, *, now: datetime, done_at: datetime) -> None:
    """The carousel shows that its job waits again; one that is only set anew stays ready meanwhile."""
    if job.is_rework:
        shown = progress.QUEUED
        authoring.keep(
            carousel_id=job.carousel_id,
            percent=shown.percent,
            message=shown.message,
            done_at=done_at,
            now=now,
        )
    else:
        authoring.reopen(carousel_id=job.carousel_id, estimated_completion_time=done_at, now=now)


def _queue_again(
    job: GenerationJob, *, now: datetime, by: str, reason: str, scheduled_at: datetime, request_id: str
) -> None:
    with _one_active_job():
        transitions.move(
            job,
            JobStatus.QUEUED,
            now=now,
            by=by,
            reason=reason,
            data=_queued(request_id),
            run=job.run + 1,
            retry_count=0,
            scheduled_at=scheduled_at,
            started_at=None,
            error_code=None,
            error_message=None,
        )


def _queued(request_id: str) -> dict:
    """What the event that begins a run says; the receipt reads the caller's own id from it."""
    return progress.QUEUED.as_data() | ({"requestId": request_id} if request_id else {})


@contextmanager
def _one_active_job() -> Iterator[None]:
    """CarouselBusy where the database says that another job of the carousel has not ended."""
    try:
        yield
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name == "one_active_job_per_carousel":
            raise CarouselBusy from error
        raise
