"""GET /api/carousel/{id}, and what a finished job answers: whole bodies, files only when ready."""

import pytest

from carousels.design.export.posts import write_posts
from carousels.models import Carousel, Slide
from jobs.models import GenerationJob
from rest.envelope import moment
from tests import factories
from tests.rest.world import body_of

NOT_FOUND = {"success": False, "error": "CAROUSEL_NOT_FOUND", "message": "There is no such carousel"}


def url(carousel_id) -> str:
    return f"/api/carousel/{carousel_id}"


def without_signature(value):
    """The same value with every address cut before its signature, which differs from answer to answer."""
    if isinstance(value, dict):
        return {key: without_signature(item) for key, item in value.items()}
    if isinstance(value, list):
        return [without_signature(item) for item in value]
    return value.partition("?signature=")[0] if isinstance(value, str) else value


def address(key: str) -> str:
    return f"http://testserver/api/files/{key}"


def test_carousel_in_the_queue_has_no_slides_yet(api, user):
    job = factories.job(user)

    response = api.get(url(job.carousel_id))

    assert response.status_code == 200
    assert body_of(response) == {
        "success": True,
        "data": {
            "id": str(job.carousel_id),
            "prompt": "5 pricing mistakes freelancers make",
            "imageCount": 3,
            "aspectRatio": "4:5",
            "status": "pending",
            "progress": {"percent": 0, "message": "Queued for processing..."},
            "estimatedCompletion": moment(job.carousel.estimated_completion_time),
            "title": "",
            "language": "",
            "theme": "",
            "palette": "",
            "brand": {},
            "finalCaption": None,
            "hashtags": [],
            "slides": [],
            "pdfUrl": None,
            "exportUrl": None,
            "metadata": None,
            "error": None,
            "createdAt": moment(Carousel.objects.get().created_at),
            "job": body_of(api.get("/api/jobs"))["data"][0],
        },
    }


def test_finished_carousel_shows_slides_files_and_job(api, user):
    job = factories.work_off(factories.job(user, imageCount=2))

    data = without_signature(body_of(api.get(url(job.carousel_id)))["data"])

    carousel = Carousel.objects.get()
    assert (data["status"], data["progress"]) == ("completed", {"percent": 100, "message": "Carousel ready!"})
    assert data["pdfUrl"] == address(carousel.pdf_key)
    assert data["exportUrl"] == f"http://testserver/api/carousel/{carousel.pk}/export"
    assert data["job"]["status"] == "completed"
    assert data["slides"] == [
        {
            "slideNumber": slide.number,
            "kind": slide.kind,
            "title": slide.title.replace("*", ""),
            "caption": slide.caption,
            **slide.content,
            "altText": slide.alt_text,
            "imagePrompt": slide.image_prompt,
            "isStandIn": False,
            "imageUrl": address(slide.image_key),
            "jpegUrl": address(slide.jpeg_key),
            "thumbnailUrl": address(slide.thumbnail_key),
        }
        for slide in carousel.slides.order_by("number")
    ]


def test_finished_job_answers_the_result_of_the_contract(api, user):
    job = factories.work_off(factories.job(user, imageCount=2))

    data = body_of(api.get(f"/api/queue/status/{job.pk}"))["data"]

    carousel, result = Carousel.objects.get(), without_signature(data["result"])
    seconds = result["metadata"]["processingTime"]
    assert (data["status"], data["error"]) == ("completed", None)
    assert seconds > 0
    assert result == {
        "slides": [
            {
                "slideNumber": slide.number,
                "imageUrl": address(slide.image_key),
                "jpegUrl": address(slide.jpeg_key),
                "thumbnailUrl": address(slide.thumbnail_key),
                "kind": slide.kind,
                "title": slide.title.replace("*", ""),
                "caption": slide.caption,
                "imagePrompt": slide.image_prompt,
                "isStandIn": False,
                "altText": slide.alt_text,
            }
            for slide in carousel.slides.order_by("number")
        ],
        "finalCaption": carousel.final_caption,
        "captions": {
            network: post.text
            for network, post in write_posts(carousel.final_caption, tuple(carousel.hashtags)).items()
        },
        "hashtags": carousel.hashtags,
        "pdfUrl": address(carousel.pdf_key),
        "exportUrl": f"http://testserver/api/carousel/{carousel.pk}/export",
        "aspectRatio": "4:5",
        "theme": carousel.theme,
        "palette": carousel.palette,
        "metadata": job.result["metadata"],
    }
    assert set(result["metadata"]) == {"processingTime", "aiModel", "totalCost", "costComplete"}


@pytest.mark.parametrize("status", ["pending", "processing", "failed", "cancelled"])
def test_carousel_that_is_not_completed_shows_neither_words_nor_files(api, user, status):
    job = factories.job(user)
    Carousel.objects.update(
        status=status, pdf_key="carousels/x/carousel.pdf", final_caption="Paid back", hashtags=["#paid"]
    )
    Slide.objects.create(
        carousel=job.carousel,
        number=1,
        kind="point",
        title="One",
        art_key="carousels/x/art.png",
        image_key="carousels/x/slide.png",
        thumbnail_key="carousels/x/thumbnail.jpg",
    )

    data = body_of(api.get(url(job.carousel_id)))["data"]

    assert (data["slides"], data["finalCaption"], data["hashtags"]) == ([], None, [])
    assert (data["pdfUrl"], data["exportUrl"]) == (None, None)


def test_carousel_of_an_older_system_without_files_is_answered(api, user):
    carousel = Carousel.objects.create(user=user, prompt="Made elsewhere", image_count=2, status="completed")

    data = body_of(api.get(url(carousel.pk)))["data"]

    assert (data["pdfUrl"], data["slides"], data["job"]) == (None, [], None)


def test_carousel_shows_its_newest_job(api, user):
    first = factories.job(user)
    api.post(f"/api/jobs/{first.pk}/cancel")
    second = GenerationJob.objects.create(carousel=first.carousel, user=user, payload=first.payload)

    data = body_of(api.get(url(first.carousel_id)))["data"]

    assert data["job"]["id"] == str(second.pk)


def test_somebody_elses_carousel_is_not_there(api):
    job = factories.job(factories.user())

    response = api.get(url(job.carousel_id))

    assert (response.status_code, body_of(response)) == (404, NOT_FOUND)


@pytest.mark.parametrize("carousel_id", [factories.NO_ID, "1", "undefined", "%00", "%ff", "x" * 3000])
def test_carousel_id_that_is_none_is_not_found(api, carousel_id):
    response = api.get(url(carousel_id))

    assert (response.status_code, body_of(response)) == (404, NOT_FOUND)
