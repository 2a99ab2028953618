"""A step moves along the arrows of `jobs/states.py` and no others; every move but a claim is an event."""

import itertools
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import queue, steps, transitions
from jobs.models import JobEvent, JobStep
from jobs.states import STEP_TRANSITIONS, UNSETTLED, StepKind, StepStatus
from tests import factories
from tests.jobs import fakes

NOW = factories.NOON


def queue_it(job, step):
    steps.queue(job=job, kind=step.kind, now=NOW, data={})


def claim(job, step):
    steps.claim(step_id=step.pk, now=NOW)


def finish(job, step):
    steps.settle(step=step, job=job, status=StepStatus.DONE, now=NOW)


def fail(job, step):
    steps.settle(step=step, job=job, status=StepStatus.FAILED, now=NOW, reason="BROKEN")


def put_back(job, step):
    steps.put_back(step=step, job=job, reason="BROKEN", now=NOW, wait=timedelta(0), has_message=True)


def cancel(job, step):
    steps.cancel_unsettled(job=job, now=NOW)


VERBS = {
    queue_it: StepStatus.QUEUED,
    claim: StepStatus.RUNNING,
    finish: StepStatus.DONE,
    put_back: StepStatus.QUEUED,
    fail: StepStatus.FAILED,
    cancel: StepStatus.CANCELLED,
}
# From where, for those two that lead to the same state.
STARTS_FROM = {queue_it: "waiting", put_back: "running"}
GRID = list(itertools.product(StepStatus, VERBS))


def bring_to(step: JobStep, status: StepStatus) -> JobStep:
    """The step in this state, and due."""
    is_running = status == StepStatus.RUNNING
    JobStep.objects.filter(pk=step.pk).update(
        status=status,
        owner=uuid.uuid4() if is_running else None,
        lease_until=timezone.now() if is_running else None,
    )
    step.refresh_from_db()
    return step


@pytest.mark.parametrize(("before", "verb"), GRID, ids=[f"{before}-{verb.__name__}" for before, verb in GRID])
def test_every_verb_in_every_state_is_as_the_table_says(user, before, verb):
    job = factories.started_job(user)
    step = bring_to(factories.queued_step(job), before)
    told = JobEvent.objects.filter(job=job).count()

    try:
        with transitions.locked(job.pk) as locked:
            verb(locked, step)
    except transitions.LostRace:
        pass  # refused: what must not have changed is looked at below

    after = JobStep.objects.get(pk=step.pk).status
    events = list(JobEvent.objects.filter(job=job).order_by("sequence"))[told:]
    mine = [(event.from_status, event.to_status) for event in events if event.step_kind == step.kind]
    applies = VERBS[verb] in STEP_TRANSITIONS[before] and STARTS_FROM.get(verb, before) == before
    assert after == (VERBS[verb] if applies else before)
    assert mine == ([(before, after)] if applies and verb is not claim else [])


def test_table_names_every_state_and_only_unsettled_ones_go_on():
    assert set(STEP_TRANSITIONS) == set(StepStatus)
    assert {status for status, following in STEP_TRANSITIONS.items() if following} == UNSETTLED


def test_cancel_tells_of_every_step_it_closed_then_of_the_job(user, monkeypatch):
    fakes.choose(monkeypatch)
    job = factories.started_job(user, imageCount=2)
    fakes.settle_all(job, until=StepKind.SLIDE)
    fakes.claimed(factories.queued_step(job))
    told = JobEvent.objects.filter(job=job).count()

    queue.cancel(job_id=job.pk, by="test", now=timezone.now())

    events = list(JobEvent.objects.filter(job=job).order_by("sequence"))[told:]
    assert [(e.step_kind, e.slide_number, e.from_status, e.to_status) for e in events] == [
        ("slide", 1, "running", "cancelled"),
        ("slide", 2, "queued", "cancelled"),
        ("finalize", None, "waiting", "cancelled"),
        (None, None, "processing", "cancelled"),
    ]
