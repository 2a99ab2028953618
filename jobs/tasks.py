"""Celery's side of the pipeline: thin adapters. A redelivered message is a no-op with a log line.

The queue is named by whoever sends (`jobs/dispatch.py`, the beat table): Celery 6 takes it from a
task's decorator no more.
"""

import logging

from celery import shared_task
from django.utils import timezone

from accounts import idempotency
from jobs import audit, connections, failures, makers, pipeline, pulse, recovery
from jobs.states import Queue

logger = logging.getLogger(__name__)


@shared_task(name="jobs.start")
def start(*, job_ids: list[str]) -> None:
    *others, last = job_ids
    for job_id in others:
        if not recovery.start(job_id, now=timezone.now()):
            logger.info("job %s is not to be started", job_id)
    first = pipeline.set_going(job_id=last, now=timezone.now())
    if first is None:
        logger.info("job %s is not to be started", last)
    elif [step.queue for step in first] == [Queue.AI]:
        _run(first[0].pk)  # its worker is this one: a message would only come back here
    else:
        pipeline.send(first)


@shared_task(name="jobs.write_strategy")
def write_strategy(*, step_id: int) -> None:
    _run(step_id)


@shared_task(name="jobs.paint_slide", time_limit=makers.DRAWING_LIMIT)
def paint_slide(*, step_id: int) -> None:
    _run(step_id)


@shared_task(name="jobs.finalize", soft_time_limit=makers.FINALIZE_TIMEOUT, time_limit=makers.DRAWING_LIMIT)
def finalize(*, step_id: int) -> None:
    _run(step_id)


@shared_task(name="jobs.sweep", expires=10)
def sweep() -> None:
    pulse.leave(pulse.BEGUN)
    swept = recovery.sweep(now=timezone.now())
    pulse.leave(pulse.DONE)
    if swept != recovery.Swept(0, 0, 0):
        logger.info("%s", swept)


@shared_task(name="jobs.forget_idempotency_keys", expires=600)
def forget_idempotency_keys() -> int:
    """Here because `accounts` knows no queue."""
    forgotten = idempotency.forget(now=timezone.now())
    logger.info("idempotency keys forgotten: %d", forgotten)
    return forgotten


@shared_task(name="jobs.audit_ledger", expires=3600)
def audit_ledger() -> int:
    """Here because only jobs can say what a run should have cost."""
    verdict, _ = audit.prove(now=timezone.now())
    for fault in verdict.lines:
        logger.error("the ledger is not right: %s", fault)
    logger.info("ledger audited: %d faults, %s, %.1f s", verdict.faults, verdict.counts, verdict.seconds)
    return verdict.faults


def _run(step_id: int) -> None:
    step = connections.outlast(lambda: pipeline.claim(step_id=step_id))
    if step is None:
        return
    try:
        pipeline.work_off(step)
    except Exception:
        # The last line of defence: a bug or a full disk is one failed attempt, recorded on the row.
        logger.exception("%s crashed", step)
        pipeline.record_failure(step=step, failure=failures.crashed(), now=timezone.now())
