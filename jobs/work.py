"""The slow part of each step, done outside any transaction, and what it leaves to be recorded.

`do` returns an Outcome, whose `record` runs later inside the step's transaction, or raises Unfinished.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from django.db import connection
from django.utils import timezone

from carousels import authoring, composing, files
from carousels.brief import Brief
from carousels.models import Carousel
from carousels.providers import chosen
from carousels.providers.base import ImageRequest, ProviderError, Strategy, Usage
from jobs import endings, failures
from jobs.models import GenerationJob, JobStep, ProviderCall
from jobs.states import StepKind

FINALIZE_TIMEOUT = 120  # seconds
MEDIA_SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


class Outcome(Protocol):
    def record(self, job: GenerationJob, now: datetime) -> None: ...


def do(step: JobStep) -> Outcome:
    try:
        return WORK[StepKind(step.kind)](step)
    except ProviderError as error:
        raise failures.of_provider(error) from error
    except composing.PreflightFailed as error:
        raise failures.of_preflight(error) from error


def timeout_of(step: JobStep) -> float:
    """Seconds the slow part may take."""
    if step.kind == StepKind.FINALIZE:
        return FINALIZE_TIMEOUT
    return (chosen.text() if step.kind == StepKind.STRATEGY else chosen.image()).timeout


def author_of(job: GenerationJob) -> str:
    """How a carousel names the job its words come from."""
    return f"job:{job.pk}"


def painted_slides(job: GenerationJob) -> set[int]:
    """Numbers of the slides whose picture an earlier run made: they are never made again."""
    return set(job.carousel.slides.exclude(art_key="").values_list("number", flat=True))


def release_pooled_connection() -> None:
    """Hold no connection during a call: held, 20 connections let only 20 of 300 calls run."""
    if connection.settings_dict["OPTIONS"].get("pool"):
        connection.close()


@dataclass(frozen=True)
class Call:
    """A provider's call that came back, to be recorded with the result it gave."""

    step: JobStep
    usage: Usage
    started_at: datetime
    finished_at: datetime

    def record(self) -> None:
        ProviderCall.objects.create(
            job_id=self.step.job_id,
            run=self.step.run,
            step_kind=self.step.kind,
            slide_number=self.step.slide_number,
            provider=self.usage.provider,
            model=self.usage.model,
            cost_usd=self.usage.cost_usd,
            started_at=self.started_at,
            finished_at=self.finished_at,
        )


@dataclass(frozen=True)
class Written:
    brief: Brief
    strategy: Strategy
    call: Call

    def record(self, job: GenerationJob, now: datetime) -> None:
        self.call.record()
        authoring.write_strategy(
            carousel_id=job.carousel_id,
            brief=self.brief,
            strategy=self.strategy,
            written_by=author_of(job),
            now=now,
        )


@dataclass(frozen=True)
class Painted:
    number: int
    key: str
    call: Call

    def record(self, job: GenerationJob, now: datetime) -> None:
        self.call.record()
        authoring.attach_art(carousel_id=job.carousel_id, number=self.number, key=self.key)


@dataclass(frozen=True)
class Finished:
    composition: composing.Composition

    def record(self, job: GenerationJob, now: datetime) -> None:
        endings.complete(job=job, composition=self.composition, now=now)


def write_strategy(step: JobStep) -> Written:
    brief = Brief.from_payload(step.job.payload)
    release_pooled_connection()
    started_at = timezone.now()
    strategy, usage = chosen.text().write_strategy(brief)
    if [slide.number for slide in strategy.slides] != list(range(1, brief.image_count + 1)):
        raise failures.incomplete()
    call = Call(step=step, usage=usage, started_at=started_at, finished_at=timezone.now())
    return Written(brief=brief, strategy=strategy, call=call)


def paint_slide(step: JobStep) -> Painted:
    carousel: Carousel = step.job.carousel
    slide = carousel.slides.get(number=step.slide_number)
    request = ImageRequest(
        prompt=slide.image_prompt,
        style=", ".join(Brief.from_payload(step.job.payload).styles),
        theme=carousel.theme,
        aspect_ratio=carousel.aspect_ratio,
        seed_text=carousel.title,
        number=slide.number,
        total=carousel.image_count,
    )
    release_pooled_connection()
    started_at = timezone.now()
    picture, usage = chosen.image().paint(request)
    call = Call(step=step, usage=usage, started_at=started_at, finished_at=timezone.now())
    name = f"art-{slide.number:02d}{MEDIA_SUFFIX[picture.media_type]}"
    key = files.store(carousel_id=carousel.pk, name=name, data=picture.data)
    return Painted(number=slide.number, key=key, call=call)


def finalize(step: JobStep) -> Finished:
    carousel: Carousel = step.job.carousel
    slides = list(carousel.slides.order_by("number"))
    return Finished(composition=composing.compose(carousel=carousel, slides=slides))


WORK = {
    StepKind.STRATEGY: write_strategy,
    StepKind.SLIDE: paint_slide,
    StepKind.FINALIZE: finalize,
}
