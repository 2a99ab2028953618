"""The chain from start to carousel, step by step in one process."""

from jobs.models import JobEvent
from jobs.states import JobStatus
from tests import factories


def test_job_worked_off_ends_completed_with_its_slides(user):
    job = factories.work_off(factories.job(user, imageCount=3))

    assert job.status == JobStatus.COMPLETED
    assert [slide["slideNumber"] for slide in job.result["slides"]] == [1, 2, 3]
    assert (job.carousel.progress_percent, job.carousel.progress_message) == (100, "Carousel ready!")


def test_progress_is_told_to_the_letter_and_never_goes_back(user):
    job = factories.work_off(factories.job(user, imageCount=3))

    events = JobEvent.objects.filter(job=job).order_by("sequence")
    told = [(event.data["percent"], event.data["message"]) for event in events]
    assert list(dict.fromkeys(told)) == [
        (0, "Queued for processing..."),
        (0, "Starting generation..."),
        (20, "Creating content strategy..."),
        (40, "Generating slide 1/3..."),
        (60, "Generating slide 2/3..."),
        (80, "Generating slide 3/3..."),
        (90, "Finalizing carousel..."),
        (100, "Carousel ready!"),
    ]
    assert told == sorted(told, key=lambda pair: pair[0])
