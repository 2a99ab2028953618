"""However many jobs of one user arrive at the same moment, no more than the cap run."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from carousels.models import Carousel
from jobs import pipeline, turns
from jobs.models import GenerationJob
from jobs.states import JobStatus
from jobs.transitions import lock_job
from tests import factories
from tests.concurrency.threads import (
    PATIENCE,
    at_once,
    in_a_thread,
    one_inside_the_other,
    wait_for_a_blocked_query,
)

pytestmark = pytest.mark.django_db(transaction=True)


def running() -> int:
    return GenerationJob.objects.filter(status=JobStatus.PROCESSING).count()


def start(job) -> bool:
    return pipeline.start(job_id=job.pk, now=timezone.now())


def waiting_jobs(*, beside: int, count: int) -> list[GenerationJob]:
    """Jobs of one user who has `beside` others running."""
    user = factories.user(credits=50, daily_limit=None)
    for _ in range(beside):
        factories.started_job(user)
    return [factories.job(user) for _ in range(count)]


def test_job_that_starts_meanwhile_is_counted():
    first, second = waiting_jobs(beside=2, count=2)

    assert one_inside_the_other(partial(start, first), partial(start, second)) == [True, False]

    assert running() == 3


def test_without_the_user_s_lock_the_cap_is_passed(monkeypatch):
    """The race that the lock prevents: both count before either has committed."""
    first, second = waiting_jobs(beside=2, count=2)
    monkeypatch.setattr(
        turns,
        "has_room",
        lambda job: turns._running().filter(user_id=job.user_id).count() < 3,
    )

    with transaction.atomic():
        assert start(first)
        assert at_once(partial(start, second)) == [True]

    assert running() == 4


def test_ten_at_once_are_three():
    jobs = waiting_jobs(beside=0, count=10)

    started = at_once(*(partial(start, job) for job in jobs))

    assert sorted(started) == [False] * 7 + [True] * 3
    assert running() == 3


def test_user_may_be_looked_at_and_charged_while_a_job_starts():
    """The lock is one that foreign keys to the user do not wait for."""
    job = factories.job(factories.user())

    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=job.user_id)
        (made,) = at_once(partial(factories.job, job.user))

    assert made.user_id == job.user_id


@pytest.mark.parametrize(
    ("held", "other", "is_free"), [("carousel", "job", True), ("job", "carousel", False)]
)
def test_job_is_locked_after_its_carousel(held, other, is_free):
    """Who waits for the carousel does not hold the job yet; who waits for the job holds the carousel."""
    job = factories.job(factories.user())
    rows = {
        "carousel": Carousel.objects.filter(pk=job.carousel_id),
        "job": GenerationJob.objects.filter(pk=job.pk),
    }

    def lock_both():
        with transaction.atomic():
            return lock_job(job.pk)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            rows[held].select_for_update(no_key=True).get()
            waiting = pool.submit(in_a_thread, lock_both)
            wait_for_a_blocked_query()
            assert bool(rows[other].select_for_update(no_key=True, skip_locked=True)) is is_free
        assert waiting.result(PATIENCE) == job
