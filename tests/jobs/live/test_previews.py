"""While a carousel is made, its pictures can be seen small; the pictures themselves never leave."""

import io
import json
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from PIL import Image

from carousels import files
from carousels.models import Slide
from jobs import pipeline, queue, tasks
from jobs.models import GenerationJob, JobEvent, JobStep
from jobs.states import StepKind, StepStatus
from tests import factories
from tests.jobs import fakes
from tests.jobs.live import streams
from tests.jobs.live.streams import address_of, polled


@pytest.fixture
def fake(monkeypatch):
    return fakes.choose(monkeypatch)


def painted_job(user, **brief) -> GenerationJob:
    """All its pictures are there, and nothing is composed yet."""
    return fakes.settle_all(factories.started_job(user, **brief), until=StepKind.FINALIZE)


def addresses_in(events: list[dict]) -> list[str]:
    return [event["data"]["previewUrl"] for event in events if "previewUrl" in event["data"]]


def load(address: str) -> bytes:
    parts = urlsplit(address)
    return Client().get(f"{parts.path}?{parts.query}").getvalue()


@pytest.mark.parametrize(("ratio", "size"), [("1:1", (540, 540)), ("4:5", (432, 540)), ("9:16", (304, 540))])
def test_preview_of_each_slide_loads_without_a_header_and_is_small(fake, user, ratio, size):
    job = painted_job(user, imageCount=2, aspectRatio=ratio)

    events = polled(job)

    done = [event for event in events if (event["step"], event["to"]) == ("slide", "done")]
    pictures = [Image.open(io.BytesIO(load(address))) for address in addresses_in(done)]
    assert [event["slideNumber"] for event in done] == [1, 2]
    assert [(picture.format, picture.size) for picture in pictures] == [("JPEG", size)] * 2
    assert addresses_in(events) == addresses_in(done)


@pytest.mark.django_db(transaction=True)
def test_stream_tells_the_same_previews_as_polling(fake, user):
    job = factories.job(user, imageCount=2)

    with streams.running() as site:
        visit = site.open(address_of(job))
        visit.next()
        pipeline.start(job_id=job.pk, now=timezone.now())
        fakes.settle_all(job)
        told = addresses_in([event.data for event in visit.rest()])

    assert [bare(address) for address in told] == [bare(address) for address in addresses_in(polled(job))]
    assert told[0].startswith("http://testserver/api/files/carousels/")
    assert [load(address)[:2] for address in told] == [b"\xff\xd8"] * 2


def bare(address: str) -> str:
    return address.partition("?")[0]


def test_art_and_keys_never_leave_with_the_events(fake, user):
    job = painted_job(user)
    queue.cancel(job_id=job.pk, by="test", now=timezone.now())

    text = json.dumps(polled(job))

    assert "previewKey" not in text
    assert "/art-" not in text
    assert [key for key in Slide.objects.values_list("art_key", flat=True) if not key or key in text] == []


def test_signature_of_a_preview_opens_no_art(fake, user):
    job = painted_job(user)
    art_key = job.carousel.slides.get(number=1).art_key
    signature = addresses_in(polled(job))[0].partition("?")[2]

    assert Client().get(f"/api/files/{art_key}?{signature}").status_code == 403


def test_preview_that_cannot_be_stored_is_a_failed_try_and_said_so(fake, user, monkeypatch, caplog):
    job = factories.started_job(user)
    step = fakes.steps_of(fakes.settle_all(job, until=StepKind.SLIDE), kind=StepKind.SLIDE)[0]
    store = files.store

    def full_disk(*, name, **file):
        if name.startswith("preview"):
            raise OSError("No space left on device")
        return store(name=name, **file)

    monkeypatch.setattr(files, "store", full_disk)
    tasks.paint_slide(step_id=step.pk)

    step = JobStep.objects.get(pk=step.pk)
    last = JobEvent.objects.filter(job=job).latest("sequence")
    assert (step.status, step.attempt, last.reason) == (StepStatus.QUEUED, 1, "INTERNAL_ERROR")
    assert "No space left on device" in caplog.text
