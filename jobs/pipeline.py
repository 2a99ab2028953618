"""The design's chain, held by rows: write_strategy -> paint_slide for every slide -> finalize.

No Celery chain or chord: with a chord, flushing the broker left 0 of 6 jobs done; with rows and a
sweep every fault ended 6 of 6, and no finished slide was bought again (docs/adr/0002).

Each step has four beats: claim -> work outside any transaction -> record and decide in one short
transaction, fenced on the owner -> dispatch after commit.
"""

import logging
import random
from collections import Counter
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from carousels import authoring
from jobs import (
    backoff,
    calls,
    connections,
    dispatch,
    endings,
    estimates,
    failures,
    makers,
    plans,
    progress,
    steps,
    transitions,
    turns,
    work,
)
from jobs.failures import Unfinished
from jobs.leases import heartbeat
from jobs.models import GenerationJob, JobStep
from jobs.states import JobStatus, StepKind, StepStatus
from jobs.transitions import LostRace

logger = logging.getLogger(__name__)

ORDER = (StepKind.STRATEGY, StepKind.SLIDE, StepKind.FINALIZE)


def start(*, job_id, now: datetime) -> bool:
    """Set a job going and send its first steps to their workers; False when `set_going` did nothing."""
    first = set_going(job_id=job_id, now=now)
    send(first or [])
    return first is not None


def set_going(*, job_id, now: datetime) -> list[JobStep] | None:
    """Plan a job that is queued and due; returns the steps to begin with, for the caller to send.

    None when it is not due (any more), or has no room: a job beyond its user's cap stays queued, and
    the one that makes room lets it in (`endings`).
    """
    try:
        with transitions.locked(job_id, skip_locked=True) as job:
            if job.status != JobStatus.QUEUED or job.scheduled_at > now or not turns.has_room(job):
                return None
            return _set_going(job, now=now)
    except LostRace:
        return None  # whoever holds it decides; if it stays due, the sweep comes back to it


def _set_going(job: GenerationJob, *, now: datetime) -> list[JobStep]:
    try:
        planned = plans.work_of(job)
    except Unfinished as failure:
        endings.fail(job=job, failure=failure, now=now)
        return []
    shown = _progress(job, Counter(kind for kind, _ in planned))
    transitions.move(job, JobStatus.PROCESSING, now=now, data=shown.as_data(), started_at=now)
    shown = _shown_before(planned[0][0], shown)
    first = steps.plan(job=job, work=planned, queues=makers.queues_of(job), now=now, data=shown.as_data())
    _show(job, shown, left=Counter(kind for kind, _ in planned), now=now)
    return first


def send(queued: list[JobStep]) -> None:
    """Tell their workers, after commit, that these steps may be claimed."""
    for step in queued:
        dispatch.send_step(step, priority=step.job.priority)


def claim(*, step_id: int) -> JobStep | None:
    """The step, ours to work off; None when it is not to be had, or was tried often enough."""
    try:
        step = steps.claim(step_id=step_id, now=timezone.now())
    except steps.LostClaim:
        logger.info("step %s is not to be had", step_id)
        return None
    if step.attempt > step.job.max_retries + 1:
        # Its workers died on it. This claim is one too many: it only says so.
        record_failure(step=step, failure=failures.exhausted(step), now=timezone.now())
        return None
    return step


def work_off(step: JobStep) -> None:
    """Do a claimed step's slow part, then record it."""
    try:
        with heartbeat.hold(step.owner, timeout=makers.timeout_of(step)):
            outcome = work.do(step)
            connections.outlast(lambda: record_done(step=step, outcome=outcome, now=timezone.now()))
    except Unfinished as failure:
        connections.outlast(partial(record_failure, step=step, failure=failure, now=timezone.now()))
    except calls.NotNow as later:
        connections.outlast(partial(give_back, step=step, later=later, now=timezone.now()))
    except LostRace as lost:
        logger.info("the result of step %s came too late: %s", step.pk, lost)


def give_back(*, step: JobStep, later: calls.NotNow, now: datetime) -> None:
    """Leave a step, of which nothing was done, to whoever has room for it; unless it was taken meanwhile."""
    wait = later.wait * (1 + backoff.JITTER * random.random())  # a pause that ends, ends for many at once
    has_message = later.waits_for is None and wait <= backoff.MESSAGE_MOST
    try:
        steps.give_back(
            step=step,
            now=now,
            wait=wait,
            queue=later.queue,
            waits_for=later.waits_for,
            has_message=has_message,
        )
    except LostRace as lost:
        logger.info("step %s is not given back: %s", step.pk, lost)
        return
    if has_message:
        dispatch.send_step(step, priority=step.job.priority, countdown=wait.total_seconds() or None)


def record_done(*, step: JobStep, outcome: work.Outcome, now: datetime) -> None:
    """Write a step's result and decide what follows. LostRace when the step is no longer ours."""
    with transitions.locked(step.job_id) as job:
        # Counted by a later statement than the one that locked: of all slides exactly one, the last to
        # come here, sees that none is left, and starts finalize.
        left = steps.unsettled(job) - Counter([step.kind])
        shown = _progress(job, left)
        told = {**shown.as_data(), **outcome.news}
        steps.settle(step=step, job=job, status=StepStatus.DONE, now=now, data=told)
        outcome.record(job, now)
        if left:
            _advance(job, after=step, left=left, shown=shown, now=now)


def record_failure(*, step: JobStep, failure: Unfinished, now: datetime) -> None:
    """Put a failed step back with a pause, or fail it and its job. A late failure changes nothing."""
    with transitions.locked(step.job_id) as job:
        if not steps.is_held(step):
            logger.info("the failure of step %s came too late", step.pk)
        elif failure.retryable and step.attempt <= job.max_retries:
            dice = random.random()
            wait = backoff.wait_after(attempt=step.attempt, retry_after=failure.retry_after, dice=dice)
            _put_back(job=job, step=step, failure=failure, now=now, wait=wait)
        else:
            steps.settle(step=step, job=job, status=StepStatus.FAILED, now=now, reason=failure.code)
            endings.fail(job=job, failure=failure, now=now)


def release(*, step: JobStep, now: datetime) -> None:
    """Take a step from a worker whose lease ended, and offer it to the others; LostRace if it lives."""
    with transitions.locked(step.job_id, skip_locked=True) as job:
        if not steps.is_abandoned(step, now=now):
            raise LostRace(f"{step} has a living owner again")
        _put_back(job=job, step=step, failure=failures.worker_lost(), now=now, wait=timedelta(0))


def _put_back(
    *, job: GenerationJob, step: JobStep, failure: Unfinished, now: datetime, wait: timedelta
) -> None:
    """Another try after `wait`; meanwhile the job shows why the last one gave nothing."""
    has_message = wait <= backoff.MESSAGE_MOST
    steps.put_back(step=step, job=job, reason=failure.code, now=now, wait=wait, has_message=has_message)
    # A lost worker's last attempt counts too, though no retry of it may follow.
    retries = max(job.retry_count, min(step.attempt, job.max_retries))
    transitions.touch(
        job, now=now, retry_count=retries, error_code=failure.code, error_message=failure.message
    )
    if has_message:
        dispatch.send_step(step, priority=job.priority, countdown=wait.total_seconds() or None)


def _advance(
    job: GenerationJob, *, after: JobStep, left: Counter[str], shown: progress.Progress, now: datetime
) -> None:
    """Queue what may follow what is settled, and show the creator how far it is."""
    following = next(kind for kind in ORDER if left[kind])
    shown = _shown_before(following, shown)
    if following != after.kind:  # its like were queued together with it
        send(steps.queue(job=job, kind=following, now=now, data=shown.as_data()))
    _show(job, shown, left=left, now=now)


def _show(job: GenerationJob, shown: progress.Progress, *, left: Counter[str], now: datetime) -> None:
    done_at = estimates.completion(left=left, slides=job.carousel.image_count, now=now)
    show = authoring.keep if job.is_rework else authoring.show_progress
    show(carousel_id=job.carousel_id, percent=shown.percent, message=shown.message, done_at=done_at, now=now)


def _shown_before(following: str, shown: progress.Progress) -> progress.Progress:
    return progress.FINALIZING if following == StepKind.FINALIZE else shown


def _progress(job: GenerationJob, left: Counter[str]) -> progress.Progress:
    total = plans.pictures_of(job)
    if job.is_rework and left:  # whose words are there
        return progress.of_slides(settled=total - left[StepKind.SLIDE], total=total)
    return progress.of_run(left=left, total=total)
