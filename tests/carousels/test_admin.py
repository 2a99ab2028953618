"""What support staff sees of carousels and slides."""

import pytest
from django.test import Client
from django.urls import reverse

from carousels.models import Carousel, Slide
from tests import factories


@pytest.fixture
def carousel(user):
    return factories.work_off(factories.job(user, imageCount=2)).carousel


def test_every_list_and_page_of_content_is_shown(operator, carousel):
    for model in (Carousel, Slide):
        name, row = f"admin:carousels_{model._meta.model_name}", model.objects.first()
        pages = [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[row.pk])]
        assert [operator.get(page).status_code for page in pages] == [200, 200], model


def test_nobody_adds_edits_or_deletes_content(operator, carousel):
    for model in (Carousel, Slide):
        name, before = (
            f"admin:carousels_{model._meta.model_name}",
            list(model.objects.order_by("pk").values()),
        )
        pages = [reverse(f"{name}_add")]
        pages += [reverse(f"{name}_{verb}", args=[before[0]["id"]]) for verb in ("change", "delete")]
        answers = [operator.post(page, {"title": "Changed", "post": "yes"}).status_code for page in pages]
        assert answers == [403, 403, 403], model
        assert list(model.objects.order_by("pk").values()) == before


def test_pictures_of_a_completed_carousel_load_by_their_signed_addresses(operator, client, carousel):
    page = operator.get(reverse("admin:carousels_carousel_change", args=[carousel.pk]))

    addresses = [picture["thumbnail"] for picture in page.context["pictures"]] + [page.context["pdf"]]
    answers = [client.get(address) for address in addresses]
    assert [(answer.status_code, answer["Content-Type"]) for answer in answers] == [
        *[(200, "image/jpeg")] * 2,
        (200, "application/pdf"),
    ]
    for answer in answers:
        answer.close()


def test_slide_page_shows_its_own_picture(operator, carousel):
    slide = carousel.slides.get(number=2)

    page = operator.get(reverse("admin:carousels_slide_change", args=[slide.pk]))

    assert [picture["slide"].pk for picture in page.context["pictures"]] == [slide.pk]


def test_pictures_of_a_carousel_that_is_not_complete_are_not_shown(operator, carousel):
    Carousel.objects.filter(pk=carousel.pk).update(status="failed")

    page = operator.get(reverse("admin:carousels_carousel_change", args=[carousel.pk]))

    assert (page.context["pictures"], page.context["pdf"]) == ([], None)


def test_search_finds_a_carousel_by_its_id_its_owner_and_its_prompt(operator, user, carousel):
    factories.job(factories.user(), prompt="Something else altogether")

    for term in (carousel.pk, user.pk, user.email, "pricing mistakes"):
        page = operator.get(reverse("admin:carousels_carousel_changelist"), {"q": str(term)})
        assert [found.pk for found in page.context["cl"].result_list] == [carousel.pk], term


def test_staff_without_permission_sees_no_content(carousel):
    client = Client()
    client.force_login(factories.user(is_staff=True))
    pages = [reverse("admin:carousels_carousel_changelist"), reverse("admin:carousels_slide_changelist")]
    pages.append(reverse("admin:carousels_carousel_change", args=[carousel.pk]))

    assert [client.get(page).status_code for page in pages] == [403, 403, 403]
