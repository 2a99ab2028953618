"""Whatever becomes of the messages, every stream tells every event: what is missing is read from the rows."""

import time

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone
from redis import Redis

from jobs import marks, news, queue, transitions
from jobs.live import hub
from jobs.models import GenerationJob, JobEvent
from tests import factories
from tests.jobs import broker, fakes
from tests.jobs.live import streams
from tests.jobs.live.streams import address_of, polled

pytestmark = pytest.mark.django_db(transaction=True)

PING = 0.3  # seconds


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    broker.empty()
    fakes.choose(monkeypatch)


@pytest.fixture
def unheard(monkeypatch):
    """Nothing is announced in this world."""
    monkeypatch.setattr(news, "_publish", lambda job_id, events: None)


def cancel(job: GenerationJob) -> None:
    queue.cancel(job_id=job.pk, by="test", now=timezone.now())


def note(job: GenerationJob) -> None:
    """Something that happens to the job and ends nothing."""
    with transitions.locked(job.pk) as locked:
        transitions.record(locked, from_status=None, to_status="x", now=timezone.now())


def announce(job: GenerationJob, *sequences: int) -> None:
    events = JobEvent.objects.filter(job=job, sequence__in=sequences).order_by("sequence")
    news._publish(job.pk, events)


def wait_until(condition) -> None:
    deadline = time.monotonic() + streams.PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_lost_messages_are_made_good_at_the_next_ping(unheard, user):
    job = factories.job(user)

    with streams.running(ping_every=PING) as site:
        visit = site.open(address_of(job))
        seen = [visit.next().id for _ in range(2)]
        cancel(job)
        told = visit.rest()

    assert seen == [None, 1]
    assert [event.data for event in told] == polled(job, after=1)


def test_events_announced_out_of_order_are_told_in_order(user, monkeypatch):
    job = factories.job(user)

    with streams.running() as site:
        visit = site.open(address_of(job))
        seen = [visit.next().id for _ in range(2)]
        with monkeypatch.context() as silent:
            silent.setattr(news, "_publish", lambda job_id, events: None)
            note(job)
            note(job)
            cancel(job)
        for sequence in (4, 2, 3, 4, 1):
            announce(job, sequence)
        told = visit.rest()

    assert seen == [None, 1]
    assert [event.data for event in told] == polled(job, after=1)
    assert [event.id for event in told] == [2, 3, 4]


@pytest.mark.parametrize("broken", [broker.refused, broker.stalled], ids=["refused", "stalled"])
def test_stream_ends_right_when_the_broker_is_dead_at_the_terminal_event(user, broken):
    job = factories.job(user)

    with streams.running(ping_every=PING) as site:
        visit = site.open(address_of(job))
        visit.next()
        with broken():
            cancel(job)
            told = visit.rest()

    assert [event.data["to"] for event in told] == ["queued", "cancelled"]


def test_stream_opened_while_the_broker_is_dead_ends_right(user):
    job = factories.job(user)

    with broker.refused(), streams.running(ping_every=PING) as site:
        visit = site.open(address_of(job))
        visit.next()
        cancel(job)
        told = visit.rest()

    assert [event.data["to"] for event in told] == ["queued", "cancelled"]


def test_flushed_broker_ends_no_subscription(user):
    job = factories.job(user)

    with streams.running() as site:
        visit = site.open(address_of(job))
        visit.next()
        with Redis.from_url(settings.CELERY_BROKER_URL) as client:
            client.flushall()
        cancel(job)
        told = visit.rest()

    assert [event.id for event in told] == [1, 2]


def test_broker_that_comes_back_is_listened_to_again_and_what_was_missed_is_told(user, monkeypatch):
    monkeypatch.setattr(hub, "BROKER_PAUSE", 0.5)
    job = factories.job(user)

    with streams.running() as site:
        visit = site.open(address_of(job))
        seen = [visit.next().id for _ in range(2)]
        with Redis.from_url(settings.CELERY_BROKER_URL) as client:
            cut = client.client_kill_filter(_type="pubsub")
        note(job)
        note(job)
        seen += [visit.next().id for _ in range(2)]
        cancel(job)
        told = visit.rest()

    assert cut == 1
    assert seen == [None, 1, 2, 3]
    assert [event.id for event in told] == [4]


@pytest.mark.parametrize("text", ["no JSON", '[{"sequence": 2}]', b"\xff"])
def test_message_that_is_none_of_ours_makes_nobody_deaf(user, monkeypatch, caplog, text):
    monkeypatch.setattr(hub, "BROKER_PAUSE", 0.1)
    job = factories.job(user)

    with streams.running() as site:
        visit = site.open(address_of(job))
        seen = [visit.next().id for _ in range(2)]
        marks.broker().publish(f"{news.CHANNEL}{job.pk}", text)
        wait_until(lambda: "listening broke off" in caplog.text)
        cancel(job)
        told = visit.rest()

    assert (seen, [event.id for event in told]) == ([None, 1], [2])


def test_slow_client_is_told_everything_when_it_goes_on(user, monkeypatch):
    monkeypatch.setattr(hub, "FRAMES_MOST", 2)
    job = factories.job(user)

    with streams.running() as site:
        slow = site.open(address_of(job), slow=True)
        quick = site.open(address_of(job))
        quick.next()
        for _ in range(8):
            note(job)
        seen = [quick.next().id for _ in range(9)]
        [waiting] = [each for each in site.hub._all() if each.sent == 0]
        kept = len(waiting._frames)
        site.go_on(slow)
        cancel(job)
        told = slow.rest()

    assert seen == list(range(1, 10))
    assert kept <= 2
    assert [event.id for event in told] == [None, *range(1, 11)]


def test_connection_that_the_database_ended_costs_no_event(user):
    job = factories.job(user)

    with streams.running(ping_every=PING) as site:
        visit = site.open(address_of(job))
        visit.next()
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        cancel(job)
        told = visit.rest()

    assert [event.id for event in told] == [1, 2]


def test_stream_of_a_deleted_job_ends(user):
    job = factories.job(user)

    with streams.running(ping_every=PING) as site:
        visit = site.open(address_of(job))
        seen = [visit.next().id for _ in range(2)]
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM carousels WHERE id = %s", [job.carousel_id])
        told = visit.rest()

    assert (seen, told) == ([None, 1], [])


def test_client_that_leaves_is_forgotten(user):
    job = factories.job(user)

    with streams.running() as site:
        first, second = site.open(address_of(job)), site.open(address_of(job))
        first.next(), second.next()
        both = len(site.hub._all())
        site.leave(first)
        wait_until(lambda: len(site.hub._all()) == 1)
        site.leave(second)
        wait_until(lambda: site.hub._subscribers == {})

    assert both == 2


def test_shutdown_ends_every_stream(user):
    job = factories.job(user)

    with streams.running() as site:
        visit = site.open(address_of(job))
        visit.next()

    assert [event.id for event in visit.rest()] == [1]


def test_ping_is_a_comment(user):
    job = factories.job(user)

    with streams.running(ping_every=PING) as site:
        visit = site.open(address_of(job))
        *_, first, second = [visit.piece() for _ in range(4)]  # after the snapshot and the first event

    assert (first, second) == (": ping\n\n",) * 2
