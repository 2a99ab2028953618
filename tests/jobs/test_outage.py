"""A broker that refused is left alone for a moment: what was to be sent then is the sweep's."""

import time

import pytest
from django.utils import timezone

from jobs import pipeline, recovery
from jobs.models import GenerationJob, JobStep
from jobs.outage import Outage
from jobs.states import JobStatus, StepKind
from tests import factories
from tests.jobs import broker, fakes

TIMEOUT = 1  # seconds a stalled broker costs, see tests/jobs/broker.py


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    broker.empty()
    fakes.choose(monkeypatch)


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def refused_once(db, committed):
    """One message was refused just now; the broker itself is well again."""
    with broker.refused(), committed():
        factories.job(factories.user())


@pytest.fixture
def brief_moment(monkeypatch):
    monkeypatch.setattr(Outage, "MOMENT", 0.3)


def test_nothing_is_sent_in_the_moment_after_a_refusal(refused_once, user, committed):
    with committed():
        job = factories.job(user)

    assert broker.take_all("ai") == []
    assert GenerationJob.objects.get(pk=job.pk).status == JobStatus.QUEUED


def test_steps_not_sent_in_that_moment_are_due_for_the_sweep(refused_once, user, committed):
    job = factories.started_job(user, imageCount=3)

    with committed():
        fakes.settle(factories.queued_step(job))

    assert broker.take_all("ai") == []
    slides = fakes.steps_of(job, kind=StepKind.SLIDE)
    assert [step.redrive_at <= timezone.now() for step in slides] == [True] * 3


def test_messages_leave_again_when_the_moment_is_over(brief_moment, refused_once, user, committed):
    time.sleep(Outage.MOMENT)

    with committed():
        job = factories.job(user)

    assert [message.kwargs for message in broker.take_all("ai")] == [{"job_ids": [str(job.pk)]}]


def test_sweep_after_the_moment_sends_what_was_left_to_it(brief_moment, refused_once, user, committed):
    job = factories.job(user)
    with committed():
        pipeline.start(job_id=job.pk, now=timezone.now())
    time.sleep(Outage.MOMENT)
    broker.empty()

    with committed():
        recovery.sweep(now=timezone.now())

    step = JobStep.objects.get(job=job, kind=StepKind.STRATEGY)
    assert {"step_id": step.pk} in [message.kwargs for message in broker.take_all("ai")]


def test_ten_steps_wait_for_a_stalled_broker_once(db, committed):
    jobs = [factories.job(factories.user()) for _ in range(10)]

    with broker.stalled():
        began = time.monotonic()
        for job in jobs:
            with committed():
                pipeline.start(job_id=job.pk, now=timezone.now())
        seconds = time.monotonic() - began

    assert TIMEOUT <= seconds < 5 * TIMEOUT  # ten time-outs without the pause
    assert GenerationJob.objects.filter(status=JobStatus.PROCESSING).count() == 10
