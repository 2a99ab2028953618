"""The estimate is what steps took lately, plus what waits before; without history it is a minute."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from jobs import estimates, pipeline, queue
from jobs.estimates import Done, History
from jobs.models import GenerationJob, JobStep
from jobs.standing import standing_of
from jobs.states import JobType, StepKind, StepStatus
from tests import factories
from tests.jobs import fakes
from tests.rest.world import body_of

START = factories.NOON
WHOLE = Counter({StepKind.STRATEGY: 1, StepKind.SLIDE: 4, StepKind.FINALIZE: 1})
HISTORY = History(seconds={"strategy": 3.0, "slide": 10.0, "finalize": 0.5}, abreast=2.0)


def done(kind: str, began: float, took: float, *, job: int = 1) -> Done:
    started_at = START + timedelta(seconds=began)
    return Done(job, 1, kind, started_at, started_at + timedelta(seconds=took), slides=4)


def remember(**seconds: float) -> None:
    """A finished job whose steps took as long as this; its slides were made two at a time."""
    job = factories.work_off(factories.job(factories.user(), imageCount=2))
    for step in JobStep.objects.filter(job=job):
        took = timedelta(seconds=seconds[step.kind])
        JobStep.objects.filter(pk=step.pk).update(started_at=START, finished_at=START + took)
    estimates.memory.forget()


@pytest.fixture
def _history(db, monkeypatch):
    fakes.choose(monkeypatch)
    remember(strategy=3, slide=10, finalize=4)


def estimated(**changes) -> int:
    asked = {"user_id": factories.user().pk, "job_type": JobType.CAROUSEL, "slides": 4} | changes
    standing = standing_of(user_id=asked.pop("user_id"), priority=asked.pop("priority", 1))
    return estimates.seconds_until_done(standing=standing, **asked)


def test_history_takes_medians_and_divides_finalize_by_the_slides():
    history = History.of(
        [
            *(done("strategy", 0, took) for took in (2, 3, 90)),
            *(done("slide", began, 10) for began in (0, 0, 10, 10)),
            done("finalize", 0, 2),
        ]
    )

    assert history == HISTORY


def test_run_takes_its_slides_as_many_at_a_time_as_runs_lately_did():
    assert HISTORY.seconds_for(WHOLE, slides=4) == 3 + 4 * 10 / 2 + 4 * 0.5


def test_single_slide_is_not_faster_than_one_slide():
    assert HISTORY.seconds_for(Counter({StepKind.SLIDE: 1}), slides=4) == 10


def test_what_was_never_measured_is_not_guessed():
    assert History({"strategy": 3.0}, 1.0).seconds_for(WHOLE, slides=4) is None


def test_without_history_it_is_a_minute(db):
    assert estimated() == 60


@pytest.mark.usefixtures("_history")
def test_estimate_is_what_steps_took_lately():
    assert estimated() == 3 + 4 * 10 / 2 + 4 * 2
    assert estimated(job_type=JobType.STRATEGY) == 3
    assert estimated(job_type=JobType.IMAGE) == 10 + 4 * 2
    assert estimated(job_type=JobType.RENDER) == 4 * 2


@pytest.mark.usefixtures("_history")
def test_estimate_grows_with_what_waits_before_it_at_the_pace_of_what_runs(monkeypatch):
    alone = estimated()
    for _ in range(3):
        job = factories.started_job(factories.user(), imageCount=2)
        fakes.settle_all(job, until=StepKind.SLIDE)
    first, second, *_ = JobStep.objects.filter(status=StepStatus.QUEUED).order_by("pk")
    for step in (first, second):
        fakes.claimed(step)

    monkeypatch.setattr(estimates, "FRESH", 0.0)
    estimates.memory._backlogs.clear()
    waiting_slides, waiting_finalizes, running = 4, 3, 2
    behind = estimated() - alone

    assert behind == waiting_slides * 10 / running + waiting_finalizes * 2
    assert estimated(priority=10) == alone  # what is less urgent waits behind it


@pytest.mark.usefixtures("_history")
def test_user_with_a_full_cap_waits_for_own_jobs():
    user = factories.user(daily_limit=None)
    alone = estimated(user_id=user.pk)
    for _ in range(3):
        factories.job(user)

    assert estimated(user_id=user.pk) == 2 * alone


@pytest.mark.usefixtures("_history")
def test_rehearsals_say_nothing_about_the_next_carousel():
    before = estimated()
    job = factories.work_off(factories.job(factories.user(), imageCount=2, script="ok"))
    JobStep.objects.filter(job=job).update(started_at=START, finished_at=START + timedelta(hours=1))
    estimates.memory.forget()

    assert estimated() == before


@pytest.mark.usefixtures("_history")
def test_generate_answers_the_estimate_and_the_carousel_carries_it(api, user):
    answer = body_of(api.post("/api/carousel/generate", factories.payload(imageCount=4)))["data"]

    job = GenerationJob.objects.select_related("carousel").get(pk=answer["jobId"])
    assert answer["estimatedTime"] == 31
    assert job.carousel.estimated_completion_time == job.created_at + timedelta(seconds=31)


@pytest.mark.usefixtures("_history")
def test_estimate_follows_the_work(user):
    job = factories.job(user, imageCount=4)
    seen = []
    for until in (StepKind.STRATEGY, StepKind.SLIDE, StepKind.FINALIZE):
        pipeline.start(job_id=job.pk, now=timezone.now())
        now = timezone.now()
        carousel = fakes.settle_all(job, until=until).carousel
        seen.append(round((carousel.estimated_completion_time - now).total_seconds()))

    assert seen == [31, 28, 8]


@pytest.mark.usefixtures("_history")
def test_requeue_with_a_delay_is_estimated_from_then_on(user):
    job = factories.job(user, imageCount=4)
    queue.cancel(job_id=job.pk, by="test", now=START)

    again = queue.requeue(job_id=job.pk, by="test", now=START, delay=timedelta(minutes=5))

    assert again.carousel.estimated_completion_time == START + timedelta(minutes=5, seconds=31)


def test_history_is_read_once_for_a_while(db, django_assert_num_queries):
    with django_assert_num_queries(1):
        estimates.memory.recall()
        estimates.memory.recall()


@pytest.mark.usefixtures("_history")
def test_what_waits_is_counted_once_a_second(django_assert_num_queries):
    estimates.memory.recall()

    with django_assert_num_queries(1):
        assert [estimates.memory.recall_backlog(1) for _ in range(3)] == [0.0] * 3
