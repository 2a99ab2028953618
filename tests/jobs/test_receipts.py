"""GET /api/jobs/{id}/receipt adds up with the ledger, whatever became of a job's runs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from billing import ledger
from billing.models import LedgerEntry
from jobs import failures, pipeline, queue, receipts
from jobs.models import GenerationJob
from tests import factories
from tests.jobs import fakes
from tests.rest.world import body_of


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    fakes.choose(monkeypatch)


def receipt_of(api, job) -> dict:
    response = api.get(f"/api/jobs/{job.pk}/receipt")
    assert response.status_code == 200
    return body_of(response)["data"]


def fail(job) -> None:
    pipeline.start(job_id=job.pk, now=timezone.now())
    step = pipeline.claim(step_id=factories.queued_step(job).pk)
    failure = failures.of_provider(fakes.refusal())
    pipeline.record_failure(step=step, failure=failure, now=timezone.now())
    job.refresh_from_db()


def requeue(job, **options) -> None:
    queue.requeue(job_id=job.pk, by=f"user:{job.user_id}", now=timezone.now(), **options)
    job.refresh_from_db()


def entry(job, kind: str, run: int) -> dict | None:
    found = LedgerEntry.objects.filter(kind=kind, reference=f"job:{job.pk}:{run}").first()
    return found and {
        "id": found.pk,
        "credits": found.credits,
        "openingBalance": found.balance_after - found.credits,
        "closingBalance": found.balance_after,
        "at": found.created_at.isoformat().replace("+00:00", "Z"),
    }


def test_receipt_of_a_job_that_went_well(api, user):
    job = fakes.settle_all(factories.started_job(user))

    receipt = receipt_of(api, job)

    (run,) = receipt.pop("runs")
    assert receipt == {
        "jobId": str(job.pk),
        "carouselId": str(job.carousel_id),
        "jobType": "carousel_generation",
        "total": {"charged": 1, "refunded": 0, "net": 1},
    }
    assert (run["charge"]["openingBalance"], run["charge"]["closingBalance"]) == (10, 9)
    assert run == {
        "run": 1,
        "requestId": str(job.pk),
        "status": "success",
        "outcome": "completed",
        "requestedAt": job.created_at.isoformat().replace("+00:00", "Z"),
        "endedAt": job.completed_at.isoformat().replace("+00:00", "Z"),
        "models": ["fake-text", "fake-art"],
        "charge": entry(job, "charge", 1),
        "refund": None,
        "net": 1,
    }


def test_every_kind_of_run_adds_up_with_the_ledger(api, user):
    job = factories.job(user)
    fail(job)  # 1: ours, paid back
    requeue(job)
    queue.cancel(job_id=job.pk, by=f"user:{user.pk}", now=timezone.now())  # 2: cancelled, paid back
    requeue(job, is_free=True)
    fail(job)  # 3: a gift that came to nothing
    factories.job(user)  # another one's entry lies between
    requeue(job)
    fakes.settle_all(factories.started(job))  # 4: made and paid

    receipt = receipt_of(api, job)

    told = [(run["run"], run["status"], run["outcome"], run["net"]) for run in receipt["runs"]]
    assert told == [
        (1, "reversed", "failed", 0),
        (2, "reversed", "cancelled", 0),
        (3, "failed", "failed", 0),
        (4, "success", "completed", 1),
    ]
    booked = LedgerEntry.objects.filter(reference__startswith=f"job:{job.pk}:").order_by("pk")
    shown = [run[kind] for run in receipt["runs"] for kind in ("charge", "refund") if run[kind]]
    assert [each["id"] for each in shown] == [each.pk for each in booked]
    assert all(each["openingBalance"] + each["credits"] == each["closingBalance"] for each in shown)
    assert sum(each["credits"] for each in shown) == -receipt["total"]["net"]
    assert receipt["total"] == {"charged": 3, "refunded": 2, "net": 1}
    assert factories.credits_of(user) == 10 - 1 - 1
    assert [run["models"] for run in receipt["runs"]] == [[], [], [], ["fake-text", "fake-art"]]


def test_refund_that_paid_a_debt_is_a_refund(api, user):
    job = factories.job(user)
    ledger.reclaim(user=user, credits=12, reference="dispute", now=timezone.now(), actor="test")
    queue.cancel(job_id=job.pk, by=f"user:{user.pk}", now=timezone.now())

    (run,) = receipt_of(api, job)["runs"]

    refund = run["refund"]
    assert (refund["openingBalance"], refund["credits"], refund["closingBalance"]) == (-3, 1, -2)
    assert (run["status"], run["net"]) == ("reversed", 0)


def test_run_under_way_is_pending(api, user):
    job = factories.job(user)

    (run,) = receipt_of(api, job)["runs"]

    assert (run["status"], run["outcome"], run["endedAt"], run["net"]) == ("pending", "queued", None, 1)


def test_gift_and_render_are_free(api, user):
    job = factories.job(user)
    fail(job)
    requeue(job, is_free=True)
    done = fakes.settle_all(factories.started(job))
    rendered = api.post(f"/api/carousel/{done.carousel_id}/render", {}).json()["data"]["jobId"]
    fakes.settle_all(factories.started(GenerationJob.objects.get(pk=rendered)))

    runs = [
        receipt_of(api, done)["runs"][1],
        *receipt_of(api, GenerationJob.objects.get(pk=rendered))["runs"],
    ]

    assert [(run["status"], run["charge"], run["net"]) for run in runs] == [("free", None, 0)] * 2


def test_receipt_names_each_run_s_request_by_its_key(api, user):
    answer = api.post("/api/carousel/generate", factories.payload(), headers={"Idempotency-Key": "order 7"})
    job = GenerationJob.objects.get(pk=answer.json()["data"]["jobId"])
    api.post(f"/api/jobs/{job.pk}/cancel", headers={"Idempotency-Key": "stop 7"})
    api.post(f"/api/jobs/{job.pk}/requeue", headers={"Idempotency-Key": "order 7 again"})
    api.post(f"/api/jobs/{job.pk}/cancel")
    api.post(f"/api/jobs/{job.pk}/requeue")

    ids = [run["requestId"] for run in receipt_of(api, job)["runs"]]

    assert ids == ["order 7", "order 7 again", str(job.pk)]


def test_job_inserted_past_the_api_has_a_receipt(api, user):
    made = factories.job(user)
    queue.cancel(job_id=made.pk, by="test", now=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO generation_jobs (carousel_id, user_id, payload) VALUES (%s, %s, '{}') RETURNING id",
            [made.carousel_id, user.pk],
        )
        job = GenerationJob.objects.get(pk=cursor.fetchone()[0])

    (run,) = receipt_of(api, job)["runs"]

    assert (run["status"], run["requestId"], run["requestedAt"], run["net"]) == (
        "pending",
        str(job.pk),
        None,
        0,
    )


def test_receipt_of_a_job_that_is_requeued_meanwhile_is_of_when_it_was_read(user):
    job = factories.started_job(user)
    fail(job)
    read = GenerationJob.objects.get(pk=job.pk)
    requeue(job)
    fakes.settle(factories.queued_step(factories.started(job)))

    (run,) = receipts.runs_of(read)

    assert (run.number, run.status) == (1, "reversed")


def test_receipt_is_its_owner_s_alone(api, db):
    job = factories.job(factories.user())

    answers = [api.get(f"/api/jobs/{name}/receipt") for name in (job.pk, "none")]

    assert [(each.status_code, body_of(each)["error"]) for each in answers] == [(404, "JOB_NOT_FOUND")] * 2


@pytest.mark.parametrize("runs", [1, 3])
def test_receipt_costs_five_statements(api, user, django_assert_num_queries, runs):
    job = factories.job(user)
    for _ in range(runs - 1):
        queue.cancel(job_id=job.pk, by="test", now=timezone.now() - timedelta(days=1))
        requeue(job)
    api.get("/api/user")

    with django_assert_num_queries(5):  # key, job, history, models, entries
        receipt = receipt_of(api, job)

    assert len(receipt["runs"]) == runs
