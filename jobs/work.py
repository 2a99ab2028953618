"""The slow part of each step, done outside any transaction, and what it leaves to be recorded.

`do` returns an Outcome, whose `record` runs later inside the step's transaction, or raises Unfinished.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

from carousels import authoring, composing, files
from carousels.brief import Brief, InvalidBrief
from carousels.models import Carousel, Slide
from carousels.providers.base import ImageRequest, Picture, ProviderError, Strategy
from carousels.revision import InvalidRevision, Redraw, Revision
from jobs import endings, failures, makers, reservations, routing, steps
from jobs.models import GenerationJob, JobStep
from jobs.reservations import OverCeiling
from jobs.states import JobType, StepKind

MEDIA_SUFFIX = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}

logger = logging.getLogger(__name__)

Asked = TypeVar("Asked", Brief, Revision, Redraw)


class Outcome(Protocol):
    """`news`: what its step's event tells besides the progress."""

    news: Mapping[str, Any]

    def record(self, job: GenerationJob, now: datetime) -> None: ...


def do(step: JobStep) -> Outcome:
    try:
        return WORK[StepKind(step.kind)](step)
    except ProviderError as error:
        raise failures.of_provider(error, has_others=len(makers.providers_of(step)) > 1) from error
    except OverCeiling as error:
        raise failures.over_ceiling(error.of) from error
    except InvalidRevision as error:
        raise failures.invalid_payload(error) from error
    except composing.PreflightFailed as error:
        raise failures.of_preflight(error) from error
    except composing.Undrawable as error:
        logger.warning("%s: %s", step, error)
        raise failures.undrawable() from error


def read(kind: type[Asked], job: GenerationJob) -> Asked:
    """The job's payload as the value its type asks for; it may have been inserted past the API."""
    try:
        return kind.from_payload(job.payload)
    except (InvalidBrief, InvalidRevision) as error:
        raise failures.invalid_payload(error) from error


def author_of(job: GenerationJob) -> str:
    """How a carousel names the job its words come from."""
    return f"job:{job.pk}"


@dataclass(frozen=True)
class Written:
    """`repairs`: which words were changed so that they can be set."""

    brief: Brief
    strategy: Strategy
    repairs: list[dict[str, Any]]
    news = {}

    def record(self, job: GenerationJob, now: datetime) -> None:
        authoring.write_strategy(
            carousel_id=job.carousel_id,
            brief=self.brief,
            strategy=self.strategy,
            repairs=self.repairs,
            written_by=author_of(job),
            now=now,
        )
        if job.job_type == JobType.STRATEGY:
            endings.complete_words(job=job, now=now)


@dataclass(frozen=True)
class Painted:
    step: JobStep
    picture: dict[str, Any]  # image_prompt, key, source
    preview_key: str

    @property
    def news(self) -> dict[str, Any]:
        return {"previewKey": self.preview_key}

    def record(self, job: GenerationJob, now: datetime) -> None:
        """A picture made again waits with its step: a finished carousel shows it once its page is set."""
        if job.is_rework:
            steps.keep(step=self.step, result=self.picture)
        else:
            authoring.attach_art(carousel_id=job.carousel_id, number=self.step.slide_number, **self.picture)


@dataclass(frozen=True)
class Finished:
    """`revised`: the slides of a render, changed in memory along with their carousel.

    `redrawn`: number and new picture of the slide that an image job is about.
    """

    composition: composing.Composition
    revised: tuple[Slide, ...] = ()
    redrawn: tuple[int, dict[str, Any]] | None = None
    news = {}

    def record(self, job: GenerationJob, now: datetime) -> None:
        if self.revised:
            authoring.revise(carousel=self.revised[0].carousel, slides=self.revised, now=now)
            job.refresh_from_db(fields=["carousel"])  # what was read before is what it was
        if self.redrawn:
            number, picture = self.redrawn
            authoring.attach_art(carousel_id=job.carousel_id, number=number, **picture)
        endings.complete(job=job, composition=self.composition, now=now)


def write_strategy(step: JobStep) -> Written:
    brief = read(Brief, step.job)
    said = (brief.prompt, brief.audience, brief.purpose, brief.tone, *brief.key_points, *brief.styles)
    makers.moderate(step, *said)
    strategy = makers.write(step, brief)
    if [slide.number for slide in strategy.slides] != list(range(1, brief.image_count + 1)):
        raise failures.incomplete()
    strategy, repairs = composing.proofread(carousel=step.job.carousel, brief=brief, strategy=strategy)
    return Written(brief=brief, strategy=strategy, repairs=repairs)


def paint_slide(step: JobStep) -> Painted:
    """A picture that came in an earlier try, and was not recorded, is not bought again."""
    kept = reservations.result_of(step) if step.attempt > 1 or step.run > 1 else None
    if kept is None:
        if step.job.is_rework:
            makers.moderate(step, read(Redraw, step.job).image_prompt)  # the creator's own, if there is one
        request = _request_of(step)
        kept = makers.paint(step, request, keep=partial(_keep, step, request))
    return Painted(step, **kept)


def _keep(step: JobStep, request: ImageRequest, picture: Picture, by: dict[str, Any]) -> dict[str, Any]:
    """Painted's values, as JSON, once the files are written.

    A preview that cannot be made is a failed try, as a picture that cannot be opened: composing would
    fail on it too.
    """
    preview = composing.make_preview(picture.data, aspect_ratio=request.aspect_ratio)
    suffix = MEDIA_SUFFIX[picture.media_type]
    return {
        "picture": {
            "image_prompt": request.prompt,
            "key": _store(step, f"art-{request.number:02d}{suffix}", picture.data),
            "source": by | _source_of(picture, request),
        },
        "preview_key": _store(step, f"preview-{request.number:02d}.jpg", preview),
    }


def _store(step: JobStep, name: str, data: bytes) -> str:
    return files.store(carousel_id=step.job.carousel_id, name=name, data=data)


def _request_of(step: JobStep) -> ImageRequest:
    """What the slide's picture is asked for with.

    One made again has a seed of its own: art of ours would be the same once more.
    """
    job = step.job
    carousel: Carousel = job.carousel
    written = carousel.slides.values_list("image_prompt", flat=True)
    asked = read(Redraw if job.is_rework else Brief, job)
    return ImageRequest(
        prompt=(asked.image_prompt if job.is_rework else None) or written.get(number=step.slide_number),
        style=", ".join(asked.styles),
        theme=carousel.theme,
        palette=carousel.palette,
        colors=tuple(carousel.brand.get("colors", ())),
        aspect_ratio=carousel.aspect_ratio,
        seed_text=f"{carousel.title} {job.pk}" if job.is_rework else carousel.title,
        number=step.slide_number,
        total=carousel.image_count,
        quality=routing.policy().quality,
    )


def _source_of(picture: Picture, request: ImageRequest) -> dict[str, Any]:
    """Where a picture came from; art of ours can be drawn again for another ratio or look."""
    source = {"prompt": picture.revised_prompt or request.prompt, "isPhoto": picture.is_photo}
    return source if picture.is_photo else source | composing.source_of_drawn(request)


def finalize(step: JobStep) -> Finished:
    job = step.job
    carousel: Carousel = job.carousel
    slides = tuple(carousel.slides.order_by("number"))
    revised, redrawn = (), None
    if job.job_type == JobType.RENDER:
        read(Revision, job).apply(carousel=carousel, slides=slides)
        revised = slides
    elif job.job_type == JobType.IMAGE:
        redrawn = _redraw(job, slides)
    composition = composing.compose(carousel=carousel, slides=slides)
    return Finished(composition=composition, revised=revised, redrawn=redrawn)


def _redraw(job: GenerationJob, slides: Sequence[Slide]) -> tuple[int, dict[str, Any]]:
    """Give the slide, in memory, the picture that was made again."""
    number, picture = read(Redraw, job).slide_number, steps.painted_again(job)
    slide = next(slide for slide in slides if slide.number == number)
    slide.art_key, slide.art_source = picture["key"], picture["source"]
    return number, picture


WORK = {
    StepKind.STRATEGY: write_strategy,
    StepKind.SLIDE: paint_slide,
    StepKind.FINALIZE: finalize,
}
