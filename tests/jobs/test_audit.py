"""What each run should have cost, bent by SQL: the audit names the entry or the run, and no other."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from billing.models import LedgerEntry
from jobs import audit, queue, reworks
from jobs.models import GenerationJob, JobEvent
from tests import factories
from tests.billing.bending import bend
from tests.jobs import broker, fakes


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    broker.empty()
    fakes.choose(monkeypatch)


def requeue(job: GenerationJob, **options) -> GenerationJob:
    options = {"by": f"user:{job.user_id}"} | options
    return queue.requeue(job_id=job.pk, now=timezone.now(), **options)


def cancel(job: GenerationJob) -> GenerationJob:
    return queue.cancel(job_id=job.pk, by=f"user:{job.user_id}", now=timezone.now())


def completed(user) -> GenerationJob:
    return fakes.settle_all(factories.started_job(user, imageCount=2))


def forget(job: GenerationJob, kind: str, *, run: int = 1) -> None:
    """Take an entry out of the ledger as if it had never been: balances and days fit again."""
    gone = LedgerEntry.objects.get(kind=kind, reference=f"job:{job.pk}:{run}")
    bend("DELETE FROM billing_ledger WHERE id = %s", gone.pk)
    bend("UPDATE billing_ledger SET balance_after = balance_after - %s WHERE id > %s", gone.credits, gone.pk)
    left = LedgerEntry.objects.filter(kind="charge").count()
    bend("UPDATE billing_accounts SET credits = credits - %s, daily_used = %s", gone.credits, left)


def entry(job: GenerationJob, *, run: int = 1) -> str:
    reference = f"job:{job.pk}:{run}"
    charge = LedgerEntry.objects.get(kind="charge", reference=reference)
    return f"entry {charge.pk} of account {charge.account_id} ({reference})"


def test_every_kind_of_run_is_right(user):
    """Completed, queued, cancelled, given away, run again, rendered: all as the product did it."""
    completed(user)
    factories.job(user)
    again = cancel(factories.job(user))
    requeue(again)
    cancel(again)
    requeue(again, by="operator:boss@example.com", is_free=True)
    render = completed(user)
    reworks.render(user=user, carousel_id=render.carousel_id, payload={}, now=timezone.now())

    assert audit.faults() == []
    assert audit.counts() == "1 accounts, 8 entries, 5 jobs"


def test_job_inserted_past_the_api_costs_nothing_and_is_right(user):
    carousel = completed(user).carousel
    GenerationJob.objects.create(carousel=carousel, user=user, payload=factories.payload())

    assert audit.faults() == []


@pytest.mark.parametrize("end", ["failed", "cancelled"])
def test_ended_run_that_was_not_paid_back_is_named(user, end):
    job = cancel(factories.job(user))
    GenerationJob.objects.filter(pk=job.pk).update(status=end)

    forget(job, "refund")

    assert audit.faults() == [f"{entry(job)}: is for a run that is {end}, and not paid back"]


def test_earlier_run_that_was_not_paid_back_is_named(user):
    job = cancel(factories.job(user))
    requeue(job)

    forget(job, "refund")

    assert audit.faults() == [f"{entry(job)}: is for a run that gave nothing, and not paid back"]


@pytest.mark.parametrize("status", ["queued", "processing", "completed"])
def test_run_that_was_paid_back_without_having_ended_in_nothing_is_named(user, status):
    job = cancel(factories.job(user))
    ends = timezone.now() if status == "completed" else None

    GenerationJob.objects.filter(pk=job.pk).update(status=status, completed_at=ends)

    assert audit.faults() == [f"{entry(job)}: is for a run that is {status}, and paid back"]


def test_run_of_the_owner_that_was_never_charged_is_named(user):
    job = completed(user)

    forget(job, "charge")

    assert audit.faults() == [f"run 1 of job {job.pk}: asked for by its owner, not charged"]


def test_second_run_of_the_owner_that_was_never_charged_is_named(user):
    job = cancel(factories.job(user))
    requeue(job)

    forget(job, "charge", run=2)

    assert audit.faults() == [f"run 2 of job {job.pk}: asked for by its owner, not charged"]


def test_charge_for_a_run_that_has_not_been_is_named(user):
    job = completed(user)

    bend("UPDATE billing_ledger SET reference = %s WHERE kind = 'charge'", f"job:{job.pk}:2")

    assert audit.faults() == [
        f"{entry(job, run=2)}: is for a job that is at run 1",
        f"run 1 of job {job.pk}: asked for by its owner, not charged",
    ]


def test_charge_to_another_account_is_named(user):
    job, other = completed(user), factories.user()
    JobEvent.objects.filter(job=job).delete()

    GenerationJob.objects.filter(pk=job.pk).update(user=other)

    assert audit.faults() == [f"{entry(job)}: is for a job of account {other.pk}"]


@pytest.mark.parametrize(
    "reference", ["r1", "job:1:1", f"job:{factories.NO_ID}:0", f"JOB:{factories.NO_ID}:1"]
)
def test_charge_that_names_no_run_is_named(user, reference):
    job = completed(user)
    JobEvent.objects.filter(job=job).delete()

    bend("UPDATE billing_ledger SET reference = %s WHERE kind = 'charge'", reference)

    charge = LedgerEntry.objects.get(kind="charge")
    assert audit.faults() == [f"entry {charge.pk} of account {user.pk} ({reference}): names no run of a job"]


def test_ledger_s_own_faults_come_first(user):
    job = cancel(factories.job(user))
    forget(job, "refund")
    bend("UPDATE billing_accounts SET credits = 0, debt = 1")

    assert audit.faults() == [
        f"account {user.pk}: holds 0 credits, its entries add up to 9",
        f"account {user.pk}: owes 1 credits, its entries add up to 0",
        f"{entry(job)}: is for a run that is cancelled, and not paid back",
    ]


def test_charges_of_a_job_that_is_gone_with_its_carousel_stay_right(user):
    completed(user).carousel.delete()

    assert audit.faults() == []


@pytest.mark.parametrize("jobs", [1, 3])
def test_audit_asks_once_per_rule_however_many_jobs(user, jobs, django_assert_num_queries):
    for _ in range(jobs):
        factories.job(user)

    with django_assert_num_queries(15):
        assert audit.faults() == []


@pytest.mark.django_db(transaction=True)
def test_command_says_in_one_line_that_all_is_right(capsys):
    completed(factories.user())

    call_command("audit_ledger")

    assert capsys.readouterr().out == "The ledger is right: 1 accounts, 2 entries, 1 jobs.\n"


@pytest.mark.django_db(transaction=True)
def test_command_names_the_rows_and_fails(capsys):
    user = factories.user()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_accounts SET credits = 0, debt = 2")

    with pytest.raises(
        CommandError, match=r"^The ledger is not right: 2 faults \(1 accounts, 1 entries, 0 jobs\).$"
    ):
        call_command("audit_ledger")

    assert capsys.readouterr().out.splitlines() == [
        f"account {user.pk}: holds 0 credits, its entries add up to 10",
        f"account {user.pk}: owes 2 credits, its entries add up to 0",
    ]


@pytest.mark.django_db(transaction=True)
def test_command_can_write_nothing(monkeypatch):
    factories.user()
    monkeypatch.setattr(audit, "faults", lambda: LedgerEntry.objects.update(credits=1))

    with pytest.raises(Exception, match="read-only transaction"):
        call_command("audit_ledger")
