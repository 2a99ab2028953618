"""The audit is right while the system runs: it sees one moment, whatever is charged or refunded meanwhile."""

import threading

import pytest
from django.db import transaction
from django.utils import timezone

from billing.audit import snapshot
from jobs import audit, queue
from tests import factories
from tests.concurrency.threads import at_once
from tests.jobs import broker

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 5


@pytest.fixture(autouse=True)
def _no_messages_of_other_tests():
    broker.empty()


def counts_around_a_submit(user, *, moment) -> list[str]:
    """What the audit counts before and after somebody else has submitted, inside `moment`."""

    def count():
        with moment():
            before = audit.counts()
            is_counted.set()
            assert is_submitted.wait(20)
            return [before, audit.counts()]

    def submit():
        assert is_counted.wait(20)
        factories.job(user)
        is_submitted.set()

    is_counted, is_submitted = threading.Event(), threading.Event()
    return at_once(count, submit)[0]


def test_snapshot_does_not_see_what_is_charged_while_it_lasts():
    before, after = counts_around_a_submit(factories.user(), moment=snapshot)

    assert before == after == "1 accounts, 1 entries, 0 jobs"


def test_without_the_snapshot_it_is_seen():
    before, after = counts_around_a_submit(factories.user(), moment=transaction.atomic)

    assert (before, after) == ("1 accounts, 1 entries, 0 jobs", "1 accounts, 2 entries, 1 jobs")


def test_no_false_alarm_while_jobs_are_charged_and_paid_back():
    user = factories.user(credits=20, daily_limit=None)
    jobs = [factories.job(user) for _ in range(3)]
    is_over = threading.Event()

    def churn(job):
        for _ in range(ROUNDS):
            queue.cancel(job_id=job.pk, by=f"user:{user.pk}", now=timezone.now())
            queue.requeue(job_id=job.pk, by=f"user:{user.pk}", now=timezone.now())

    def churn_all():
        try:
            return [result for result in at_once(*[lambda job=job: churn(job) for job in jobs]) if result]
        finally:
            is_over.set()

    def audit_all():
        found = []
        while not is_over.is_set():
            with snapshot():
                found += audit.faults()
        return found

    assert at_once(churn_all, audit_all) == [[], []]
    assert audit.faults() == []
    assert audit.counts() == "1 accounts, 35 entries, 3 jobs"
