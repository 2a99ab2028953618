"""The bench's pgbench is honest: its transaction leaves the rows that a submit leaves."""

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import IdempotencyKey, User
from bench.billing import submits, world
from bench.pipeline import rows
from billing.audit import snapshot
from jobs import audit
from jobs.models import GenerationJob


@pytest.fixture
def _world(transactional_db, monkeypatch, settings):
    settings.ALLOWED_HOSTS = ["*"]
    monkeypatch.setattr(world, "CALLERS", 1)
    name = connection.settings_dict["NAME"]
    before, _, after = world.os.environ["DATABASE_URL"].rpartition(f"/{name.removeprefix('test_')}")
    monkeypatch.setenv("DATABASE_URL", f"{before}/{name}{after}")
    world.add_users(1, keys=1)


def submit_over_the_api() -> GenerationJob:
    headers = {"Authorization": f"Bearer {world.key_of(0)}", "Idempotency-Key": "x"}
    answer = APIClient().post(submits.SUBMIT, world.BODY, content_type="application/json", headers=headers)
    return GenerationJob.objects.get(pk=answer.json()["data"]["jobId"])


@pytest.mark.usefixtures("_world")
def test_pgbench_leaves_the_rows_that_a_submit_leaves():
    ours = submit_over_the_api()
    submits.run_pgbench(transactions=1, clients=1)

    theirs = GenerationJob.objects.exclude(pk=ours.pk).get()
    for name in ("job", "carousel", "events"):
        assert rows.of_job(theirs.pk)[name] == rows.of_job(ours.pk)[name]
    # Both are one account's: each job's own charge is the one whose reference has become JOB.
    theirs, ours = (
        [each | {"balance_after": 0} for each in rows.of_job(job.pk)["entries"] if "JOB" in each["reference"]]
        for job in (theirs, ours)
    )
    assert theirs == ours
    assert len(ours) == 1
    assert list(IdempotencyKey.objects.values_list("status", flat=True)) == [200, 200]
    with snapshot():
        assert audit.faults() == []


@pytest.mark.usefixtures("_world")
def test_users_of_the_bench_pass_the_audit():
    world.add_users(3, first=1)
    world.remember_a_job()

    with snapshot():
        assert audit.faults() == []
    assert User.objects.filter(created_at__lte=timezone.now()).count() == 4
