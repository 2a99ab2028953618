"""Who may follow a job: its owner, and who holds a ticket for it. A ticket opens nothing else."""

import time
import uuid

import pytest
from django.core import signing
from django.urls import reverse

from jobs import tickets
from socialsaas.urls import urlpatterns
from tests import factories
from tests.jobs.live import streams
from tests.jobs.live.streams import address_of, polled
from tests.rest.world import body_of, snapshot

UNAUTHORIZED = {"success": False, "error": "UNAUTHORIZED", "message": "Authentication required"}
NOT_FOUND = {"success": False, "error": "JOB_NOT_FOUND", "message": "There is no such job"}


def events_of(job_id) -> str:
    return f"/api/jobs/{job_id}/events"


def moved_to_id(job) -> str:
    """The signed text reads the same, but the id is another one."""
    timestamp, _, digest = tickets.issue(job.pk).partition(":")
    return f"{events_of(f'{job.pk}:{timestamp}')}?ticket={digest}"


def another_kind(job) -> str:
    signed = signing.TimestampSigner(salt="carousels.files").sign(str(job.pk))
    return f"{events_of(job.pk)}?ticket={signed.partition(':')[2]}"


FORGED = {
    "of another job": lambda job: f"{events_of(job.pk)}?ticket={tickets.issue(uuid.uuid4())}",
    "cut": lambda job: address_of(job)[:-1],
    "changed": lambda job: address_of(job) + "x",
    "empty": lambda job: f"{events_of(job.pk)}?ticket=",
    "piece moved to the id": moved_to_id,
    "signed for another purpose": another_kind,
    "of bytes": lambda job: f"{events_of(job.pk)}?ticket=%ff%fe%00",
    "endless": lambda job: f"{events_of(job.pk)}?ticket={'x' * 20_000}",
    "second one wrong": lambda job: address_of(job) + "&ticket=x",
}


@pytest.fixture
def site(transactional_db):
    with streams.running() as made:
        yield made


def test_ticket_lets_its_holder_poll(client, user):
    job = factories.job(user)

    response = client.get(address_of(job) + "&after=0", HTTP_ACCEPT="application/json")

    assert (response.status_code, body_of(response)["data"]) == (200, polled(job))


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_forged_ticket_polls_nothing(client, user, forge):
    address = forge(factories.job(user))
    before = snapshot()

    response = client.get(address)

    assert (response.status_code, body_of(response)) == (401, UNAUTHORIZED)
    assert snapshot() == before


@pytest.mark.parametrize("forge", FORGED.values(), ids=FORGED)
def test_forged_ticket_opens_no_stream(site, user, forge):
    visit = site.open(forge(factories.job(user)))

    assert streams.refusal(visit) == (401, UNAUTHORIZED)
    assert visit.headers["www-authenticate"] == "Bearer"


def test_wrong_ticket_is_not_made_good_by_a_key(api, user):
    response = api.get(f"{events_of(factories.job(user).pk)}?ticket=x")

    assert (response.status_code, body_of(response)) == (401, UNAUTHORIZED)


def test_ticket_expires_after_ticket_seconds(client, user, settings, monkeypatch):
    settings.TICKET_SECONDS = 60
    address = address_of(factories.job(user))
    made_at = time.time()

    monkeypatch.setattr(signing.time, "time", lambda: made_at + 59)
    before = client.get(address)
    monkeypatch.setattr(signing.time, "time", lambda: made_at + 62)
    after = client.get(address)

    assert before.status_code == 200
    assert (after.status_code, body_of(after)) == (401, UNAUTHORIZED)


def test_ticket_makes_no_fresh_one(site, user, monkeypatch):
    address = address_of(factories.job(user))
    later = time.time() + 5
    monkeypatch.setattr(signing.time, "time", lambda: later)

    told = site.open(address).next()

    assert told.data["eventsUrl"].partition("/api/")[2] == address.partition("/api/")[2]


def test_ticket_opens_nothing_but_its_job_s_events(client, user):
    job = factories.job(user)
    ticket = tickets.issue(job.pk)
    known = {"job_id": job.pk, "carousel_id": job.carousel_id, "brand_id": job.pk, "key": "x"}
    names = [pattern.name for pattern in urlpatterns if getattr(pattern, "name", None)]
    public = {"job-events", "file", "alive", "ready"}
    before = snapshot()

    codes = {}
    for name in set(names) - public:
        wanted = next(p for p in urlpatterns if getattr(p, "name", None) == name).pattern.converters
        address = reverse(name, kwargs={key: known[key] for key in wanted})
        codes |= {
            (name, method): getattr(client, method)(f"{address}?ticket={ticket}").status_code
            for method in ("get", "post", "put", "patch", "delete")
        }

    assert len(codes) > 50
    assert codes.pop(("stripe-webhook", "post")) == 503  # asks for a signature of its own
    assert set(codes.values()) <= {401, 405}
    assert snapshot() == before


def test_stream_needs_to_know_who_is_there(site, user):
    job = factories.job(user)

    assert streams.refusal(site.open(events_of(job.pk))) == (401, UNAUTHORIZED)
    assert streams.refusal(site.open(events_of(job.pk), authorization="Bearer sk_x")) == (401, UNAUTHORIZED)


def test_somebody_elses_job_is_not_there_to_follow(site, user):
    job = factories.job(factories.user())
    key = factories.api_key(user)

    visit = site.open(events_of(job.pk), authorization=f"Bearer {key}")

    assert streams.refusal(visit) == (404, NOT_FOUND)


@pytest.mark.parametrize("job_id", [factories.NO_ID, "x", "-" * 36])
def test_job_that_is_none_cannot_be_followed(site, user, job_id):
    visit = site.open(events_of(job_id), authorization=f"Bearer {factories.api_key(user)}")

    assert streams.refusal(visit) == (404, NOT_FOUND)


@pytest.mark.parametrize("had", ["-1", "x", "1.5", str(2**31), "9" * 400])
def test_last_event_id_that_is_none_is_refused_by_name(site, user, had):
    visit = site.open(address_of(factories.job(user)), **{"last-event-id": had})

    status, body = streams.refusal(visit)
    assert (status, body["error"], body["details"][0]["path"]) == (400, "VALIDATION_ERROR", ["after"])


def test_stream_for_another_host_is_refused(site, user):
    visit = site.open(address_of(factories.job(user)), host="evil.example")

    status, body = streams.refusal(visit)
    assert (status, body["error"]) == (400, "BAD_REQUEST")
