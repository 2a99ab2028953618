"""GET /api/queue/status/{id} and POST /api/queue/process."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from rest_framework.test import APIClient

from jobs import queue
from jobs.models import GenerationJob
from rest.envelope import moment
from tests import factories
from tests.rest.world import body_of, snapshot

PROCESS = "/api/queue/process"
SECRET = "a secret of the scheduler's — ключ"
NOT_FOUND = {"success": False, "error": "JOB_NOT_FOUND", "message": "There is no such job"}
UNAUTHORIZED = {"success": False, "error": "UNAUTHORIZED", "message": "Authentication required"}


def status_url(job_id) -> str:
    return f"/api/queue/status/{job_id}"


@pytest.fixture
def scheduler(settings):
    settings.QUEUE_PROCESSOR_SECRET = SECRET

    return scheduler_with(SECRET)


def scheduler_with(secret: str) -> APIClient:
    """A header's bytes reach WSGI read as latin-1."""
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {secret}".encode().decode("latin-1"))

    return client


def test_status_of_a_queued_job(api, user):
    job = factories.job(user)

    response = api.get(status_url(job.pk))

    body = body_of(response)
    address, _, _ticket = body["data"].pop("eventsUrl").partition("?ticket=")
    assert response.status_code == 200
    assert address == f"http://testserver/api/jobs/{job.pk}/events"
    assert body == {
        "success": True,
        "data": {
            "id": str(job.pk),
            "carouselId": str(job.carousel_id),
            "status": "queued",
            "progress": {"percent": 0, "message": "Queued for processing..."},
            "createdAt": moment(job.created_at),
            "estimatedCompletion": moment(job.created_at + timedelta(seconds=60)),
            "result": None,
            "error": None,
        },
    }


def test_status_of_a_started_job_tells_its_progress(api, user):
    job = factories.started_job(user)

    data = body_of(api.get(status_url(job.pk)))["data"]

    assert data["status"] == "processing"
    assert data["progress"] == {"percent": 0, "message": "Starting generation..."}


def test_status_of_a_failed_job_says_why(api, user):
    job = factories.job(user)
    GenerationJob.objects.filter(pk=job.pk).update(payload={"prompt": "no count"})
    factories.work_off(job)

    data = body_of(api.get(status_url(job.pk)))["data"]

    job.refresh_from_db()
    assert (data["status"], data["result"]) == ("failed", None)
    assert data["error"] == {"code": job.error_code, "message": job.error_message}


def test_status_of_somebody_elses_job_is_forbidden(api):
    job = factories.job(factories.user())

    response = api.get(status_url(job.pk))

    assert response.status_code == 403
    assert body_of(response) == {
        "success": False,
        "error": "FORBIDDEN",
        "message": "This job belongs to someone else",
    }


@pytest.mark.parametrize(
    "job_id", [factories.NO_ID, "1", "undefined", "%00", "%ff", "a" * 3000, "..", "0x" + "1" * 30]
)
def test_status_of_an_id_that_is_none_is_not_found(api, job_id):
    response = api.get(status_url(job_id))

    assert response.status_code == 404
    assert body_of(response) == NOT_FOUND


@pytest.mark.django_db
def test_status_wants_an_identity_before_it_tells_whether_there_is_a_job():
    job = factories.job(factories.user())

    answers = [APIClient().get(status_url(job_id)) for job_id in (job.pk, uuid.uuid4(), "x")]

    assert [body_of(answer) for answer in answers] == [UNAUTHORIZED] * 3
    assert [answer.status_code for answer in answers] == [401] * 3


def test_process_starts_what_is_due_and_says_how_many(scheduler, user):
    job = factories.job(user)

    response = scheduler.post(PROCESS)

    body = body_of(response)
    stamp = body["data"]["timestamp"]
    assert response.status_code == 200
    assert body == {"success": True, "data": {"processed": 1, "timestamp": stamp}}
    assert abs(parse_datetime(stamp) - timezone.now()) < timedelta(seconds=5)
    assert stamp.endswith("Z")
    job.refresh_from_db()
    assert job.status == "processing"


@pytest.mark.django_db
def test_process_takes_five_at_most_by_priority_and_leaves_what_is_not_due(scheduler):
    user = factories.user()
    now = timezone.now()
    usual = [factories.job(factories.user()) for _ in range(5)]
    urgent = queue.submit(user=user, payload=factories.payload(), now=now, priority=10).job
    later = factories.job(user)
    GenerationJob.objects.filter(pk=later.pk).update(scheduled_at=now + timedelta(hours=1), priority=10)

    answers = [body_of(scheduler.post(PROCESS))["data"]["processed"] for _ in range(3)]

    started = GenerationJob.objects.filter(status="processing").order_by("started_at", "-priority")
    assert answers == [5, 1, 0]
    assert started.first() == urgent
    assert {job.pk for job in started} == {urgent.pk} | {job.pk for job in usual}


@pytest.mark.parametrize(
    "sent", ["wrong", "", SECRET + "x", SECRET[:-1], "\x00", "sk_" + "x" * 60, "x" * 50_000]
)
def test_process_refuses_every_other_secret(settings, user, sent):
    settings.QUEUE_PROCESSOR_SECRET = SECRET
    factories.job(user)
    before = snapshot()

    response = scheduler_with(sent).post(PROCESS)

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert body_of(response) == UNAUTHORIZED
    assert snapshot() == before


def test_process_refuses_a_users_own_key(settings, api, user):
    settings.QUEUE_PROCESSOR_SECRET = SECRET

    response = api.post(PROCESS)

    assert body_of(response) == UNAUTHORIZED


@pytest.mark.parametrize("sent", ["", " ", "None"])
def test_process_refuses_everyone_while_no_secret_is_set(settings, user, sent):
    settings.QUEUE_PROCESSOR_SECRET = ""
    factories.job(user)
    before = snapshot()

    response = scheduler_with(sent).post(PROCESS)

    assert (response.status_code, body_of(response)) == (401, UNAUTHORIZED)
    assert snapshot() == before


@pytest.mark.django_db
def test_process_that_breaks_says_so_and_leaks_nothing(scheduler):
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE generation_jobs RENAME COLUMN priority TO secret_of_ours")

    response = scheduler.post(PROCESS)

    assert response.status_code == 500
    assert body_of(response) == {
        "success": False,
        "error": "PROCESSING_ERROR",
        "message": "Failed to process the queue",
    }
