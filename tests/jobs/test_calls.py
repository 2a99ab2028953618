"""A call that cannot be made now: who else is asked, what was paid for already, who may try next."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.conf import settings as django_settings
from django.utils import timezone
from redis import Redis

from carousels.providers.base import Correction, Remedy, UnusableAnswer, Usage
from jobs import breaker, pipeline
from jobs.models import GenerationJob, JobStep, ProviderCall
from jobs.states import JobStatus, Queue, StepKind, StepStatus
from tests import factories
from tests.jobs import fakes


def cut_off(vendor: fakes.Fake) -> None:
    """It has failed again and again, and its pause is just over: the next call is its trial."""
    for _ in range(breaker.FAILURES_MOST):
        breaker.note_failure(vendor, fakes.failure())
    with Redis.from_url(django_settings.CELERY_BROKER_URL) as client:
        client.delete(f"provider:{vendor.name}:{vendor.model}:pause")


def fill(vendor: fakes.Fake, *, job: GenerationJob) -> None:
    """Somebody else's call has the place of the provider's only one."""
    now = timezone.now()
    ProviderCall.objects.create(
        job=job,
        run=1,
        step_kind=StepKind.STRATEGY,
        purpose="words",
        provider=vendor.name,
        model=vendor.model,
        started_at=now,
        expires_at=now + timedelta(minutes=1),
    )


def slide_of(user) -> JobStep:
    job = factories.started_job(user, imageCount=2)
    fakes.settle_all(job, until=StepKind.SLIDE)
    return factories.queued_step(job)


def work_off(step: JobStep) -> JobStep:
    pipeline.work_off(fakes.claimed(step))
    step.refresh_from_db()
    return step


def test_others_are_asked_while_a_call_tries_whether_the_first_choice_is_well(user, monkeypatch):
    first, second = fakes.FakeArt(name="first"), fakes.FakeArt(name="second")
    fakes.offer(monkeypatch, images=[first, second])
    cut_off(first)
    assert breaker.may_try(first)  # by another step, which waits for its answer

    step = work_off(slide_of(user))

    assert (step.status, len(first.requests), len(second.requests)) == (StepStatus.DONE, 0, 1)


@pytest.mark.parametrize(
    ("is_allowed", "seconds", "is_drawn_here"), [(1, 30, True), (1, 15, False), (0, 30, False)]
)
def test_art_stands_in_when_everybody_is_away_for_more_than_a_moment(
    user, monkeypatch, settings, is_allowed, seconds, is_drawn_here
):
    settings.OFFLINE_LAST_RESORT = bool(is_allowed)
    art = [fakes.FakeArt(name="first"), fakes.FakeArt(name="second")]
    fakes.offer(monkeypatch, images=art)
    for vendor, away in zip(art, (seconds, 3000), strict=True):
        error = fakes.failure("RATE_LIMITED", remedy=Remedy.RETRY_LATER, retry_after=away)
        breaker.note_failure(vendor, error)

    step = work_off(slide_of(user))
    if step.queue == Queue.RENDER:  # art is drawn by other workers than those that call
        step = work_off(step)

    assert [vendor.requests for vendor in art] == [[], []]
    assert step.status == (StepStatus.DONE if is_drawn_here else StepStatus.QUEUED)
    assert step.job.carousel.slides.get(number=step.slide_number).is_stand_in == is_drawn_here


@pytest.mark.parametrize(("others", "seconds"), [(["second"], 1), ([], 3000)])
def test_pause_of_one_provider_holds_up_only_who_can_ask_no_other(user, monkeypatch, others, seconds):
    busy = fakes.failure("RATE_LIMITED", remedy=Remedy.RETRY_LATER, retry_after=3000)
    first, *others = fakes.FakeArt(busy, name="first"), *(fakes.FakeArt(name=name) for name in others)
    fakes.offer(monkeypatch, images=[first, *others])
    slide, before = slide_of(user), timezone.now()

    step = work_off(slide)

    assert step.status == StepStatus.QUEUED
    assert seconds <= (step.not_before - before).total_seconds() <= seconds * 1.2 + 5
    if others:
        fakes.wait_is_over(step.job)
        step = work_off(step)
        assert (step.status, len(first.requests), len(others[0].requests)) == (StepStatus.DONE, 1, 1)


def test_only_provider_is_waited_for_while_a_call_tries_it(user, monkeypatch):
    _, art = fakes.choose(monkeypatch)
    cut_off(art)
    assert breaker.may_try(art)
    slide, before = slide_of(user), timezone.now()

    step = work_off(slide)

    assert (step.status, step.attempt, art.requests) == (StepStatus.QUEUED, 0, [])
    assert step.not_before - before < timedelta(seconds=10)


def test_step_follows_the_service_that_was_configured_since_it_was_planned(user, monkeypatch):
    fakes.choose(monkeypatch)
    slide, art = slide_of(user), fakes.FakeArt()
    art.queue = Queue.RENDER
    fakes.choose(monkeypatch, art=art)

    moved = work_off(slide)

    assert (moved.status, moved.queue, moved.attempt, art.requests) == ("queued", "render", 0, [])
    assert work_off(moved).status == StepStatus.DONE


def test_trial_that_finds_no_room_is_left_to_the_next(user, monkeypatch):
    _, art = fakes.choose(monkeypatch, art=fakes.FakeArt(concurrency=1))
    step = slide_of(user)
    cut_off(art)
    fill(art, job=step.job)

    step = work_off(step)

    assert (step.status, art.requests) == (StepStatus.QUEUED, [])
    assert breaker.may_try(art)


def test_answer_that_cannot_be_mended_for_want_of_room_is_a_try(user, monkeypatch):
    other = factories.job(factories.user())
    mend = Correction(answer="{}", faults=("slides: Field required",))
    wasted = UnusableAnswer("no slides", correction=mend, usage=Usage("fake", "fake-text", Decimal("0.02")))

    class Crowded(fakes.FakeText):
        def write_strategy(self, brief, **asked):
            fill(self, job=other)
            return super().write_strategy(brief, **asked)

    text = Crowded(*[wasted] * 99, concurrency=1)
    fakes.offer(monkeypatch, texts=[text])
    job = factories.started_job(user, imageCount=2)

    while (step := factories.queued_step(job)) and len(text.requests) < 9:
        ProviderCall.objects.filter(job=other).delete()
        fakes.wait_is_over(job)
        work_off(step)

    job.refresh_from_db()
    assert (job.status, job.error_code, len(text.requests)) == (JobStatus.FAILED, "INVALID_ANSWER", 4)
    assert factories.credits_of(user) == 10
