"""The slow part of each step, done outside any transaction, and what it leaves to be recorded.

`do` returns an Outcome, whose `record` runs later inside the step's transaction, or raises Unfinished.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from django.utils import timezone

from carousels import authoring, composing, files
from carousels.brief import Brief
from carousels.models import Carousel
from carousels.providers import chosen
from carousels.providers.base import ImageRequest, ProviderError, Strategy, Usage
from jobs import connections, endings, failures
from jobs.models import GenerationJob, JobStep, ProviderCall
from jobs.states import StepKind

FINALIZE_TIMEOUT = 120  # seconds
DRAWING_LIMIT = 150  # seconds after which a hung process of the render pool is killed
MEDIA_SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}

Value = TypeVar("Value")


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


@dataclass(frozen=True)
class Written:
    brief: Brief
    strategy: Strategy

    def record(self, job: GenerationJob, now: datetime) -> None:
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

    def record(self, job: GenerationJob, now: datetime) -> None:
        authoring.attach_art(carousel_id=job.carousel_id, number=self.number, key=self.key)


@dataclass(frozen=True)
class Finished:
    composition: composing.Composition

    def record(self, job: GenerationJob, now: datetime) -> None:
        endings.complete(job=job, composition=self.composition, now=now)


def write_strategy(step: JobStep) -> Written:
    brief = Brief.from_payload(step.job.payload)
    strategy = _call(step, lambda: chosen.text().write_strategy(brief))
    if [slide.number for slide in strategy.slides] != list(range(1, brief.image_count + 1)):
        raise failures.incomplete()
    return Written(brief=brief, strategy=strategy)


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
    picture = _call(step, lambda: chosen.image().paint(request))
    name = f"art-{slide.number:02d}{MEDIA_SUFFIX[picture.media_type]}"
    key = files.store(carousel_id=carousel.pk, name=name, data=picture.data)
    return Painted(number=slide.number, key=key)


def finalize(step: JobStep) -> Finished:
    carousel: Carousel = step.job.carousel
    slides = list(carousel.slides.order_by("number"))
    return Finished(composition=composing.compose(carousel=carousel, slides=slides))


def _call(step: JobStep, ask: Callable[[], tuple[Value, Usage]]) -> Value:
    """Make one call and book it at once, whatever becomes of its result: it is paid for."""
    connections.release_pooled()
    started_at = timezone.now()
    try:
        value, usage = ask()
    except ProviderError as error:
        if error.usage is not None:
            _book(step, error.usage, started_at=started_at, error_code=error.code)
        raise
    _book(step, usage, started_at=started_at)
    return value


def _book(step: JobStep, usage: Usage, *, started_at: datetime, error_code: str | None = None) -> None:
    ProviderCall.objects.create(
        job_id=step.job_id,
        run=step.run,
        step_kind=step.kind,
        slide_number=step.slide_number,
        provider=usage.provider,
        model=usage.model,
        cost_usd=usage.cost_usd,
        error_code=error_code,
        started_at=started_at,
        finished_at=timezone.now(),
    )


WORK = {
    StepKind.STRATEGY: write_strategy,
    StepKind.SLIDE: paint_slide,
    StepKind.FINALIZE: finalize,
}
