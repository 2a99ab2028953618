"""The queue's verbs: submit, render, get, cancel, requeue, a user's jobs. What is due: `jobs/turns.py`.

Each is one transaction that decides content, job and money together; messages leave after commit.
"""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.models import User
from billing import ledger
from carousels import authoring, brands, composing
from carousels.authoring import CarouselNotReady
from carousels.brief import Brief
from carousels.models import Carousel
from carousels.revision import InvalidRevision, Redraw, Revision
from jobs import dispatch, endings, prices, progress, transitions
from jobs.models import GenerationJob, JobEvent
from jobs.states import JobStatus, JobType
from jobs.transitions import InvalidState, JobNotFound, locked

ESTIMATED_SECONDS = 60  # without history
DEFAULT_PRIORITY = 1
HOUR = timedelta(hours=1)
LONGEST_DELAY = timedelta(days=30)


class JobForbidden(Exception):
    """The job exists, but is somebody else's."""


class CarouselBusy(Exception):
    """Another job of this carousel is queued or processing."""


class TooManyRenders(Exception):
    """Renders are free, so they are counted by the hour. `retry_after` in seconds."""

    def __init__(self, *, retry_after: int) -> None:
        super().__init__(f"{settings.RENDERS_PER_HOUR} an hour")
        self.retry_after = retry_after


@dataclass(frozen=True)
class Submission:
    job: GenerationJob
    remaining_credits: int
    estimated_seconds: int


@transaction.atomic
def submit(
    *,
    user: User,
    payload: dict,
    now: datetime,
    priority: int = DEFAULT_PRIORITY,
    job_type: JobType = JobType.CAROUSEL,
) -> Submission:
    """Accept, charge and queue a new carousel, or only its words: all of it or nothing.

    Raises BrandNotFound, InsufficientCredits or DailyLimitReached; then no row was written.
    """
    carousel = authoring.create(
        user=user,
        brief=Brief.from_payload(payload),
        brand=_brand(user, payload, default=True),
        estimated_completion_time=_estimate(now),
    )
    return _enter(carousel, job_type=job_type, payload=payload, priority=priority, now=now)


@transaction.atomic
def render(*, user: User, carousel_id, payload: dict, now: datetime) -> Submission:
    """Set a finished carousel anew from the pictures it has; `payload` as `Revision.from_payload` reads it.

    Raises CarouselNotFound, CarouselNotReady, CarouselBusy, TooManyRenders, BrandNotFound,
    InvalidRevision or InvalidDocument; then no row was written.
    """
    carousel = authoring.lock(carousel_id=carousel_id, user=user)
    if not carousel.is_finished:
        raise CarouselNotReady
    _check_rate(user, now=now)
    if "brandId" in payload:
        payload = {**payload, "brand": _brand(user, payload, default=False)}
    _try_out(Revision.from_payload(payload), carousel)
    submission = _enter(
        carousel, job_type=JobType.RENDER, payload=payload, priority=DEFAULT_PRIORITY, now=now
    )
    _reopen(submission.job, now=now, start=now)
    return submission


@transaction.atomic
def redraw(*, user: User, carousel_id, payload: dict, now: datetime) -> Submission:
    """Make one picture of a finished carousel again; `payload` as `Redraw.from_payload` reads it.

    Raises CarouselNotFound, CarouselNotReady, CarouselBusy, InvalidRevision, InsufficientCredits or
    DailyLimitReached; then no row was written.
    """
    carousel = authoring.lock(carousel_id=carousel_id, user=user)
    if not carousel.is_finished:
        raise CarouselNotReady
    number = Redraw.from_payload(payload).slide_number
    if not carousel.slides.filter(number=number).exists():
        raise InvalidRevision(f"there is no slide {number}")
    payload = {"styles": _styles_of(carousel)} | payload
    submission = _enter(carousel, job_type=JobType.IMAGE, payload=payload, priority=DEFAULT_PRIORITY, now=now)
    _reopen(submission.job, now=now, start=now)
    return submission


def _styles_of(carousel: Carousel) -> list[str]:
    """The styles that the carousel was asked for in."""
    made = carousel.jobs.filter(job_type=JobType.CAROUSEL).order_by("created_at").first()
    return list(made.payload.get("styles", ())) if made else []


def _brand(user: User, payload: dict, *, default: bool) -> dict:
    """What the brand kit named by `brandId` says now, else (if wanted) the user's default one; "" is none."""
    if brand_id := payload.get("brandId"):
        return brands.snapshot(brands.get_of(user=user, brand_id=brand_id))
    kit = brands.default_of(user) if default and "brandId" not in payload else None
    return brands.snapshot(kit) if kit else {}


def _check_rate(user: User, *, now: datetime) -> None:
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


def _try_out(revision: Revision, carousel: Carousel) -> None:
    """Refuse at once what could never be drawn: an unknown palette, a seventh item, a ninth slide."""
    changed = copy(carousel)
    slides = list(carousel.slides.order_by("number"))
    revision.apply(carousel=changed, slides=slides)
    # Logo and avatar were checked when they came; reading them here would hold the lock for it.
    changed.brand = {name: said for name, said in changed.brand.items() if not name.endswith("Key")}
    composing.document_of(carousel=changed, slides=slides)


def _enter(
    carousel: Carousel, *, job_type: JobType, payload: dict, priority: int, now: datetime
) -> Submission:
    """A new job on this locked (or new) carousel: its row, its first event, its charge, its message."""
    with _one_active_job():
        job = GenerationJob.objects.create(
            carousel=carousel,
            user=carousel.user,
            job_type=job_type,
            payload=payload,
            priority=priority,
            scheduled_at=now,
            created_at=now,
            updated_at=now,
        )
    transitions.record(
        job,
        from_status=None,
        to_status=JobStatus.QUEUED,
        now=now,
        by=f"user:{carousel.user_id}",
        data=progress.QUEUED.as_data(),
    )
    transitions.write_history(job)
    account = _charge(job, now=now)
    dispatch.send_job(job)
    return Submission(job=job, remaining_credits=account.credits, estimated_seconds=ESTIMATED_SECONDS)


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
) -> GenerationJob:
    """Give a failed or cancelled job another run; it charges again because the last run paid back.

    `is_free` is an operator's gift: no charge, so nothing to pay back if it fails again.
    """
    with locked(job_id) as job:
        if job.status not in (JobStatus.FAILED, JobStatus.CANCELLED):
            raise InvalidState(status=job.status, wanted=JobStatus.QUEUED)
        if job.job_type == JobType.RENDER and not is_free:
            _check_rate(job.user, now=now)
        _reopen(job, now=now, start=now + delay)
        _queue_again(job, now=now, by=by, reason=reason, scheduled_at=now + delay)
        if not is_free:
            _charge(job, now=now)
        if not delay:
            dispatch.send_job(job)
        job.refresh_from_db(fields=["carousel"])  # what was read before is what it was
    return job


def _reopen(job: GenerationJob, *, now: datetime, start: datetime) -> None:
    """The carousel shows that its job waits again; one that is only set anew stays ready meanwhile."""
    if job.is_rework:
        shown = progress.QUEUED
        authoring.keep(carousel_id=job.carousel_id, percent=shown.percent, message=shown.message, now=now)
    else:
        estimate = _estimate(start)
        authoring.reopen(carousel_id=job.carousel_id, estimated_completion_time=estimate, now=now)


def _queue_again(job: GenerationJob, *, now: datetime, by: str, reason: str, scheduled_at: datetime) -> None:
    with _one_active_job():
        transitions.move(
            job,
            JobStatus.QUEUED,
            now=now,
            by=by,
            reason=reason,
            data=progress.QUEUED.as_data(),
            run=job.run + 1,
            retry_count=0,
            scheduled_at=scheduled_at,
            started_at=None,
            error_code=None,
            error_message=None,
        )


@contextmanager
def _one_active_job() -> Iterator[None]:
    """CarouselBusy where the database says that another job of the carousel has not ended."""
    try:
        yield
    except IntegrityError as error:
        if error.__cause__.diag.constraint_name == "one_active_job_per_carousel":
            raise CarouselBusy from error
        raise


def _charge(job: GenerationJob, *, now: datetime):
    return ledger.charge(
        user=job.user,
        credits=prices.credits_for(job.job_type),
        reference=job.reference,
        now=now,
        counts_for_day=prices.counts_for_day(job.job_type),
    )


def _estimate(start: datetime) -> datetime:
    return start + timedelta(seconds=ESTIMATED_SECONDS)
