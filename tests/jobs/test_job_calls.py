"""GET /api/jobs, its events, cancel and requeue."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import ledger, terms
from jobs.models import GenerationJob
from rest.envelope import moment
from tests import factories
from tests.conftest import api_of
from tests.rest.world import added, body_of, snapshot

NOT_FOUND = {"success": False, "error": "JOB_NOT_FOUND", "message": "There is no such job"}
CALLS = [("get", "events"), ("post", "cancel"), ("post", "requeue")]


def url(job_id, verb: str) -> str:
    return f"/api/jobs/{job_id}/{verb}"


def summary(job: GenerationJob) -> dict:
    """The job as every call of this file answers it."""
    job = GenerationJob.objects.select_related("carousel").get(pk=job.pk)

    return {
        "id": str(job.pk),
        "carouselId": str(job.carousel_id),
        "jobType": "carousel_generation",
        "status": job.status,
        "progress": {"percent": 0, "message": "Queued for processing..."},
        "retryCount": 0,
        "error": None,
        "createdAt": moment(job.created_at),
        "scheduledAt": moment(job.scheduled_at),
        "startedAt": moment(job.started_at),
        "completedAt": moment(job.completed_at),
    }


def cancelled_job(user) -> GenerationJob:
    job = factories.job(user)
    api_of(user).post(url(job.pk, "cancel"))

    return job


def test_jobs_are_the_callers_own_newest_first(api, user):
    first, second = factories.job(user), factories.job(user)
    factories.job(factories.user())

    response = api.get("/api/jobs")

    assert response.status_code == 200
    assert body_of(response) == {"success": True, "data": [summary(second), summary(first)]}


def test_jobs_are_ten_unless_the_caller_says_otherwise(api, user):
    terms.set_daily_limit(user=user, daily_limit=None, now=timezone.now())
    ledger.grant(user=user, credits=10, reference="test", now=timezone.now(), actor="test")
    for _ in range(12):
        factories.job(user)

    counts = [len(body_of(api.get(f"/api/jobs{query}"))["data"]) for query in ("", "?limit=3", "?limit=100")]

    assert counts == [10, 3, 12]


@pytest.mark.parametrize("limit", ["0", "-1", "101", "ten", "1.5", "%00", "9" * 400, "%ff", "1&limit=x"])
def test_limit_that_is_none_is_refused_by_name(api, limit):
    response = api.get(f"/api/jobs?limit={limit}")

    [fault] = body_of(response)["details"]
    assert (response.status_code, fault["path"]) == (400, ["limit"])


@pytest.mark.parametrize(("method", "verb"), CALLS)
def test_somebody_elses_job_is_not_there(api, method, verb):
    job = factories.job(factories.user())
    before = snapshot()

    response = getattr(api, method)(url(job.pk, verb))

    assert (response.status_code, body_of(response)) == (404, NOT_FOUND)
    assert snapshot() == before


@pytest.mark.parametrize("job_id", [factories.NO_ID, "1", "x", "%00", "-" * 36, "null"])
@pytest.mark.parametrize(("method", "verb"), CALLS)
def test_job_id_that_is_none_is_not_found(api, method, verb, job_id):
    response = getattr(api, method)(url(job_id, verb))

    assert (response.status_code, body_of(response)) == (404, NOT_FOUND)


def test_events_are_what_happened_after_the_one_the_caller_has(api, user):
    job = cancelled_job(user)

    whole = body_of(api.get(url(job.pk, "events")))["data"]
    rest = body_of(api.get(url(job.pk, "events") + "?after=1"))["data"]

    queued, cancelled = job.events.order_by("sequence")
    assert whole == [
        {
            "sequence": 1,
            "run": 1,
            "step": None,
            "slideNumber": None,
            "from": None,
            "to": "queued",
            "reason": "",
            "data": {"percent": 0, "message": "Queued for processing..."},
            "at": moment(queued.at),
        },
        {
            "sequence": 2,
            "run": 1,
            "step": None,
            "slideNumber": None,
            "from": "queued",
            "to": "cancelled",
            "reason": "",
            "data": cancelled.data,
            "at": moment(cancelled.at),
        },
    ]
    assert rest == whole[1:]


@pytest.mark.parametrize("after", ["-1", "x", "1.5", str(2**31), "9" * 400])
def test_after_that_is_none_is_refused_by_name(api, user, after):
    job = factories.job(user)

    response = api.get(url(job.pk, "events") + f"?after={after}")

    [fault] = body_of(response)["details"]
    assert (response.status_code, fault["path"]) == (400, ["after"])


def test_cancel_stops_the_job_and_pays_back(api, user):
    job = factories.job(user)
    before = snapshot()

    response = api.post(url(job.pk, "cancel"))

    after = snapshot()
    assert response.status_code == 200
    assert body_of(response) == {"success": True, "data": summary(job) | {"status": "cancelled"}}
    assert (after["credits"], after["used"]) == ({user.pk: 10}, {user.pk: 0})
    assert added(before=before, after=after) == {"billing_ledger": 1, "job_events": 1}


def test_cancel_again_changes_nothing(api, user):
    job = cancelled_job(user)
    before = snapshot()

    response = api.post(url(job.pk, "cancel"))

    assert (response.status_code, body_of(response)["data"]["status"]) == (200, "cancelled")
    assert snapshot() == before


def test_cancel_of_a_started_job_gives_the_credit_and_no_further_step(api, user):
    job = factories.started_job(user)

    response = api.post(url(job.pk, "cancel"))

    assert body_of(response)["data"]["status"] == "cancelled"
    assert factories.credits_of(user) == 10
    assert set(job.steps.values_list("status", flat=True)) == {"cancelled"}


def test_cancel_of_a_failed_job_is_refused(api, user):
    job = factories.job(user)
    GenerationJob.objects.filter(pk=job.pk).update(payload={})
    factories.work_off(job)
    before = snapshot()

    response = api.post(url(job.pk, "cancel"))

    assert response.status_code == 409
    assert body_of(response) == invalid_state("a job that is failed cannot become cancelled")
    assert snapshot() == before


def invalid_state(fault: str) -> dict:
    return {
        "success": False,
        "error": "INVALID_STATE",
        "message": "The job's state does not allow this",
        "details": [{"path": ["status"], "message": fault, "code": "invalid_state"}],
    }


def test_requeue_gives_another_run_and_charges_it(api, user):
    job = cancelled_job(user)
    before = snapshot()

    response = api.post(url(job.pk, "requeue"))

    after = snapshot()
    job.refresh_from_db()
    assert response.status_code == 200
    assert body_of(response) == {"success": True, "data": summary(job) | {"status": "queued"}}
    assert (job.run, after["credits"]) == (2, {user.pk: 9})
    assert added(before=before, after=after) == {"billing_ledger": 1, "job_events": 1}
    assert after["messages"] - before["messages"] == 2  # to the workers, and to who watches


def test_requeue_may_carry_a_delay_and_then_sends_no_message(api, user):
    job = cancelled_job(user)
    before = snapshot()

    response = api.post(url(job.pk, "requeue"), {"delay": 90.0, "unknown": "ignored"})

    job.refresh_from_db()
    assert response.status_code == 200
    assert job.scheduled_at - job.updated_at == timedelta(seconds=90)
    assert snapshot()["messages"] - before["messages"] == 1  # to who watches alone


@pytest.mark.parametrize("delay", [-1, 2_592_001, "90", 1.5, True, None, 1e300])
def test_requeue_with_a_bad_delay_is_refused_by_name(api, user, delay):
    job = cancelled_job(user)
    before = snapshot()

    response = api.post(url(job.pk, "requeue"), {"delay": delay})

    [fault] = body_of(response)["details"]
    assert (response.status_code, fault["path"]) == (400, ["delay"])
    assert snapshot() == before


@pytest.mark.parametrize("body", ["[]", "null", "5", "{", '{"delay": 1e400}'])
def test_requeue_with_a_bad_body_is_refused(api, user, body):
    job = cancelled_job(user)
    before = snapshot()

    response = api.generic("POST", url(job.pk, "requeue"), body, content_type="application/json")

    assert (response.status_code, body_of(response)["error"]) == (400, "VALIDATION_ERROR")
    assert snapshot() == before


@pytest.mark.parametrize(
    ("status", "make"), [("queued", factories.job), ("processing", factories.started_job)]
)
def test_requeue_of_a_job_that_has_not_ended_is_refused(api, user, status, make):
    job = make(user)
    before = snapshot()

    response = api.post(url(job.pk, "requeue"))

    assert response.status_code == 409
    assert body_of(response) == invalid_state(f"a job that is {status} cannot become queued")
    assert snapshot() == before


def test_requeue_while_another_job_of_the_carousel_runs_is_refused(api, user):
    job = cancelled_job(user)
    GenerationJob.objects.create(carousel=job.carousel, user=user, payload=job.payload)
    before = snapshot()

    response = api.post(url(job.pk, "requeue"))

    assert response.status_code == 409
    assert body_of(response) == {
        "success": False,
        "error": "CAROUSEL_BUSY",
        "message": "Another job of this carousel is still under way",
    }
    assert snapshot() == before


@pytest.mark.django_db
def test_requeue_without_credits_is_refused_and_the_job_stays_as_it_was():
    user = factories.user(credits=1)
    api = api_of(user)
    job = cancelled_job(user)
    factories.job(user)
    before = snapshot()

    response = api.post(url(job.pk, "requeue"))

    assert (response.status_code, body_of(response)["error"]) == (402, "INSUFFICIENT_CREDITS")
    assert snapshot() == before
    job.refresh_from_db()
    assert (job.status, job.run, job.carousel.status) == ("cancelled", 1, "cancelled")


@pytest.mark.django_db
def test_requeue_at_the_daily_limit_is_refused_with_the_time_to_come_back():
    user = factories.user(daily_limit=1)
    api = api_of(user)
    job = cancelled_job(user)
    factories.job(user)
    before = snapshot()

    response = api.post(url(job.pk, "requeue"))

    assert (response.status_code, body_of(response)["error"]) == (429, "DAILY_LIMIT_REACHED")
    assert int(response.headers["Retry-After"]) > 0
    assert snapshot() == before
