"""What a run has to do, by its job's type, less what an earlier run of the job has made."""

from collections.abc import Iterable

from carousels.brief import Brief
from carousels.revision import Redraw, Revision
from jobs import failures, steps, work
from jobs.models import GenerationJob
from jobs.states import JobType, StepKind

Work = list[tuple[StepKind, int | None]]

STRATEGY, FINALIZE = (StepKind.STRATEGY, None), (StepKind.FINALIZE, None)


def work_of(job: GenerationJob) -> Work:
    """Kind and slide number of each step, in the order of the chain. Unfinished when nothing can be made."""
    match job.job_type:
        case JobType.CAROUSEL:
            return _carousel(job)
        case JobType.STRATEGY:
            work.read(Brief, job)
            return [STRATEGY]
        case JobType.IMAGE:
            return _image(job)
        case JobType.RENDER:
            work.read(Revision, job)
            _require_finished(job)
            return [FINALIZE]


def pictures_of(job: GenerationJob) -> int:
    """How many pictures this job's progress counts. Of a rework's payload nobody has checked anything."""
    if job.job_type == JobType.IMAGE:
        return 1
    asked = None if job.is_rework else job.payload.get("imageCount")
    return asked or job.carousel.image_count


def _carousel(job: GenerationJob) -> Work:
    count = work.read(Brief, job).image_count
    if job.carousel.written_by != work.author_of(job):
        return [STRATEGY, *_slides(range(1, count + 1)), FINALIZE]
    painted = set(job.carousel.slides.exclude(art_key="").values_list("number", flat=True))
    return [*_slides(number for number in range(1, count + 1) if number not in painted), FINALIZE]


def _image(job: GenerationJob) -> Work:
    number = work.read(Redraw, job).slide_number
    _require_finished(job)
    if not job.carousel.slides.filter(number=number).exists():
        raise failures.no_such_slide()
    return [FINALIZE] if steps.painted_again(job) else [*_slides([number]), FINALIZE]


def _slides(numbers: Iterable[int]) -> Work:
    return [(StepKind.SLIDE, number) for number in numbers]


def _require_finished(job: GenerationJob) -> None:
    if not job.carousel.is_finished:
        raise failures.not_finished()
