"""How a job ends: completed, failed or cancelled, with its steps, carousel and money in one move.

Called inside the transaction that decided, with carousel and job locked; the account comes last.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from billing import ledger
from carousels import authoring
from carousels.authoring import FinishedSlide
from carousels.composing import Composition
from jobs import dispatch, progress, results, steps, transitions, turns
from jobs.failures import Unfinished
from jobs.models import GenerationJob
from jobs.states import JobStatus


def complete(*, job: GenerationJob, composition: Composition, now: datetime) -> None:
    """The carousel is there, with all its files."""
    result = results.build(job=job, composition=composition, now=now)
    # A rework says on its job what it took: who made the carousel, and for how much, stays what it was.
    made = {} if job.is_rework else result["metadata"]
    _complete(
        job=job,
        result=result,
        metadata=made | {"preflight": composition.verdict, "revision": job.reference},
        slides=composition.slides,
        pdf_key=composition.pdf_key,
        now=now,
    )


def complete_words(*, job: GenerationJob, now: datetime) -> None:
    """The words are there, and more was not asked for."""
    job.refresh_from_db(fields=["carousel"])  # what was read before is what it was
    result = results.build_words(job=job, now=now)
    _complete(job=job, result=result, metadata=result["metadata"], slides=(), pdf_key="", now=now)


def _complete(
    *,
    job: GenerationJob,
    result: dict[str, Any],
    metadata: dict[str, Any],
    slides: Sequence[FinishedSlide],
    pdf_key: str,
    now: datetime,
) -> None:
    shown = progress.READY
    authoring.complete(
        carousel_id=job.carousel_id,
        slides=slides,
        pdf_key=pdf_key,
        metadata=(job.carousel.generation_metadata or {}) | metadata,
        percent=shown.percent,
        message=shown.message,
        now=now,
    )
    transitions.move(
        job,
        JobStatus.COMPLETED,
        now=now,
        data=shown.as_data(),
        result=result,
        error_code=None,
        error_message=None,
    )
    _let_next_in(job=job, now=now)


def fail(*, job: GenerationJob, failure: Unfinished, now: datetime) -> None:
    """The run is over; what it charged is paid back, and a failure of ours gives the day's use back."""
    steps.cancel_unsettled(job=job, now=now)
    transitions.move(
        job,
        JobStatus.FAILED,
        now=now,
        reason=failure.code,
        data=failure.data,
        error_code=failure.code,
        error_message=failure.message,
    )
    if job.is_rework:
        _keep_result(job=job, now=now)
    else:
        authoring.fail(carousel_id=job.carousel_id, message=failure.message, now=now)
    ledger.refund(
        user=job.user, reference=job.reference, gives_day_back=failure.is_ours, note=f"failed: {failure.code}"
    )
    _let_next_in(job=job, now=now)


def cancel(*, job: GenerationJob, now: datetime, by: str, reason: str = "") -> None:
    """Stopped on request. The credit comes back; the day's use only if no work had begun."""
    steps.cancel_unsettled(job=job, now=now)
    # Asked after the steps are closed: until then a worker may still claim one and spend money.
    had_begun = steps.of_run(job).filter(attempt__gt=0).exists()
    transitions.move(job, JobStatus.CANCELLED, now=now, by=by, reason=reason)
    if job.is_rework:
        _keep_result(job=job, now=now)
    else:
        authoring.cancel(carousel_id=job.carousel_id, now=now)
    ledger.refund(
        user=job.user, reference=job.reference, gives_day_back=not had_begun, actor=by, note="cancelled"
    )
    _let_next_in(job=job, now=now)


def _let_next_in(*, job: GenerationJob, now: datetime) -> None:
    """A job of the user that waited for room need not wait for the sweep."""
    if waiting := turns.next_of(user_id=job.user_id, now=now):
        dispatch.send_job(waiting)


def _keep_result(*, job: GenerationJob, now: datetime) -> None:
    """A render that gave nothing leaves the carousel as it was: ready."""
    shown = progress.READY
    authoring.keep(carousel_id=job.carousel_id, percent=shown.percent, message=shown.message, now=now)
