"""The stream of a job's events: a snapshot, every event once and in order, resumed exactly, ended in time."""

import pytest
from django.utils import timezone

from jobs import pipeline, queue
from jobs.models import GenerationJob, JobEvent
from tests import factories
from tests.jobs import broker, fakes
from tests.jobs.live import streams
from tests.jobs.live.streams import address_of, polled, status_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    broker.empty()
    fakes.choose(monkeypatch)


@pytest.fixture
def site():
    with streams.running() as made:
        yield made


def cancelled_job(user) -> GenerationJob:
    return queue.cancel(job_id=factories.job(user).pk, by="test", now=timezone.now())


def without_ticket(status: dict) -> dict:
    return status | {"eventsUrl": status["eventsUrl"].partition("?")[0]}


def unsigned(event: dict) -> dict:
    """Without the signature of its preview's address, which tells the second it was asked for."""
    data = {
        name: value.partition("?")[0] if name == "previewUrl" else value
        for name, value in event["data"].items()
    }
    return event | {"data": data}


def work_off_with_fakes(job: GenerationJob) -> None:
    pipeline.start(job_id=job.pk, now=timezone.now())
    fakes.settle_all(job)


def test_whole_job_is_told_as_polling_tells_it(site, user):
    job = factories.job(user, imageCount=3)
    before = status_of(job)

    visit = site.open(address_of(job))
    snapshot = visit.next()
    work_off_with_fakes(job)
    told = visit.rest()

    assert (snapshot.name, snapshot.id) == ("snapshot", None)
    assert without_ticket(snapshot.data) == without_ticket(before)
    assert [unsigned(event.data) for event in told] == [unsigned(event) for event in polled(job)]
    assert [event.id for event in told] == list(range(1, len(told) + 1))
    assert [event.name for event in told] == [event.data["step"] or "job" for event in told]
    assert (told[-1].name, told[-1].data["to"]) == ("job", "completed")


def test_stream_is_never_cached_nor_held_back_by_a_proxy(site, user):
    visit = site.open(address_of(cancelled_job(user)))

    visit.rest()
    assert visit.status == 200
    assert visit.headers == {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache",
        "x-accel-buffering": "no",
    }


@pytest.mark.parametrize("had", range(0, 5))
def test_stream_is_resumed_after_the_last_event_the_client_had(site, user, had):
    job = factories.started_job(user)
    fakes.settle(factories.queued_step(job))
    queue.cancel(job_id=job.pk, by="test", now=timezone.now())

    visit = site.open(address_of(job), **{"last-event-id": str(had)})

    assert [event.data for event in visit.rest() if event.name != "snapshot"] == polled(job, after=had)


def test_after_does_what_last_event_id_does_and_the_header_knows_better(site, user):
    job = cancelled_job(user)

    by_query = site.open(address_of(job) + "&after=1").rest()
    by_header = site.open(address_of(job) + "&after=0", **{"last-event-id": "1"}).rest()

    assert [event.id for event in by_query] == [event.id for event in by_header] == [None, 2]


def test_nothing_left_to_tell_is_204_so_that_a_browser_stops_asking(site, user):
    job = cancelled_job(user)

    visit = site.open(address_of(job), **{"last-event-id": "2"})

    assert (visit.whole(), visit.status) == ("", 204)


def test_id_beyond_the_last_event_is_taken_for_the_last(site, user):
    job = factories.job(user)

    visit = site.open(address_of(job), **{"last-event-id": "999"})
    visit.next()
    queue.cancel(job_id=job.pk, by="test", now=timezone.now())

    assert [event.id for event in visit.rest()] == [2]


def test_requeued_job_is_told_to_the_end_of_its_newest_run(site, user):
    job = cancelled_job(user)
    queue.requeue(job_id=job.pk, by="test", now=timezone.now())

    visit = site.open(address_of(job))
    seen = [visit.next().id for _ in range(4)]
    queue.cancel(job_id=job.pk, by="test", now=timezone.now())

    assert seen == [None, 1, 2, 3]
    assert [event.id for event in visit.rest()] == [4]


def test_api_key_opens_a_stream_too(site, user):
    job = cancelled_job(user)
    key = factories.api_key(user)

    visit = site.open(f"/api/jobs/{job.pk}/events", authorization=f"Bearer {key}")

    assert [event.id for event in visit.rest()] == [None, 1, 2]


def test_many_streams_of_one_job_are_all_told_everything(site, user):
    job = factories.job(user, imageCount=2)
    visits = [site.open(address_of(job), **{"last-event-id": str(had)}) for had in (0, 1) for _ in range(10)]
    for visit in visits:
        visit.next()

    work_off_with_fakes(job)

    count = JobEvent.objects.filter(job=job).count()
    assert [[event.id for event in visit.rest()] for visit in visits] == [
        list(range(had + 1, count + 1)) for had in (0, 1) for _ in range(10)
    ]
