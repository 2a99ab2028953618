"""Every call to a model that came back is booked with its price, whatever became of its result."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import timezone

from carousels.brief import Brief
from carousels.providers.base import ProviderError, Remedy, Strategy, Usage
from jobs import pipeline, queue, work
from jobs.models import GenerationJob, JobStep, ProviderCall
from jobs.states import JobStatus, StepKind
from tests import factories
from tests.jobs import fakes

PRICE, WASTED = Decimal("0.01"), Decimal("0.50")


class ForgetfulText(fakes.FakeText):
    """Its first answer lacks the last slide."""

    def write_strategy(self, brief: Brief, **_) -> tuple[Strategy, Usage]:
        strategy, usage = super().write_strategy(brief)
        if len(self.requests) == 1:
            strategy = replace(strategy, slides=strategy.slides[:-1])
        return strategy, usage


def paid_failure(cost_usd: Decimal | None) -> ProviderError:
    usage = Usage(provider="fake", model="fake-text", cost_usd=cost_usd)
    return ProviderError("INVALID_ANSWER", "no JSON at all", remedy=Remedy.RETRY_NOW, usage=usage)


def work_off(job: GenerationJob) -> GenerationJob:
    """The first step once more after its first try gave nothing, then all the others."""
    pipeline.work_off(fakes.claimed(factories.queued_step(job)))
    fakes.wait_is_over(job)
    return fakes.settle_all(job)


def booked(job: GenerationJob) -> list[tuple]:
    calls = ProviderCall.objects.filter(job=job).order_by("pk")
    return list(calls.values_list("step_kind", "slide_number", "error_code", "cost_usd"))


def cost_of(job: GenerationJob) -> tuple[float, bool]:
    metadata = job.result["metadata"]
    return metadata["totalCost"], metadata["costComplete"]


def test_failed_call_with_a_price_is_booked_and_counted(user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(paid_failure(WASTED)))

    job = work_off(factories.started_job(user, imageCount=2))

    assert job.status == JobStatus.COMPLETED
    assert booked(job) == [
        (StepKind.STRATEGY, None, "INVALID_ANSWER", WASTED),
        (StepKind.STRATEGY, None, None, PRICE),
        (StepKind.SLIDE, 1, None, PRICE),
        (StepKind.SLIDE, 2, None, PRICE),
    ]
    assert cost_of(job) == (0.53, True)


def test_call_that_its_vendor_refused_is_booked_as_not_billed(user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.failure()))

    job = work_off(factories.started_job(user, imageCount=2))

    assert booked(job)[:2] == [
        (StepKind.STRATEGY, None, "PROVIDER_UNAVAILABLE", 0),
        (StepKind.STRATEGY, None, None, PRICE),
    ]
    assert cost_of(job) == (0.03, True)


def test_answer_that_cannot_be_used_is_booked(user, monkeypatch):
    fakes.choose(monkeypatch, text=ForgetfulText())

    job = work_off(factories.started_job(user, imageCount=2))

    assert [kind for kind, *_ in booked(job)] == [StepKind.STRATEGY] * 2 + [StepKind.SLIDE] * 2
    assert cost_of(job) == (0.04, True)


def test_call_of_a_worker_that_lost_its_step_is_booked_and_counted(user, monkeypatch):
    fakes.choose(monkeypatch)
    job = factories.started_job(user, imageCount=2)
    zombie = fakes.claimed(factories.queued_step(job))
    fakes.run_out(zombie)
    pipeline.release(step=JobStep.objects.get(pk=zombie.pk), now=timezone.now())

    pipeline.work_off(zombie)
    assert booked(job) == [(StepKind.STRATEGY, None, None, PRICE)]
    done = fakes.settle_all(job)

    assert len(booked(job)) == 4
    assert cost_of(done) == (0.04, True)


@pytest.mark.parametrize(
    "text",
    [lambda: fakes.FakeText(None, cost_usd=None), lambda: fakes.FakeText(paid_failure(None))],
    ids=["of a call that worked", "of a call that failed"],
)
def test_cost_is_incomplete_when_a_price_is_unknown(user, monkeypatch, text):
    provider = text()
    fakes.choose(monkeypatch, text=provider)
    job = factories.started_job(user, imageCount=2)

    done = work_off(job) if provider.failures[0] else fakes.settle_all(job)

    known = [cost for *_, cost in booked(job) if cost is not None]
    assert len(booked(job)) == len(known) + 1
    assert cost_of(done) == (float(sum(known)), False)


def test_picture_that_came_and_was_not_recorded_is_not_bought_again(user, monkeypatch):
    """Its worker died in between."""
    _, art = fakes.choose(monkeypatch)
    job = factories.started_job(user, imageCount=2)
    fakes.settle_all(job, until=StepKind.SLIDE)
    victim = fakes.claimed(factories.queued_step(job))
    came = work.do(victim)
    fakes.run_out(victim)
    pipeline.release(step=JobStep.objects.get(pk=victim.pk), now=timezone.now())

    done = fakes.settle_all(job)

    assert done.status == JobStatus.COMPLETED
    assert [request.number for request in art.requests] == [1, 2]
    slide = done.carousel.slides.get(number=1)
    assert (slide.art_key, slide.art_source) == (came.picture["key"], came.picture["source"])


def test_picture_that_came_while_its_job_was_cancelled_is_kept_for_a_requeue(user, monkeypatch):
    _, art = fakes.choose(monkeypatch)
    job = factories.started_job(user, imageCount=2)
    fakes.settle_all(job, until=StepKind.SLIDE)
    step = fakes.claimed(factories.queued_step(job))
    work.do(step)
    queue.cancel(job_id=job.pk, by="support", now=timezone.now())

    queue.requeue(job_id=job.pk, by="support", now=timezone.now())
    pipeline.start(job_id=job.pk, now=timezone.now())
    done = fakes.settle_all(job)

    assert done.status == JobStatus.COMPLETED
    assert [request.number for request in art.requests] == [1, 2]


def test_picture_that_cannot_be_opened_is_booked_and_asked_for_again(user, monkeypatch):
    class Broken(fakes.FakeArt):
        def paint(self, request, **_):
            picture, usage = super().paint(request)
            return (replace(picture, data=b"half") if len(self.requests) == 1 else picture), usage

    fakes.choose(monkeypatch, art=Broken())
    job = factories.started_job(user, imageCount=2)
    fakes.settle_all(job, until=StepKind.SLIDE)
    pipeline.work_off(fakes.claimed(factories.queued_step(job)))
    fakes.wait_is_over(job)

    done = fakes.settle_all(job)

    assert done.status == JobStatus.COMPLETED
    assert [kind for kind, *_ in booked(done)].count(StepKind.SLIDE) == 3
    assert cost_of(done) == (0.04, True)
