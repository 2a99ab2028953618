"""The stream as it comes over the wire, from one real ASGI process that serves everything."""

import json
import threading
from contextlib import closing, contextmanager
from http.client import HTTPConnection

import pytest
from django.utils import timezone

from jobs import pipeline, queue
from tests import factories
from tests.jobs import broker, fakes
from tests.jobs.live.streams import address_of, blocks_of, polled
from tests.rest.server import serve

pytestmark = pytest.mark.django_db(transaction=True)

STREAM = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def server(django_db_setup, tmp_path_factory):
    with serve("asgi", tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    broker.empty()
    fakes.choose(monkeypatch)


@contextmanager
def asked(server, path: str, method: str = "GET", **headers: str):
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=20)) as connection:
        connection.request(method, path, headers={"Host": "127.0.0.1"} | headers)
        yield connection.getresponse()


def test_whole_job_is_told_and_the_answer_ends(server, user):
    job = factories.job(user, imageCount=3)

    with asked(server, address_of(job), **STREAM) as answer:
        beginning = answer.readline() + answer.readline()
        pipeline.start(job_id=job.pk, now=timezone.now())
        fakes.settle_all(job)
        told = blocks_of((beginning + answer.read()).decode())

    events = [event.data for event in told if event.id]
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/event-stream; charset=utf-8")
    assert [without_address(event) for event in events] == [without_address(event) for event in polled(job)]
    assert told[0].name == "snapshot"
    assert events[-1]["to"] == "completed"


def without_address(event: dict) -> dict:
    """Signed at another moment, or for another host, it reads otherwise."""
    return event | {"data": {name: said for name, said in event["data"].items() if name != "previewUrl"}}


def test_same_address_answers_a_list_to_who_asks_for_json(server, user):
    job = factories.job(user)

    with asked(server, address_of(job) + "&after=0", Accept="application/json") as answer:
        assert json.loads(answer.read()) == {"success": True, "data": polled(job)}


def test_api_key_alone_polls_and_streams_when_it_asks_for_a_stream(server, user):
    job = queue.cancel(job_id=factories.job(user).pk, by="test", now=timezone.now())
    key = {"Authorization": f"Bearer {factories.api_key(user)}"}
    path = f"/api/jobs/{job.pk}/events"

    with asked(server, path, **key) as answer:
        assert json.loads(answer.read())["data"] == polled(job)
    with asked(server, path, **key, **STREAM) as answer:
        assert [event.id for event in blocks_of(answer.read().decode())] == [None, 1, 2]


def test_browser_that_had_the_end_is_told_to_stop(server, user):
    job = queue.cancel(job_id=factories.job(user).pk, by="test", now=timezone.now())

    with asked(server, address_of(job), **STREAM, **{"Last-Event-ID": "2"}) as answer:
        assert (answer.status, answer.read()) == (204, b"")


@pytest.mark.parametrize(
    ("method", "path", "status", "error"),
    [
        ("GET", "/api/jobs/x/events", 401, "UNAUTHORIZED"),
        ("GET", "/api/jobs/x/events?ticket=x", 401, "UNAUTHORIZED"),
        ("POST", "/api/jobs/x/events?ticket=x", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/api/jobs/x/events/", 404, "NOT_FOUND"),
        ("GET", "/api/jobs/%ff/events?ticket=%ff", 401, "UNAUTHORIZED"),
    ],
)
def test_refusal_of_a_stream_has_the_envelope(server, method, path, status, error):
    with asked(server, path, method, **STREAM) as answer:
        body = json.loads(answer.read())

    assert (answer.status, body["success"], body["error"]) == (status, False, error)
    assert answer.headers["Content-Type"] == "application/json"


def test_open_streams_keep_no_other_call_waiting(server, user):
    job = factories.job(user)
    address = address_of(job)
    watched, told = threading.Barrier(31), []

    def watch() -> None:
        with asked(server, address, **STREAM) as answer:
            answer.readline()
            watched.wait(timeout=20)
            told.append([event.id for event in blocks_of(answer.read().decode()) if event.id])

    threads = [threading.Thread(target=watch) for _ in range(30)]
    for thread in threads:
        thread.start()
    watched.wait(timeout=20)
    with asked(server, "/api/user", Authorization=f"Bearer {factories.api_key(user)}") as answer:
        assert answer.status == 200
    queue.cancel(job_id=job.pk, by="test", now=timezone.now())
    for thread in threads:
        thread.join(timeout=20)

    assert told == [[1, 2]] * 30
