"""A carousel wears the brand it was asked for: as the kit was then, not as it is now."""

import pytest
from django.utils import timezone

from carousels import brands
from carousels.models import Carousel
from jobs.models import GenerationJob
from tests import factories
from tests.rest.world import body_of, snapshot

BRIEF = {"prompt": "5 pricing mistakes freelancers make", "imageCount": 2}


@pytest.fixture
def kit(user):
    details = {"name": "Fern", "handle": "@fern", "colors": ["#1F8A5B"], "fonts": "cutout"}
    return brands.create(user=user, details=details, now=timezone.now())


def generate(api, **changes):
    return api.post("/api/carousel/generate", BRIEF | changes, format="json")


def test_named_brand_is_kept_as_it_was(api, kit):
    body_of(generate(api, brandId=str(kit.pk)))
    brands.change(kit=kit, details={"name": "Moss"}, now=timezone.now())

    assert Carousel.objects.get().brand == {
        "name": "Fern",
        "handle": "@fern",
        "logoKey": "",
        "avatarKey": "",
        "colors": ["#1F8A5B"],
        "fonts": "cutout",
    }


@pytest.mark.parametrize(("asked", "worn"), [({}, "Fern"), ({"brandId": ""}, None)])
def test_default_brand_is_worn_unless_none_is_wanted(api, kit, asked, worn):
    brands.change(kit=kit, details={"is_default": True}, now=timezone.now())

    body_of(generate(api, **asked))

    assert Carousel.objects.get().brand.get("name") == worn


def test_brand_reaches_the_art_and_the_answer(api, user, kit):
    body_of(generate(api, brandId=str(kit.pk)))

    job = factories.work_off(GenerationJob.objects.get())

    data = body_of(api.get(f"/api/carousel/{job.carousel_id}"))["data"]
    assert job.status == "completed"
    assert data["brand"] == {"name": "Fern", "handle": "@fern", "colors": ["#1F8A5B"], "fonts": "cutout"}
    assert {tuple(slide.art_source["colors"]) for slide in job.carousel.slides.all()} == {("#1F8A5B",)}


def test_render_puts_a_finished_carousel_into_a_brand(api, user, kit):
    carousel = factories.work_off(factories.job(user, imageCount=2)).carousel

    job = body_of(api.post(f"/api/carousel/{carousel.pk}/render", {"brandId": str(kit.pk)}, format="json"))
    factories.work_off(GenerationJob.objects.get(pk=job["data"]["jobId"]))

    carousel.refresh_from_db()
    assert (carousel.status, carousel.brand["name"]) == ("completed", "Fern")


@pytest.mark.parametrize("brand_id", ["00000000-0000-0000-0000-000000000000", "none"])
def test_unknown_brand_is_refused_before_anything_is_charged(api, user, brand_id):
    factories.credits_of(user)
    before = snapshot()

    response = generate(api, brandId=brand_id)

    assert (response.status_code, body_of(response)["error"]) == (404, "BRAND_NOT_FOUND")
    assert snapshot() == before
