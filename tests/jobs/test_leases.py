"""The heartbeat outlives errors, and renewing leases waits for nobody."""

import queue
import threading
import time
import uuid

import pytest
from django.db import InterfaceError, connection, transaction
from django.utils import timezone

from jobs import leases, steps
from jobs import queue as jobs_queue
from jobs.models import JobStep
from jobs.states import JobStatus, StepKind, StepStatus
from tests import factories
from tests.concurrency.threads import at_once
from tests.jobs import fakes

PATIENCE = 5  # seconds
IMPATIENCE = "1s"  # a renewal that waits for a lock longer than this is stuck


class Fragile(leases.Heartbeat):
    """Its first beat fails with `error`; `has_recovered` is set by the next one."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.errors = [error]
        self.has_recovered = threading.Event()

    def renew(self) -> None:
        if self.errors:
            raise self.errors.pop()
        self.has_recovered.set()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(leases, "RENEW_EVERY", 0.05)


@pytest.fixture
def held(monkeypatch) -> list[JobStep]:
    """Two running slides of one job, in the order they were claimed."""
    fakes.choose(monkeypatch)
    job = factories.started_job(factories.user(), imageCount=2)
    fakes.settle_all(job, until=StepKind.SLIDE)
    return [fakes.claimed(step) for step in fakes.steps_of(job, kind=StepKind.SLIDE)]


def renew(held: list[JobStep]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{IMPATIENCE}'")
    return steps.renew(owners=[step.owner for step in held], now=timezone.now())


def lock(step: JobStep) -> None:
    JobStep.objects.select_for_update().get(pk=step.pk)


# --- the thread -----------------------------------------------------------------------------------


def test_thread_that_died_is_started_again_at_the_next_hold(quick, monkeypatch):
    died = queue.Queue()
    monkeypatch.setattr(threading, "excepthook", lambda death: died.put(death.thread))
    heartbeat = Fragile(RuntimeError("nobody foresaw this"))
    with heartbeat.hold(uuid.uuid4(), timeout=1):
        died.get(timeout=PATIENCE).join()

    with heartbeat.hold(uuid.uuid4(), timeout=1):
        has_recovered = heartbeat.has_recovered.wait(PATIENCE)

    assert has_recovered


def test_thread_survives_a_connection_that_is_closed(quick):
    heartbeat = Fragile(InterfaceError("connection already closed"))

    with heartbeat.hold(uuid.uuid4(), timeout=1):
        has_recovered = heartbeat.has_recovered.wait(PATIENCE)

    assert has_recovered


# --- the rows -------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_renew_passes_over_a_locked_step_without_waiting(held):
    locked, free = held

    with transaction.atomic():
        lock(locked)
        (renewed,) = at_once(lambda: renew(held))

    assert renewed == 1
    assert JobStep.objects.get(pk=locked.pk).lease_until == locked.lease_until
    assert JobStep.objects.get(pk=free.pk).lease_until > free.lease_until


@pytest.mark.django_db(transaction=True)
def test_renew_and_cancel_do_not_wait_for_each_other(held):
    """A cancel half-way has the last step; a renewal that took the first and waited would be a deadlock."""
    first, last = held
    is_half_way, is_renewed = threading.Event(), threading.Event()

    def cancel() -> JobStatus:
        with transaction.atomic():
            lock(last)
            is_half_way.set()
            is_renewed.wait(0.5)
            return jobs_queue.cancel(job_id=last.job_id, by="test", now=timezone.now()).status

    def renew_meanwhile() -> int:
        assert is_half_way.wait(PATIENCE)
        renewed = steps.renew(owners=[first.owner, last.owner], now=timezone.now())
        is_renewed.set()
        return renewed

    assert at_once(cancel, renew_meanwhile) == [JobStatus.CANCELLED, 1]
    assert {step.status for step in fakes.steps_of(last.job, kind=StepKind.SLIDE)} == {StepStatus.CANCELLED}


# --- the connection -------------------------------------------------------------------------------


@pytest.fixture
def pool_of_one(monkeypatch):
    """For the threads to come; nobody waits for it longer than a moment."""
    pool = {"min_size": 0, "max_size": 1, "timeout": 0.1}
    monkeypatch.setitem(connection.settings_dict["OPTIONS"], "pool", pool)
    yield
    connection.close_pool()


def is_renewed_while_the_pool_is_empty(step: JobStep) -> bool:
    is_empty, is_over = threading.Event(), threading.Event()

    def hog() -> None:
        with connection.cursor():
            is_empty.set()
            is_over.wait(PATIENCE)
        connection.close()

    thread = threading.Thread(target=hog)
    thread.start()
    assert is_empty.wait(PATIENCE)
    with leases.Heartbeat().hold(step.owner, timeout=PATIENCE):
        time.sleep(0.5)
    is_over.set()
    thread.join()
    return JobStep.objects.get(pk=step.pk).lease_until > step.lease_until


@pytest.mark.django_db(transaction=True)
def test_renewing_waits_for_no_connection_of_the_pool(held, quick, pool_of_one):
    assert is_renewed_while_the_pool_is_empty(held[0])


@pytest.mark.django_db(transaction=True)
def test_renewing_with_a_connection_of_the_pool_would_wait(held, quick, pool_of_one, monkeypatch):
    monkeypatch.setattr(leases.connections, "leave_pool", lambda: None)

    assert not is_renewed_while_the_pool_is_empty(held[0])
