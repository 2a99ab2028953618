"""Words and pictures by several providers: fallback, repair, moderation, and art that stands in."""

from decimal import Decimal

import pytest

from carousels.providers.base import Correction, Remedy, UnusableAnswer, Usage
from jobs import makers, pipeline, reworks
from jobs.models import GenerationJob, JobEvent, ProviderCall
from jobs.states import JobStatus, StepKind
from tests import factories
from tests.jobs import fakes

WASTED = Usage("fake", "fake-text", Decimal("0.02"))


def calls_of(job: GenerationJob) -> list[tuple]:
    rows = ProviderCall.objects.filter(job=job).order_by("pk")
    return list(rows.values_list("purpose", "provider", "outcome", "error_code"))


def run(job: GenerationJob) -> GenerationJob:
    """Every step until the job ends, pauses left out."""
    pipeline.start(job_id=job.pk, now=fakes.timezone.now())
    while step := factories.queued_step(GenerationJob.objects.get(pk=job.pk)):
        fakes.wait_is_over(job)
        claimed = fakes.claimed(step)
        if claimed.kind == StepKind.FINALIZE:
            pipeline.record_done(step=claimed, outcome=fakes.outcome_of(claimed), now=fakes.timezone.now())
        else:
            pipeline.work_off(claimed)
    return GenerationJob.objects.select_related("carousel").get(pk=job.pk)


def declined(code: str = "PROVIDER_REFUSED"):
    return fakes.failure(code, remedy=Remedy.ELSEWHERE)


def test_other_provider_does_what_the_first_declines_for_good(user, monkeypatch):
    first, second = fakes.FakeText(declined(), name="first"), fakes.FakeText(name="second")
    fakes.offer(monkeypatch, texts=[first, second])

    job = run(factories.job(user, imageCount=2))

    assert job.status == JobStatus.COMPLETED
    assert calls_of(job)[:2] == [
        ("words", "first", "failed", "PROVIDER_REFUSED"),
        ("words", "second", "ok", None),
    ]
    assert (len(first.requests), len(second.requests)) == (1, 1)


def test_job_fails_and_is_paid_back_when_every_provider_has_declined(user, monkeypatch):
    art = [fakes.FakeArt(*[declined()] * 9, name=name) for name in ("first", "second")]
    fakes.offer(monkeypatch, images=art)

    job = run(factories.job(user, imageCount=2))

    assert (job.status, job.error_code) == (JobStatus.FAILED, "PROVIDER_REFUSED")
    assert factories.credits_of(user) == 10
    assert not job.carousel.slides.exclude(art_key="").exists()


def test_answer_that_is_no_strategy_is_sent_back_once_to_be_mended(user, monkeypatch):
    mend = Correction(answer="{}", faults=("slides: Field required",))
    text = fakes.FakeText(UnusableAnswer("no slides", correction=mend, usage=WASTED))
    fakes.offer(monkeypatch, texts=[text])

    job = run(factories.job(user, imageCount=2))

    assert job.status == JobStatus.COMPLETED
    assert text.corrections == [mend]
    assert calls_of(job)[:2] == [("words", "fake", "failed", "INVALID_ANSWER"), ("words", "fake", "ok", None)]
    assert job.retry_count == 0
    assert job.result["metadata"]["totalCost"] == 0.05


def test_answer_that_stays_unusable_is_a_failed_try(user, monkeypatch):
    mend = Correction(is_truncated=True)
    text = fakes.FakeText(*[UnusableAnswer("cut", correction=mend, usage=WASTED)] * 8)
    fakes.offer(monkeypatch, texts=[text])

    job = run(factories.job(user, imageCount=2))

    assert (job.status, job.error_code, len(text.requests)) == (JobStatus.FAILED, "INVALID_ANSWER", 8)
    assert factories.credits_of(user) == 10


def test_forbidden_content_is_declined_before_anything_is_written(user, monkeypatch):
    moderator, text = fakes.FakeModerator(categories=("violence",)), fakes.FakeText()
    fakes.offer(monkeypatch, texts=[text], moderator=moderator)

    said = {"keyPoints": ["with a knife"], "audience": "bullies", "tone": "cruel", "styles": ["gore"]}
    job = run(factories.job(user, prompt="How to hurt somebody badly", **said))

    assert (job.status, job.error_code) == (JobStatus.FAILED, "CONTENT_REJECTED")
    assert job.error_message == "This request was declined by the content policy. Please rephrase it."
    asked = "How to hurt somebody badly\nbullies\ncruel\nwith a knife\ngore"
    assert (len(text.requests), moderator.requests) == (0, [asked])
    assert calls_of(job) == [("moderation", "fake", "ok", None)]
    assert factories.credits_of(user) == 10
    assert "violence" not in str(list(JobEvent.objects.filter(job=job).values()))


def test_drugstore_passes(user, monkeypatch):
    fakes.offer(monkeypatch, moderator=fakes.FakeModerator())

    assert run(factories.job(user, prompt="5 drugstore finds worth it")).status == JobStatus.COMPLETED


def test_moderator_that_does_not_answer_stops_nobody(user, monkeypatch):
    fakes.offer(monkeypatch, moderator=fakes.FakeModerator(fakes.failure()))

    job = run(factories.job(user, imageCount=2))

    assert job.status == JobStatus.COMPLETED
    assert calls_of(job)[0] == ("moderation", "fake", "failed", "PROVIDER_UNAVAILABLE")


def test_art_stands_in_only_where_the_operator_allows_it(user, monkeypatch, settings):
    settings.OFFLINE_LAST_RESORT = True
    fakes.offer(monkeypatch, images=[fakes.FakeArt(None, declined(), name="vendor")])

    job = run(factories.job(user, imageCount=2))

    assert job.status == JobStatus.COMPLETED
    sources = list(job.carousel.slides.order_by("number").values_list("art_source", flat=True))
    assert [(source["provider"], source.get("isStandIn")) for source in sources] == [
        ("vendor", None),
        ("offline", True),
    ]
    assert [slide["isStandIn"] for slide in job.result["slides"]] == [False, True]


def test_last_try_is_the_last_resort_s(user, monkeypatch, settings):
    settings.OFFLINE_LAST_RESORT = True
    vendor = fakes.FakeArt(*[fakes.failure("INVALID_ANSWER")] * 9, name="vendor")
    fakes.offer(monkeypatch, images=[vendor])

    job = run(factories.job(user, imageCount=2))

    assert (job.status, len(vendor.requests)) == (JobStatus.COMPLETED, 6)


def test_what_does_not_fit_under_the_ceiling_is_drawn_here(user, monkeypatch, settings):
    settings.OFFLINE_LAST_RESORT = True
    settings.COST_CEILING_JOB_USD = Decimal("0.02")  # the words and one picture
    vendor = fakes.FakeArt(name="vendor")
    fakes.offer(monkeypatch, images=[vendor])

    job = run(factories.job(user, imageCount=3))

    assert (job.status, len(vendor.requests)) == (JobStatus.COMPLETED, 1)
    assert [slide["isStandIn"] for slide in job.result["slides"]] == [False, True, True]


def test_premium_asks_for_pictures_of_high_quality(user, monkeypatch, settings):
    settings.AI_POLICY = "premium"
    _, art = fakes.choose(monkeypatch)

    run(factories.job(user, imageCount=2))

    assert {request.quality for request in art.requests} == {"hd"}


@pytest.mark.parametrize("kind", [StepKind.STRATEGY, StepKind.SLIDE])
def test_step_may_be_held_as_long_as_its_calls_may_take(user, monkeypatch, kind):
    text, moderator = fakes.FakeText(), fakes.FakeModerator()
    text.timeout, moderator.timeout = 70.0, 10.0
    fakes.offer(monkeypatch, texts=[text], moderator=moderator)
    job = factories.started_job(user, imageCount=2)
    if kind == StepKind.SLIDE:
        fakes.settle_all(job, until=StepKind.SLIDE)

    timeout = makers.timeout_of(fakes.steps_of(job, kind=kind)[0])

    assert timeout == (150 if kind == StepKind.STRATEGY else 70)


def test_prompt_of_a_picture_made_again_is_moderated_before_it_is_painted(user, monkeypatch):
    moderator, art = fakes.FakeModerator(), fakes.FakeArt()
    fakes.offer(monkeypatch, images=[art], moderator=moderator)
    made = run(factories.job(user, imageCount=2))
    moderator.categories = ("violence",)
    asked = {"slideNumber": 1, "imagePrompt": "A man who is hurt"}

    again = reworks.redraw(
        user=user, carousel_id=made.carousel_id, payload=asked, now=fakes.timezone.now()
    ).job
    done = run(again)

    assert (done.status, done.error_code) == (JobStatus.FAILED, "CONTENT_REJECTED")
    assert moderator.requests[-1] == "A man who is hurt"
    assert len(art.requests) == 2
    assert done.carousel.is_finished
