"""The verbs on a finished carousel: set it anew, make one of its pictures again. It stays ready meanwhile.

Like the queue's other verbs (`jobs/queue.py`), each is one transaction; the carousel is locked first.
"""

from copy import copy
from datetime import datetime, timedelta

from django.db import transaction

from accounts.models import User
from carousels import authoring, composing
from carousels.authoring import CarouselNotReady
from carousels.models import Carousel
from carousels.revision import InvalidRevision, Redraw, Revision
from jobs import estimates, prices, queue, rates
from jobs.models import GenerationJob
from jobs.queue import PLAIN, Submission, Terms
from jobs.standing import Standing, standing_of
from jobs.states import JobType


@transaction.atomic
def render(*, user: User, carousel_id, payload: dict, now: datetime, terms: Terms = PLAIN) -> Submission:
    """Set a finished carousel anew from the pictures it has; `payload` as `Revision.from_payload` reads it.

    Raises CarouselNotFound, CarouselNotReady, CarouselBusy, TooManyRenders, BrandNotFound,
    InvalidRevision or InvalidDocument; then no row was written.
    """
    carousel = authoring.lock(carousel_id=carousel_id, user=user)
    if not carousel.is_finished:
        raise CarouselNotReady
    rates.check(user=user, now=now)
    named = queue.brand_of(user, payload) if "brandId" in payload else carousel.brand
    standing = standing_of(user_id=user.pk)
    brand = queue.marked(named, standing=standing)
    if brand != carousel.brand:
        payload = {**payload, "brand": brand}
    _try_out(Revision.from_payload(payload), carousel)
    return _rework(
        carousel, job_type=JobType.RENDER, payload=payload, standing=standing, terms=terms, now=now
    )


@transaction.atomic
def redraw(*, user: User, carousel_id, payload: dict, now: datetime, terms: Terms = PLAIN) -> Submission:
    """Make one picture of a finished carousel again; `payload` as `Redraw.from_payload` reads it.

    Raises CarouselNotFound, CarouselNotReady, CarouselBusy, InvalidRevision, PriceAboveMax,
    InsufficientCredits or DailyLimitReached; then no row was written.
    """
    carousel = authoring.lock(carousel_id=carousel_id, user=user)
    if not carousel.is_finished:
        raise CarouselNotReady
    number = Redraw.from_payload(payload).slide_number
    if not carousel.slides.filter(number=number).exists():
        raise InvalidRevision(f"there is no slide {number}")
    payload = {"styles": _styles_of(carousel)} | payload
    standing = standing_of(user_id=user.pk)
    return _rework(carousel, job_type=JobType.IMAGE, payload=payload, standing=standing, terms=terms, now=now)


def _rework(
    carousel: Carousel,
    *,
    job_type: JobType,
    payload: dict,
    standing: Standing,
    terms: Terms,
    now: datetime,
) -> Submission:
    """Queue a job on this finished, locked carousel, which stays ready meanwhile."""
    credits = prices.agreed(job_type, payload, most=terms.max_credits)
    seconds = estimates.seconds_until_done(standing=standing, job_type=job_type, slides=carousel.image_count)
    job = GenerationJob(carousel=carousel, user=carousel.user, job_type=job_type, payload=payload)
    queue.enter(job, request_id=terms.request_id, now=now)
    account = queue.charge(job, credits=credits, now=now)
    queue.reopen(job, now=now, done_at=now + timedelta(seconds=seconds))
    return Submission(job=job, remaining_credits=account.credits, estimated_seconds=seconds)


def _styles_of(carousel: Carousel) -> list[str]:
    """The styles that the carousel was asked for in."""
    made = carousel.jobs.filter(job_type=JobType.CAROUSEL).order_by("created_at").first()
    return list(made.payload.get("styles", ())) if made else []


def _try_out(revision: Revision, carousel: Carousel) -> None:
    """Refuse at once what could never be drawn: an unknown palette, a seventh item, a ninth slide."""
    changed = copy(carousel)
    slides = list(carousel.slides.order_by("number"))
    revision.apply(carousel=changed, slides=slides)
    # Logo and avatar were checked when they came; reading them here would hold the lock for it.
    changed.brand = {name: said for name, said in changed.brand.items() if not name.endswith("Key")}
    composing.document_of(carousel=changed, slides=slides)
