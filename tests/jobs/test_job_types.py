"""The other types of jobs are the same chain with fewer steps: the words alone, one picture again."""

import pytest
from django.db import connection
from django.utils import timezone

from carousels.models import Carousel
from jobs import pipeline, queue, reworks
from jobs.models import GenerationJob
from jobs.states import JobStatus, StepKind
from tests import factories
from tests.jobs import fakes
from tests.jobs.fakes import steps_of
from tests.rest.world import body_of

REDRAW = {"slideNumber": 2, "imagePrompt": "A red bicycle against a white wall"}


@pytest.fixture
def finished(user) -> Carousel:
    return factories.work_off(factories.job(user, imageCount=2)).carousel


def ask(api, carousel, **body):
    return api.post(f"/api/carousel/{carousel.pk}/image", body or REDRAW)


def newest_job() -> GenerationJob:
    return GenerationJob.objects.select_related("carousel").latest("created_at")


def slide_of(carousel, number: int):
    return Carousel.objects.get(pk=carousel.pk).slides.get(number=number)


# --- the words alone ------------------------------------------------------------------------------


def test_strategy_call_writes_the_words_and_makes_no_picture(api, user):
    answer = body_of(api.post("/api/carousel/strategy", factories.payload(imageCount=3)))
    job = factories.work_off(newest_job())
    result = body_of(api.get(f"/api/queue/status/{answer['data']['jobId']}"))["data"]["result"]

    assert (job.status, [step.kind for step in steps_of(job)]) == (JobStatus.COMPLETED, [StepKind.STRATEGY])
    assert [slide["slideNumber"] for slide in result["slides"]] == [1, 2, 3]
    assert all(slide["title"] and slide["imagePrompt"] and slide["altText"] for slide in result["slides"])
    assert result["finalCaption"] == job.carousel.final_caption != ""
    assert result["metadata"]["aiModel"] == "offline-copywriter-1"
    assert {"exportUrl", "pdfUrl"} & set(result) == set()
    assert (job.carousel.progress_percent, factories.credits_of(user)) == (100, 9)


def test_carousel_of_words_has_nothing_to_export_or_to_set_anew(api, user):
    job = factories.work_off(
        queue.submit(
            user=user, payload=factories.payload(), now=timezone.now(), job_type="content_strategy"
        ).job
    )

    shown = body_of(api.get(f"/api/carousel/{job.carousel_id}"))["data"]
    answers = [
        api.post(f"/api/carousel/{job.carousel_id}/render", {}),
        ask(api, job.carousel),
        api.get(f"/api/carousel/{job.carousel_id}/export"),
    ]

    assert (shown["status"], shown["pdfUrl"], shown["exportUrl"]) == ("completed", None, None)
    assert {slide["imageUrl"] for slide in shown["slides"]} == {None}
    assert {(answer.status_code, answer.json()["error"]) for answer in answers} == {(409, "INVALID_STATE")}
    assert (GenerationJob.objects.count(), factories.credits_of(user)) == (1, 9)


def test_strategy_that_fails_is_paid_back(user, monkeypatch):
    fakes.choose(monkeypatch, text=fakes.FakeText(fakes.refusal()))
    job = queue.submit(
        user=user, payload=factories.payload(), now=timezone.now(), job_type="content_strategy"
    ).job

    assert factories.work_off(job).status == JobStatus.FAILED
    assert factories.credits_of(user) == 10


def test_strategy_checks_its_input_as_generate_does(api, user):
    answer = api.post("/api/carousel/strategy", {"prompt": "short", "imageCount": 1})

    faults = [(fault["path"], fault["code"]) for fault in answer.json()["details"]]
    assert (answer.status_code, faults) == (400, [(["prompt"], "min_length"), (["imageCount"], "min_value")])
    assert (GenerationJob.objects.count(), factories.credits_of(user)) == (0, 10)


# --- one picture again ----------------------------------------------------------------------------


def test_redrawn_slide_has_another_picture_and_the_others_keep_theirs(api, user, finished):
    before = {number: slide_of(finished, number) for number in (1, 2)}

    body_of(ask(api, finished))
    job = factories.work_off(newest_job())

    after = {number: slide_of(finished, number) for number in (1, 2)}
    assert [step.kind for step in steps_of(job)] == [StepKind.SLIDE, StepKind.FINALIZE]
    assert (job.status, factories.credits_of(user)) == (JobStatus.COMPLETED, 8)
    assert after[2].art_key != before[2].art_key
    assert after[2].image_key != before[2].image_key
    assert (after[2].image_prompt, after[2].art_source["prompt"]) == (REDRAW["imagePrompt"],) * 2
    assert (after[1].art_key, after[1].image_key) == (before[1].art_key, before[1].image_key)
    assert len(job.result["slides"]) == 2


def test_redrawing_without_a_prompt_uses_the_slide_s_own(api, finished, monkeypatch):
    _, art = fakes.choose(monkeypatch)
    own = slide_of(finished, 1).image_prompt

    body_of(ask(api, finished, slideNumber=1))
    fakes.settle_all(factories.started(newest_job()), until=StepKind.FINALIZE)

    assert [(request.prompt, request.style, request.number) for request in art.requests] == [
        (own, "photo", 1)
    ]


def test_finished_carousel_shows_nothing_of_a_redraw_before_its_page_is_set(api, finished):
    before = slide_of(finished, 2)
    body_of(ask(api, finished))
    job = factories.started(newest_job())
    fakes.settle_all(job, until=StepKind.FINALIZE)

    shown = body_of(api.get(f"/api/carousel/{finished.pk}"))["data"]
    after = slide_of(finished, 2)

    assert (after.art_key, after.image_prompt) == (before.art_key, before.image_prompt)
    assert shown["status"] == "completed"
    assert before.image_key in shown["slides"][1]["imageUrl"]
    assert shown["progress"] == {"percent": 90, "message": "Finalizing carousel..."}


def test_cancelled_redraw_gives_no_free_picture_and_a_requeue_reuses_it(api, user, finished):
    before = slide_of(finished, 2)
    body_of(ask(api, finished))
    job = factories.started(newest_job())
    fakes.settle_all(job, until=StepKind.FINALIZE)

    queue.cancel(job_id=job.pk, by="test", now=timezone.now())
    rendered = factories.work_off(
        reworks.render(user=user, carousel_id=finished.pk, payload={}, now=timezone.now()).job
    )
    kept = slide_of(finished, 2)
    queue.requeue(job_id=job.pk, by="test", now=timezone.now())
    again = factories.work_off(job)

    assert (rendered.status, kept.art_key, kept.image_key) == ("completed", before.art_key, before.image_key)
    assert [step.kind for step in steps_of(again)] == [StepKind.FINALIZE]
    assert (again.status, factories.credits_of(user)) == ("completed", 8)
    assert again.provider_calls.count() == 1
    assert slide_of(finished, 2).art_key != before.art_key


def test_failed_redraw_leaves_the_carousel_and_is_paid_back(api, user, finished, monkeypatch):
    fakes.choose(monkeypatch, art=fakes.FakeArt(fakes.refusal("CONTENT_REJECTED")))
    before = slide_of(finished, 2)

    body_of(ask(api, finished))
    job = factories.work_off(newest_job())

    finished.refresh_from_db()
    assert (job.status, job.error_code) == ("failed", "CONTENT_REJECTED")
    assert (finished.status, slide_of(finished, 2).image_key) == ("completed", before.image_key)
    assert factories.credits_of(user) == 9


def test_progress_of_a_redraw_counts_its_one_picture(api, finished):
    body_of(ask(api, finished))
    job = factories.started(newest_job())

    told = body_of(api.get(f"/api/jobs/{job.pk}/events"))["data"]

    assert told[-1]["data"]["message"] == "Generating slide 0/1..."


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({}, ["slideNumber"], "required"),
        ({"slideNumber": "2"}, ["slideNumber"], "invalid"),
        ({"slideNumber": 0}, ["slideNumber"], "min_value"),
        ({"slideNumber": 2, "imagePrompt": "  "}, ["imagePrompt"], "blank"),
        ({"slideNumber": 2, "styles": ["photo"]}, ["styles"], "unknown"),
        ({"slideNumber": 9}, [], "invalid"),
    ],
)
def test_redraw_that_cannot_be_done_is_refused_and_costs_nothing(api, user, finished, body, path, code):
    answer = api.post(f"/api/carousel/{finished.pk}/image", body)

    fault = answer.json()["details"][0]
    assert (answer.status_code, fault["path"]) == (400, path)
    assert (GenerationJob.objects.count(), factories.credits_of(user)) == (1, 9)


def test_redraw_of_another_s_carousel_is_not_there(api, db):
    other = factories.work_off(factories.job(factories.user(), imageCount=2)).carousel

    answer = ask(api, other)

    assert (answer.status_code, answer.json()["error"]) == (404, "CAROUSEL_NOT_FOUND")
    assert GenerationJob.objects.count() == 1


def test_two_reworks_at_once_are_one(api, user, finished):
    body_of(ask(api, finished))

    answer = ask(api, finished, slideNumber=1)

    assert (answer.status_code, answer.json()["error"]) == (409, "CAROUSEL_BUSY")
    assert (GenerationJob.objects.count(), factories.credits_of(user)) == (2, 8)


# --- rows inserted past the API -------------------------------------------------------------------


def insert(carousel, job_type: str, payload: str) -> GenerationJob:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO generation_jobs (carousel_id, user_id, job_type, payload)"
            " VALUES (%s, %s, %s, %s::jsonb) RETURNING id",
            [carousel.pk, carousel.user_id, job_type, payload],
        )
        return GenerationJob.objects.get(pk=cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("job_type", "payload", "fault"),
    [
        ("image_generation", '{"slideNumber": "1"}', "slideNumber must be a whole number"),
        ("image_generation", '{"slideNumber": true}', "slideNumber must be a whole number"),
        ("image_generation", '{"slideNumber": 9}', "This carousel has no such slide."),
        ("image_generation", '{"slideNumber": 1, "imagePrompt": 7}', "imagePrompt must be a text"),
        ("image_generation", '{"slideNumber": 1, "styles": "x"}', "styles must be a list of texts"),
        ("image_generation", "[]", "payload must be an object"),
        ("content_strategy", '{"imageCount": 3}', "prompt must be a text"),
    ],
)
def test_payload_that_says_nothing_fails_and_spoils_nothing(user, finished, job_type, payload, fault):
    job = insert(finished, job_type, payload)

    pipeline.start(job_id=job.pk, now=timezone.now())

    job.refresh_from_db()
    assert (job.status, job.error_code, job.error_message) == ("failed", "INVALID_PAYLOAD", fault)
    assert (steps_of(job), factories.credits_of(user)) == ([], 9)


def test_image_of_a_carousel_without_any_is_not_made(user):
    cancelled = factories.job(user)
    queue.cancel(job_id=cancelled.pk, by="test", now=timezone.now())
    job = insert(cancelled.carousel, "image_generation", '{"slideNumber": 1}')

    pipeline.start(job_id=job.pk, now=timezone.now())

    job.refresh_from_db()
    assert (job.status, job.error_message) == ("failed", "Only a finished carousel can be set anew.")


def test_image_inserted_by_sql_is_made(user, finished):
    before = slide_of(finished, 1).art_key

    job = factories.work_off(insert(finished, "image_generation", '{"slideNumber": 1}'))

    assert (job.status, slide_of(finished, 1).art_key == before) == ("completed", False)
    assert factories.credits_of(user) == 9  # nobody was charged for it
