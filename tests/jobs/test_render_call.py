"""POST /api/carousel/{id}/render: the same pictures in another ratio, look or words, without a credit."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.utils import timezone
from PIL import Image

from carousels import composing, files
from carousels.models import Carousel, Slide
from jobs import pipeline, queue
from jobs.models import GenerationJob, JobEvent, JobStep, ProviderCall
from tests import factories
from tests.conftest import api_of
from tests.jobs import fakes
from tests.rest.world import body_of, snapshot


def url(carousel_id) -> str:
    return f"/api/carousel/{carousel_id}/render"


@pytest.fixture
def finished(user):
    """A completed carousel of two slides, 4:5."""
    return factories.work_off(factories.job(user, imageCount=2, styles=["paper"])).carousel


def rendered(api, carousel, **changes) -> GenerationJob:
    body = body_of(api.post(url(carousel.pk), changes, format="json"))
    assert body["success"], body
    return factories.work_off(GenerationJob.objects.get(pk=body["data"]["jobId"]))


def size_of(key: str) -> tuple[int, int]:
    return Image.open(BytesIO(files.read(key))).size


def test_render_sets_the_carousel_in_another_ratio_without_a_call_or_a_credit(api, user, finished):
    before, calls = snapshot(), ProviderCall.objects.count()

    job = rendered(api, finished, aspectRatio="9:16")

    finished.refresh_from_db()
    assert (job.job_type, job.status) == ("render", "completed")
    assert (finished.status, finished.aspect_ratio, finished.progress_percent) == ("completed", "9:16", 100)
    assert [size_of(slide.image_key) for slide in finished.slides.all()] == [(1080, 1920)] * 2
    assert [size_of(slide["jpegKey"]) for slide in job.result["slides"]] == [(1080, 1920)] * 2
    assert job.result["aspectRatio"] == "9:16"
    assert [step.kind for step in JobStep.objects.filter(job=job)] == ["finalize"]
    assert (snapshot()["credits"], snapshot()["used"]) == (before["credits"], before["used"])
    assert ProviderCall.objects.count() == calls


def test_render_keeps_what_the_first_job_answered(api, user, finished):
    first = GenerationJob.objects.get(carousel=finished)

    rendered(api, finished, aspectRatio="1:1")

    first.refresh_from_db()
    assert [size_of(slide["imageKey"]) for slide in first.result["slides"]] == [(1080, 1350)] * 2


def test_render_changes_words_and_theme(api, finished):
    job = rendered(
        api,
        finished,
        theme="topo",
        slides=[{"slideNumber": 2, "title": "Ask for *more*", "caption": "", "button": "Save this"}],
    )

    finished.refresh_from_db()
    slide = finished.slides.get(number=2)
    assert (job.status, finished.theme, finished.palette) == ("completed", "topo", "")
    assert (slide.title, slide.caption, slide.content["button"]) == ("Ask for *more*", "", "Save this")
    assert job.result["slides"][1]["title"] == "Ask for more"


def test_drawn_art_is_drawn_for_the_new_look_and_a_photograph_is_not(finished):
    _drawn, photo = finished.slides.order_by("number")
    Slide.objects.filter(pk=photo.pk).update(art_source={"isPhoto": True})
    finished.aspect_ratio = "1:1"
    slides = list(finished.slides.order_by("number"))
    document = composing.document_of(carousel=finished, slides=slides)

    arts = [composing._open_art(document, finished, slide) for slide in slides]

    assert Image.open(BytesIO(arts[0])).size == (1080, 1080)
    assert arts[1] == files.read(photo.art_key)


def test_other_words_get_an_alt_text_that_says_them(api, finished):
    before = finished.slides.get(number=1).alt_text

    rendered(api, finished, slides=[{"slideNumber": 2, "title": "Ask for *more*", "caption": "Today."}])

    first, second = finished.slides.order_by("number")
    assert first.alt_text == before
    assert second.alt_text.startswith("Ask for more · Today.")


def test_other_look_drops_what_the_alt_texts_said_of_the_old_one(api, finished):
    rendered(api, finished, theme="halftone")

    for slide in finished.slides.order_by("number"):
        assert slide.alt_text.startswith(f"{slide.plain_title} · {slide.caption}")


def test_render_takes_alt_text_and_caption_as_they_are_given(api, finished):
    job = rendered(
        api, finished, finalCaption="New.", slides=[{"slideNumber": 1, "altText": "A sheet of paper"}]
    )

    finished.refresh_from_db()
    assert finished.final_caption == "New."
    assert job.result["captions"]["linkedin"].startswith("New.")
    assert finished.slides.get(number=1).alt_text == "A sheet of paper"


@pytest.fixture
def queued(api, finished):
    """A render that waits for a worker."""
    body = body_of(api.post(url(finished.pk), {"theme": "topo"}, format="json"))
    return GenerationJob.objects.get(pk=body["data"]["jobId"])


def test_carousel_stays_readable_while_it_is_set_anew(api, finished, queued):
    pipeline.start(job_id=queued.pk, now=timezone.now())

    data = body_of(api.get(f"/api/carousel/{finished.pk}"))["data"]

    assert (data["status"], data["progress"]["message"]) == ("completed", "Finalizing carousel...")
    assert data["pdfUrl"] is not None
    assert all(slide["imageUrl"] for slide in data["slides"])


def test_render_that_fails_leaves_the_carousel_as_it_was(api, finished, queued, monkeypatch):
    def refuse(**rows):
        raise composing.PreflightFailed({"faults": ["slide 1: too pale"]})

    before = Carousel.objects.values("status", "theme", "pdf_key", "error_message").get()
    monkeypatch.setattr(composing, "compose", refuse)

    factories.work_off(queued)

    queued.refresh_from_db()
    assert (queued.status, queued.error_code) == ("failed", "PREFLIGHT_FAILED")
    assert Carousel.objects.values("status", "theme", "pdf_key", "error_message").get() == before
    assert Carousel.objects.get().progress_message == "Carousel ready!"


def test_cancelled_render_leaves_the_carousel_ready(api, finished, queued):
    body_of(api.post(f"/api/jobs/{queued.pk}/cancel"))

    finished.refresh_from_db()
    assert (finished.status, finished.progress_percent) == ("completed", 100)


def test_requeued_render_works_on_the_carousel_that_stayed(api, finished, queued):
    body_of(api.post(f"/api/jobs/{queued.pk}/cancel"))
    body_of(api.post(f"/api/jobs/{queued.pk}/requeue"))

    factories.work_off(queued)

    finished.refresh_from_db()
    assert (finished.status, finished.theme) == ("completed", "topo")


def test_requeued_render_shows_that_it_waits_again(api, finished, queued):
    body_of(api.post(f"/api/jobs/{queued.pk}/cancel"))

    shown = body_of(api.post(f"/api/jobs/{queued.pk}/requeue"))["data"]["progress"]

    finished.refresh_from_db()
    assert shown == {"percent": 0, "message": "Queued for processing..."}
    assert finished.status == "completed"


def test_requeued_renders_are_counted_too(api, queued, settings):
    settings.RENDERS_PER_HOUR = 2
    body_of(api.post(f"/api/jobs/{queued.pk}/cancel"))
    body_of(api.post(f"/api/jobs/{queued.pk}/requeue"))
    body_of(api.post(f"/api/jobs/{queued.pk}/cancel"))
    before = snapshot()

    response = api.post(f"/api/jobs/{queued.pk}/requeue")

    queued.refresh_from_db()
    assert (response.status_code, body_of(response)["error"]) == (429, "RATE_LIMITED")
    assert (queued.status, queued.run) == ("cancelled", 2)
    assert snapshot() == before


def test_operator_requeues_a_render_whatever_was_used_up(api, queued, settings):
    settings.RENDERS_PER_HOUR = 1
    body_of(api.post(f"/api/jobs/{queued.pk}/cancel"))

    job = queue.requeue(job_id=queued.pk, by="operator:1", now=timezone.now(), is_free=True)

    assert (job.status, job.run) == ("queued", 2)


def test_no_renders_at_all_is_a_limit_too(api, finished, settings):
    settings.RENDERS_PER_HOUR = 0
    before = snapshot()

    response = api.post(url(finished.pk), {}, format="json")

    assert (response.status_code, body_of(response)["error"]) == (429, "RATE_LIMITED")
    assert snapshot() == before


def test_render_leaves_who_made_the_carousel_and_for_how_much(api, finished):
    facts = ("aiModel", "totalCost", "costComplete", "processingTime")
    before = {name: finished.generation_metadata[name] for name in facts}

    job = rendered(api, finished, theme="topo")

    finished.refresh_from_db()
    assert before["aiModel"]
    assert {name: finished.generation_metadata[name] for name in facts} == before
    assert finished.generation_metadata["revision"] == job.reference


def test_second_render_waits_for_the_first(api, finished, queued):
    before = snapshot()

    response = api.post(url(finished.pk), {}, format="json")

    assert (response.status_code, body_of(response)["error"]) == (409, "CAROUSEL_BUSY")
    assert snapshot() == before


def test_renders_are_counted_by_the_hour(api, finished, queued, settings):
    settings.RENDERS_PER_HOUR = 1
    body_of(api.post(f"/api/jobs/{queued.pk}/cancel"))
    before = snapshot()

    response = api.post(url(finished.pk), {}, format="json")

    assert (response.status_code, body_of(response)["error"]) == (429, "RATE_LIMITED")
    assert 3590 <= int(response["Retry-After"]) <= 3601
    assert snapshot() == before

    JobEvent.objects.filter(job=queued).update(at=timezone.now() - timedelta(hours=1))
    assert api.post(url(finished.pk), {}, format="json").status_code == 200


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"aspectRatio": "3:2"}, {"path": ["aspectRatio"], "code": "invalid_choice"}),
        ({"theme": "baroque"}, {"path": ["theme"], "code": "invalid_choice"}),
        ({"theme": 5}, {"path": ["theme"], "code": "invalid"}),
        ({"colours": ["#FFFFFF"]}, {"path": ["colours"], "code": "unknown"}),
        (
            {"slides": [{"slideNumber": 1, "text": "Hello"}]},
            {"path": ["slides", 0, "text"], "code": "unknown"},
        ),
        ({"palette": "no such"}, {"path": [], "code": "invalid"}),
        ({"slides": [{"slideNumber": 3, "title": "There are two"}]}, {"path": [], "code": "invalid"}),
        ({"slides": [{"title": "Which one?"}]}, {"path": ["slides", 0, "slideNumber"], "code": "required"}),
        (
            {"slides": [{"slideNumber": 1, "title": "One"}, {"slideNumber": 1, "caption": "Two"}]},
            {"path": [], "code": "invalid"},
        ),
        (
            {"slides": [{"slideNumber": 1, "items": ["A cover lists nothing"]}]},
            {"path": [], "code": "invalid"},
        ),
        (
            {"slides": [{"slideNumber": 1, "title": " "}]},
            {"path": ["slides", 0, "title"], "code": "blank"},
        ),
    ],
)
def test_render_refuses_what_cannot_be_drawn(api, finished, changes, fault):
    before = snapshot()

    response = api.post(url(finished.pk), changes, format="json")

    body = body_of(response)
    [found] = body["details"]
    assert (response.status_code, body["error"]) == (400, "VALIDATION_ERROR")
    assert {"path": found["path"], "code": found["code"]} == fault
    assert snapshot() == before


@pytest.mark.parametrize("status", ["pending", "processing", "failed", "cancelled"])
def test_render_refuses_a_carousel_that_is_not_finished(api, finished, status):
    Carousel.objects.update(status=status)
    before = snapshot()

    response = api.post(url(finished.pk), {}, format="json")

    assert (response.status_code, body_of(response)["error"]) == (409, "INVALID_STATE")
    assert snapshot() == before


def test_render_of_somebody_elses_carousel_is_not_there(finished):
    stranger = api_of(factories.user())
    before = snapshot()

    response = stranger.post(url(finished.pk), {}, format="json")

    assert (response.status_code, body_of(response)["error"]) == (404, "CAROUSEL_NOT_FOUND")
    assert snapshot() == before


def test_render_row_on_an_unfinished_carousel_fails_and_makes_nothing(user):
    job = factories.job(user)
    GenerationJob.objects.filter(pk=job.pk).update(job_type="render", payload={})

    pipeline.start(job_id=job.pk, now=timezone.now())

    job.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "INVALID_PAYLOAD")
    assert JobStep.objects.filter(job=job).count() == 0


@pytest.mark.parametrize(
    "payload",
    [
        {"brand": "Northlight"},
        {"slides": [{"slideNumber": 9, "title": "There is none"}]},
        {"slides": [{"slideNumber": 1, "button": "A cover has none"}]},
    ],
)
def test_render_row_inserted_past_the_api_that_asks_for_nonsense_fails_at_once(finished, payload):
    job = GenerationJob.objects.create(
        carousel=finished, user=finished.user, job_type="render", payload=payload
    )

    factories.work_off(job)

    job.refresh_from_db()
    assert (job.status, job.error_code, job.retry_count) == ("failed", "INVALID_PAYLOAD", 0)


def test_render_row_with_a_strange_count_is_drawn_all_the_same(finished):
    job = GenerationJob.objects.create(
        carousel=finished, user=finished.user, job_type="render", payload={"imageCount": "two"}
    )

    factories.work_off(job)

    job.refresh_from_db()
    assert job.status == "completed"


def test_picture_that_cannot_be_opened_is_asked_for_again(user, monkeypatch):
    class BrokenOnce(fakes.FakeArt):
        def paint(self, request, **_):
            picture, usage = super().paint(request)
            broken = picture.__class__(data=picture.data[:20], media_type="image/png")
            return (broken if len(self.requests) == 1 else picture), usage

    fakes.choose(monkeypatch, art=BrokenOnce())
    job = fakes.settle_all(factories.started_job(user, imageCount=2), until="slide")
    step = factories.queued_step(job)

    pipeline.work_off(fakes.claimed(step))

    step.refresh_from_db()
    assert (step.status, step.error_code) == ("queued", "INCOMPLETE_ANSWER")
    assert ProviderCall.objects.filter(step_kind="slide").count() == 1
    assert queue.get(job_id=job.pk).status == "processing"
