"""What operators do beside the API: rows by hand, and reasons meant for colleagues."""

import pytest
from django.db import connection
from django.utils import timezone

from jobs import queue
from jobs.models import GenerationJob, JobEvent
from jobs.states import JobStatus
from tests import factories
from tests.concurrency.threads import one_inside_the_other
from tests.rest.world import added, body_of, snapshot

BUSY = {
    "success": False,
    "error": "CAROUSEL_BUSY",
    "message": "Another job of this carousel is still under way",
}
REASON = "the card was reported stolen"


@pytest.fixture
def cancelled(user) -> GenerationJob:
    job = factories.job(user)
    return queue.cancel(job_id=job.pk, by="operator:boss@example.com", now=timezone.now(), reason=REASON)


def insert_by_sql(job: GenerationJob) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO generation_jobs (carousel_id, user_id, payload) VALUES (%s, %s, '{}')",
            [job.carousel_id, job.user_id],
        )


def test_requeue_beside_a_job_inserted_by_sql_is_refused(api, cancelled):
    insert_by_sql(cancelled)
    before = snapshot()

    response = api.post(f"/api/jobs/{cancelled.pk}/requeue", {})

    assert (response.status_code, body_of(response)) == (409, BUSY)
    assert snapshot() == before
    assert GenerationJob.objects.get(pk=cancelled.pk).status == JobStatus.CANCELLED


@pytest.mark.django_db(transaction=True)
def test_requeue_while_a_job_is_being_inserted_by_sql_is_refused(api, cancelled):
    """Asking first would see nothing: the other job is there only when its transaction commits."""
    before = snapshot()

    _, response = one_inside_the_other(
        lambda: insert_by_sql(cancelled), lambda: api.post(f"/api/jobs/{cancelled.pk}/requeue", {})
    )

    after = snapshot()
    assert (response.status_code, body_of(response)) == (409, BUSY)
    assert added(before=before, after=after) == {"generation_jobs": 1}
    assert after["credits"] == before["credits"]
    assert GenerationJob.objects.get(pk=cancelled.pk).status == JobStatus.CANCELLED


def test_reason_of_an_operator_is_kept_but_not_shown(api, cancelled):
    events = body_of(api.get(f"/api/jobs/{cancelled.pk}/events"))["data"]

    assert [(event["to"], event["reason"]) for event in events] == [("queued", ""), ("cancelled", "")]
    assert JobEvent.objects.filter(job=cancelled, reason=REASON).count() == 1


def test_reason_the_system_gives_is_shown(api, user):
    job = factories.job(user)
    GenerationJob.objects.filter(pk=job.pk).update(payload={"prompt": "no count"})
    factories.work_off(job)

    events = body_of(api.get(f"/api/jobs/{job.pk}/events"))["data"]

    assert [(event["to"], event["reason"]) for event in events] == [
        ("queued", ""),
        ("failed", "INVALID_PAYLOAD"),
    ]
