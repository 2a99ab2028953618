"""Of one user only so many jobs run at once; the others wait as queued, and nobody waits for them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import terms
from billing.models import Plan
from jobs import pipeline, queue, recovery, turns
from jobs.models import GenerationJob, JobStep
from jobs.states import JobStatus
from tests import factories
from tests.jobs import broker, fakes


@pytest.fixture(autouse=True)
def _empty_broker():
    broker.empty()


@pytest.fixture
def busy(db):
    """A user with five jobs, of which three may run."""
    user = factories.user(daily_limit=None)
    return user, [factories.job(user) for _ in range(5)]


def statuses(jobs) -> list[str]:
    rows = dict(GenerationJob.objects.values_list("pk", "status"))
    return [rows[job.pk] for job in jobs]


def start_all(jobs) -> list[bool]:
    return [pipeline.start(job_id=job.pk, now=timezone.now()) for job in jobs]


def test_jobs_beyond_the_cap_wait_as_queued_and_keep_everything(busy):
    user, jobs = busy

    assert start_all(jobs) == [True, True, True, False, False]

    assert statuses(jobs) == ["processing"] * 3 + ["queued"] * 2
    assert JobStep.objects.filter(job__in=jobs[3:]).count() == 0
    assert factories.credits_of(user) == 5


def test_cap_is_a_setting(busy, settings):
    settings.RUNNING_JOBS_PER_USER = 1

    assert start_all(busy[1]) == [True, False, False, False, False]


def test_cap_is_the_plan_s_where_it_names_one(busy):
    user, jobs = busy
    terms.set_plan(user=user, plan="pro", now=timezone.now())
    Plan.objects.filter(pk="pro").update(running_jobs=4)

    assert turns.next_due(now=timezone.now(), limit=10) == [job.pk for job in jobs[:4]]
    assert start_all(jobs) == [True] * 4 + [False]
    assert turns.next_due(now=timezone.now(), limit=10) == []


def test_each_user_has_the_cap_of_their_own_plan(busy):
    user, jobs = busy
    Plan.objects.filter(pk="pro").update(running_jobs=1)
    Plan.objects.filter(pk="premium").update(running_jobs=4)
    terms.set_plan(user=user, plan="pro", now=timezone.now())
    big, usual = factories.user(), factories.user()
    terms.set_plan(user=big, plan="premium", now=timezone.now())
    others = {other: [factories.job(other).pk for _ in range(5)] for other in (big, usual)}

    due = turns.next_due(now=timezone.now(), limit=20)

    assert due == [jobs[0].pk, *others[big][:4], *others[usual][:3]]


def test_what_waits_is_asked_in_three_statements(busy, django_assert_num_queries):
    start_all(busy[1])

    with django_assert_num_queries(3):  # caps, running, due
        turns.next_due(now=timezone.now(), limit=10)


@pytest.mark.parametrize("end", ["complete", "fail", "cancel"])
def test_job_that_ends_lets_the_most_urgent_waiting_one_in(
    busy, end, monkeypatch, django_capture_on_commit_callbacks
):
    _, jobs = busy
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.refusal() if end == "fail" else None))
    start_all(jobs)
    GenerationJob.objects.filter(pk=jobs[4].pk).update(priority=2)
    broker.empty()

    with django_capture_on_commit_callbacks(execute=True):
        if end == "cancel":
            queue.cancel(job_id=jobs[0].pk, by="test", now=timezone.now())
        elif end == "fail":
            pipeline.work_off(fakes.claimed(factories.queued_step(jobs[0])))
        else:
            fakes.settle_all(jobs[0])

    starts = [message for message in broker.take_all("ai") if message.task == "jobs.start"]
    assert [(message.kwargs, message.priority) for message in starts] == [
        ({"job_ids": [str(jobs[4].pk)]}, 10 - 2)
    ]
    assert start_all([jobs[4], jobs[3]]) == [True, False]


def test_job_scheduled_for_later_is_not_let_in(user, monkeypatch, django_capture_on_commit_callbacks):
    first, later = factories.started_job(user), factories.job(user)
    GenerationJob.objects.filter(pk=later.pk).update(scheduled_at=timezone.now() + timedelta(hours=1))
    broker.empty()

    with django_capture_on_commit_callbacks(execute=True):
        queue.cancel(job_id=first.pk, by="test", now=timezone.now())

    assert broker.take_all("ai") == []


def test_sweep_passes_over_a_user_s_backlog_to_others(busy, settings):
    _, jobs = busy
    start_all(jobs)
    others = [factories.job(factories.user()) for _ in range(2)]

    due = turns.next_due(now=timezone.now(), limit=2)

    assert due == [job.pk for job in others]
    assert recovery.start_due(now=timezone.now(), limit=2) == 2
    assert statuses(jobs) == ["processing"] * 3 + ["queued"] * 2


def test_due_jobs_fill_the_room_a_user_has_left_and_no_more(busy):
    _, jobs = busy
    start_all(jobs[:2])

    assert turns.next_due(now=timezone.now(), limit=10) == [jobs[2].pk]


def test_urgent_job_comes_first_whoever_s_it_is(busy):
    _, jobs = busy
    urgent = factories.job(factories.user())
    GenerationJob.objects.filter(pk=urgent.pk).update(priority=10)

    due = turns.next_due(now=timezone.now(), limit=10)

    assert due == [urgent.pk, *(job.pk for job in jobs[:3])]


def test_all_jobs_of_a_user_are_done_in_the_end(busy, monkeypatch):
    user, jobs = busy
    fakes.choose(monkeypatch)
    most = 0

    for _ in range(len(jobs)):
        recovery.start_due(now=timezone.now(), limit=10)
        running = GenerationJob.objects.filter(status=JobStatus.PROCESSING)
        most = max(most, running.count())
        fakes.settle_all(running.order_by("created_at")[0])

    assert (statuses(jobs), most) == (["completed"] * 5, 3)
    assert factories.credits_of(user) == 5
