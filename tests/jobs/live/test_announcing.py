"""Events are announced after commit, a transaction in one message, and never at the caller's cost."""

import time

import pytest
from django.db import transaction
from django.utils import timezone

from jobs import pipeline, queue
from jobs.outage import outage
from jobs.states import JobStatus
from tests import factories
from tests.jobs import broker, fakes
from tests.rest.world import body_of


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    fakes.choose(monkeypatch)


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


def test_events_are_announced_as_polling_tells_them(api, user, committed):
    job = factories.job(user)

    with broker.overheard() as heard, committed():
        queue.cancel(job_id=job.pk, by="test", now=timezone.now())

    told = body_of(api.get(f"/api/jobs/{job.pk}/events"))["data"]
    assert heard == [(str(job.pk), told[1:])]
    assert [event["sequence"] for event in told] == [1, 2]


def test_nobody_is_told_of_a_job_that_has_just_been_made(user, committed):
    """Nobody knows its id before the answer; a stream begins with what the rows say."""
    with broker.overheard() as heard, committed():
        job = factories.job(user)

    assert heard == []
    assert list(job.events.values_list("sequence", "to_status")) == [(1, "queued")]


def test_events_of_one_transaction_are_one_message(user, committed):
    job = factories.job(user)

    with broker.overheard() as heard, committed():
        pipeline.start(job_id=job.pk, now=timezone.now())

    [(_, events)] = heard
    assert [(event["sequence"], event["step"], event["to"]) for event in events] == [
        (2, None, "processing"),
        (3, "strategy", "queued"),
    ]


def test_two_jobs_of_one_transaction_are_two_messages(db, committed):
    jobs = [factories.job(factories.user()) for _ in range(2)]

    with broker.overheard() as heard, committed(), transaction.atomic():
        for job in jobs:
            queue.cancel(job_id=job.pk, by="test", now=timezone.now())

    assert [(job_id, len(events)) for job_id, events in heard] == [(str(job.pk), 1) for job in jobs]


def test_nothing_is_announced_when_the_transaction_is_rolled_back(user, committed):
    job = factories.job(user)

    with broker.overheard() as heard, committed(), transaction.atomic():
        queue.cancel(job_id=job.pk, by="test", now=timezone.now())
        transaction.set_rollback(True)

    assert heard == []


@pytest.mark.parametrize("broken", [broker.refused, broker.stalled], ids=["refused", "stalled"])
def test_dead_broker_costs_one_time_out_for_message_and_announcement_together(user, committed, broken):
    began = time.monotonic()
    with broken(), committed():
        job = factories.job(user)

    assert time.monotonic() - began < 1.5
    assert outage.is_on()
    assert (job.status, factories.credits_of(user)) == (JobStatus.QUEUED, 9)


def test_nothing_is_announced_in_the_moment_after_a_refusal(user, committed):
    outage.begin()

    with broker.overheard() as heard, committed():
        factories.job(user)

    assert heard == []


def test_reason_of_an_operator_is_not_announced(user, committed):
    job = factories.job(user)

    with broker.overheard() as heard, committed():
        queue.cancel(job_id=job.pk, by="operator:boss@example.com", now=timezone.now(), reason="why")

    assert [event["reason"] for _, events in heard for event in events] == [""]
