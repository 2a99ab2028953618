"""Models at the system's edge that do what a test says, and the steps of a job done by hand.

A fake is handed out by `carousels.providers.chosen`, where the product asks for a provider.
"""

import base64
from collections.abc import Sequence
from decimal import Decimal

from django.utils import timezone

from carousels.authoring import FinishedSlide
from carousels.brief import Brief
from carousels.composing import Composition
from carousels.providers import chosen
from carousels.providers.base import (
    Correction,
    ImageRequest,
    Picture,
    ProviderError,
    Remedy,
    SlidePlan,
    Strategy,
    Usage,
)
from jobs import breaker, pipeline, work
from jobs.models import GenerationJob, JobStep
from jobs.states import StepKind, StepStatus

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def failure(
    code: str = "PROVIDER_UNAVAILABLE",
    *,
    remedy: Remedy = Remedy.RETRY_NOW,
    retry_after: float | None = None,
    is_cut_off: bool = False,
) -> ProviderError:
    return ProviderError(
        code, "the operator's words", remedy=remedy, retry_after=retry_after, is_cut_off=is_cut_off
    )


def refusal(code: str = "PROVIDER_UNAVAILABLE") -> ProviderError:
    """A failure that no other try can mend."""
    return failure(code, remedy=Remedy.GIVE_UP)


def strategy_for(brief: Brief) -> Strategy:
    slides = tuple(
        SlidePlan(
            number=number,
            kind="point",
            title=f"Point {number}",
            caption=f"Caption {number}",
            image_prompt=f"A picture of {number}",
            alt_text=f"Picture {number}",
        )
        for number in range(1, brief.image_count + 1)
    )
    return Strategy(
        title=brief.prompt,
        slides=slides,
        final_caption="That was it.",
        hashtags=("#one",),
        visual_theme="aurora",
        language="en",
    )


class Fake:
    """Answers with what it was given, one after the other, then as a provider that works."""

    timeout, queue = 5.0, "ai"

    def __init__(
        self,
        *failures: Exception | None,
        name: str = "fake",
        cost_usd: Decimal | None = Decimal("0.01"),
        max_retries: int = 3,
        concurrency: int | None = None,
    ) -> None:
        self.name, self.max_retries, self.concurrency = name, max_retries, concurrency
        self.failures = list(failures)
        self.requests: list = []
        self.corrections: list[Correction | None] = []
        self.usage = Usage(provider=self.name, model=self.model, cost_usd=cost_usd)

    def expected_cost(self, _) -> Decimal | None:
        return self.usage.cost_usd

    def require_model(self) -> None:
        """It is here."""

    def hear(self, request) -> None:
        self.requests.append(request)
        failure = self.failures.pop(0) if self.failures else None
        if failure is not None:
            raise failure


class FakeText(Fake):
    model = "fake-text"

    def write_strategy(
        self, brief: Brief, *, end_user: str = "", correction: Correction | None = None
    ) -> tuple[Strategy, Usage]:
        self.hear(brief)
        self.corrections.append(correction)
        return strategy_for(brief), self.usage


class FakeArt(Fake):
    model = "fake-art"

    def paint(self, request: ImageRequest, *, end_user: str = "") -> tuple[Picture, Usage]:
        self.hear(request)
        return Picture(data=PIXEL, media_type="image/png"), self.usage


class FakeModerator(Fake):
    model = "fake-moderation"

    def __init__(self, *failures: Exception | None, categories: tuple[str, ...] = ()) -> None:
        super().__init__(*failures, cost_usd=Decimal(0))
        self.categories = categories

    def check(self, text: str) -> tuple[tuple[str, ...], Usage]:
        self.hear(text)
        return self.categories, self.usage


def choose(monkeypatch, *, text: Fake | None = None, art: Fake | None = None) -> tuple[Fake, Fake]:
    """Let the product find these providers, both working unless a test says otherwise."""
    text, art = text or FakeText(), art or FakeArt()
    offer(monkeypatch, texts=[text], images=[art])
    return text, art


def offer(
    monkeypatch,
    *,
    texts: Sequence["FakeText"] = (),
    images: Sequence["FakeArt"] = (),
    moderator: "FakeModerator | None" = None,
) -> None:
    """Several at once, in the operator's order."""
    texts, images = tuple(texts) or (FakeText(),), tuple(images) or (FakeArt(),)
    # Whatever earlier tests' fakes of these names met.
    breaker.reset([*texts, *images, *([moderator] if moderator else [])])
    monkeypatch.setattr(chosen, "texts", lambda rehearsal=None: texts)
    monkeypatch.setattr(chosen, "images", lambda rehearsal=None: images)
    monkeypatch.setattr(chosen, "moderator", lambda: moderator)


def steps_of(job: GenerationJob, *, kind: StepKind | None = None) -> list[JobStep]:
    steps = JobStep.objects.filter(job=job).order_by("run", "pk")
    return list(
        steps.filter(run=GenerationJob.objects.get(pk=job.pk).run, **({"kind": kind} if kind else {}))
    )


def claimed(step: JobStep) -> JobStep:
    found = pipeline.claim(step_id=step.pk)
    assert found is not None, f"{step} could not be claimed"
    return found


def outcome_of(step: JobStep) -> work.Outcome:
    """The slow part, except for setting the type: its files are named, not made."""
    if step.kind != StepKind.FINALIZE:
        return work.do(step)
    slides: Sequence[FinishedSlide] = [
        FinishedSlide(
            number=slide.number,
            image_key=f"{slide.number}.png",
            jpeg_key=f"{slide.number}.jpg",
            thumbnail_key=f"{slide.number}-small.jpg",
        )
        for slide in step.job.carousel.slides.order_by("number")
    ]
    return work.Finished(Composition(slides=tuple(slides), pdf_key="all.pdf", verdict={"passed": True}))


def settle(step: JobStep) -> None:
    """Claim a queued step, do it and record it."""
    mine = claimed(step)
    pipeline.record_done(step=mine, outcome=outcome_of(mine), now=timezone.now())


def settle_all(job: GenerationJob, *, until: StepKind | None = None) -> GenerationJob:
    """Settle what is queued, wave by wave, stopping before a step of kind `until`."""
    while queued := [step for step in steps_of(job) if step.status == StepStatus.QUEUED]:
        if queued[0].kind == until:
            break
        settle(queued[0])
    return GenerationJob.objects.select_related("carousel", "user").get(pk=job.pk)


def run_out(step: JobStep) -> None:
    """Let the worker that holds a step look dead."""
    JobStep.objects.filter(pk=step.pk, status=StepStatus.RUNNING).update(
        lease_until=timezone.now() - pipeline.steps.LEASE
    )


def wait_is_over(job: GenerationJob) -> None:
    """Put a step's pause behind us."""
    JobStep.objects.filter(job=job, status=StepStatus.QUEUED).update(not_before=None)
