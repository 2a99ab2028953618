"""A plan that says so puts small print on every slide; the others, and every plan at first, put none."""

from io import BytesIO

import numpy as np
import pytest
from django.utils import timezone
from PIL import Image

from billing import terms
from billing.models import Plan
from carousels import brands, files
from carousels.models import Carousel
from jobs.models import GenerationJob
from tests import factories
from tests.rest.world import body_of

MARK = "Made with socialsaas"


@pytest.fixture
def marked(user):
    """The user's plan has a watermark."""
    Plan.objects.filter(pk="free").update(has_watermark=True)
    return user


def worn(carousel: Carousel) -> str | None:
    return Carousel.objects.get(pk=carousel.pk).brand.get("watermark")


def render(api, carousel, **changes):
    data = body_of(api.post(f"/api/carousel/{carousel.pk}/render", changes))["data"]
    return factories.work_off(GenerationJob.objects.get(pk=data["jobId"]))


def pixels(carousel: Carousel, number: int):
    key = carousel.slides.get(number=number).image_key
    return np.asarray(Image.open(BytesIO(files.read(key))).convert("RGB"), dtype=int)


def test_no_plan_marks_its_slides_at_first(user):
    for plan in ("free", "pro", "premium"):
        terms.set_plan(user=user, plan=plan, now=timezone.now())
        assert worn(factories.job(user).carousel) is None


def test_mark_is_decided_at_submission_and_kept(marked, settings):
    job = factories.job(marked)
    Plan.objects.update(has_watermark=False)
    settings.WATERMARK_TEXT = "something else"

    assert worn(job.carousel) == MARK
    assert worn(factories.job(marked).carousel) is None


def test_user_without_an_account_is_on_the_free_plan(api, user, django_user_model):
    Plan.objects.filter(pk="free").update(has_watermark=True)
    stranger = django_user_model.objects.create_user("stranger@example.com")

    assert worn(factories.job(stranger).carousel) == MARK


def test_mark_stands_beside_a_brand(marked):
    kit = brands.create(user=marked, details={"name": "Fern"}, now=timezone.now())

    brand = factories.job(marked, brandId=str(kit.pk)).carousel.brand

    assert (brand["name"], brand["watermark"]) == ("Fern", MARK)


def test_mark_is_drawn_in_the_foot_of_every_slide_and_nowhere_else(api, marked):
    carousel = factories.work_off(factories.job(marked, imageCount=2)).carousel
    with_mark = [pixels(carousel, number) for number in (1, 2)]
    Plan.objects.update(has_watermark=False)

    render(api, carousel)

    for number, before in enumerate(with_mark, 1):
        changed = np.argwhere((before != pixels(carousel, number)).any(axis=2))
        assert len(changed) > 100
        assert changed[:, 0].min() > before.shape[0] * 0.85


def test_render_follows_the_plan_of_now_and_taking_off_the_brand_takes_no_mark_off(api, marked):
    carousel = factories.work_off(factories.job(marked, imageCount=2)).carousel

    render(api, carousel, brandId="")
    assert worn(carousel) == MARK

    Plan.objects.update(has_watermark=False)
    render(api, carousel)
    assert worn(carousel) is None


def test_nobody_writes_their_own_mark(api, user):
    answer = api.post("/api/carousel/generate", factories.payload(watermark="", brand={"watermark": "mine"}))

    assert worn(Carousel.objects.get(pk=answer.json()["data"]["carouselId"])) is None
