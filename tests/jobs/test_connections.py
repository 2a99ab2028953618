"""A call that was paid for outlasts the loss of the database connection."""

import psycopg
import pytest
from django.db import OperationalError, connection

from carousels.providers.base import ProviderError, Remedy
from jobs import connections, pipeline
from jobs.models import JobStep, ProviderCall
from jobs.states import StepKind, StepStatus
from jobs.tasks import write_strategy
from tests import factories
from tests.jobs import fakes

pytestmark = pytest.mark.django_db(transaction=True)


class CutOff(fakes.FakeArt):
    """Its pictures come, but meanwhile the server has ended our connection, as a restart does."""

    def paint(self, request, **_):
        terminate(connection.connection.info.backend_pid)
        return super().paint(request)


class CutOffAndRefused(CutOff):
    """The service says no, and may want to be paid for it."""

    def __init__(self, *, is_paid: bool) -> None:
        super().__init__()
        self.is_paid = is_paid

    def paint(self, request, **_):
        super().paint(request)
        usage = self.usage if self.is_paid else None
        raise ProviderError("CONTENT_REJECTED", "no", remedy=Remedy.GIVE_UP, usage=usage)


def terminate(backend: int) -> None:
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [backend])


@pytest.fixture
def art() -> CutOff:
    return CutOff()


@pytest.fixture
def claimed(monkeypatch, user, art) -> JobStep:
    """A slide whose picture costs the connection."""
    fakes.choose(monkeypatch, art=art)
    monkeypatch.setattr(connections, "ASK_AGAIN", 0.01)
    job = fakes.settle_all(factories.started_job(user, imageCount=2), until=StepKind.SLIDE)
    return fakes.claimed(factories.queued_step(job))


def test_picture_is_booked_and_recorded_after_the_connection_was_lost(claimed):
    pipeline.work_off(claimed)

    step = JobStep.objects.get(pk=claimed.pk)
    assert (step.status, step.attempt) == (StepStatus.DONE, 1)
    assert ProviderCall.objects.filter(job=step.job_id, step_kind=StepKind.SLIDE).count() == 1


@pytest.mark.parametrize("art", [CutOffAndRefused(is_paid=True), CutOffAndRefused(is_paid=False)])
def test_refusal_is_booked_and_recorded_after_the_connection_was_lost(claimed, art):
    """Or it would be asked for, and paid for, once more."""
    pipeline.work_off(claimed)

    step = JobStep.objects.get(pk=claimed.pk)
    assert (step.status, step.error_code, step.attempt) == (StepStatus.FAILED, "CONTENT_REJECTED", 1)
    booked = ProviderCall.objects.filter(job=step.job_id, step_kind=StepKind.SLIDE)
    assert list(booked.values_list("error_code", flat=True)) == ["CONTENT_REJECTED"]


def test_record_is_written_after_the_connection_was_lost(claimed, monkeypatch):
    """Lost between booking and recording."""
    record_done = pipeline.record_done
    times = []

    def record(**given):
        times.append(None)
        if len(times) == 1:
            terminate(connection.connection.info.backend_pid)
        record_done(**given)

    monkeypatch.setattr(pipeline, "record_done", record)
    pipeline.work_off(claimed)

    assert len(times) == 2
    assert JobStep.objects.get(pk=claimed.pk).status == StepStatus.DONE


def test_without_patience_the_call_is_lost(claimed, monkeypatch):
    monkeypatch.setattr(connections, "outlast", lambda write: write())

    with pytest.raises(OperationalError):
        pipeline.work_off(claimed)

    connection.close()
    assert JobStep.objects.get(pk=claimed.pk).status == StepStatus.RUNNING


def test_database_that_stays_away_is_given_up(settings):
    settings.LEASE_SECONDS = 0.05
    tries = []

    def write():
        tries.append(None)
        raise OperationalError("gone")

    with pytest.raises(OperationalError, match="gone"):
        connections.outlast(write)

    assert len(tries) >= 2


def test_message_is_not_lost_with_the_connection_it_is_taken_on(user, monkeypatch):
    monkeypatch.setattr(connections, "ASK_AGAIN", 0.01)
    fakes.choose(monkeypatch)
    step = factories.queued_step(factories.started_job(user))
    terminate(connection.connection.info.backend_pid)

    write_strategy(step_id=step.pk)

    step.refresh_from_db()
    assert (step.status, step.attempt) == (StepStatus.DONE, 1)
