"""What support staff sees of brand kits."""

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from carousels import brands
from carousels.models import BrandKit
from tests.carousels.design.decks import encode

LIST = "admin:carousels_brandkit_changelist"


@pytest.fixture
def kit(user) -> BrandKit:
    made = BrandKit.objects.create(user=user, name="Northlight", colors=["#FF6B00", "#00AAFF"])
    logo = encode(Image.new("RGBA", (60, 30), "red"), "PNG")
    return brands.set_picture(kit=made, picture="logo", data=logo, now=timezone.now())


def test_list_and_page_show_the_colors_as_swatches(operator, kit):
    pages = [reverse(LIST), reverse("admin:carousels_brandkit_change", args=[kit.pk])]

    for page in pages:
        shown = operator.get(page).content.decode()
        assert [shown.count(f"background: {color}") for color in kit.colors] == [1, 1], page


def test_page_shows_the_logo(operator, client, kit):
    page = operator.get(reverse("admin:carousels_brandkit_change", args=[kit.pk]))

    [address] = page.context["brand_pictures"]
    picture = client.get(address)
    assert (picture.status_code, picture["Content-Type"]) == (200, "image/png")
    picture.close()


def test_nobody_adds_edits_or_deletes_a_brand(operator, kit):
    before = list(BrandKit.objects.values())
    pages = [reverse("admin:carousels_brandkit_add")]
    pages += [reverse(f"admin:carousels_brandkit_{verb}", args=[kit.pk]) for verb in ("change", "delete")]

    answers = [operator.post(page, {"name": "Changed", "post": "yes"}).status_code for page in pages]

    assert answers == [403, 403, 403]
    assert list(BrandKit.objects.values()) == before


def test_search_finds_a_brand_by_its_owner_and_its_name(operator, user, kit):
    BrandKit.objects.create(user=operator_of(operator), name="Something else")

    for term in (kit.pk, user.pk, user.email, "northli"):
        page = operator.get(reverse(LIST), {"q": str(term)})
        assert [found.pk for found in page.context["cl"].result_list] == [kit.pk], term


def operator_of(operator):
    return operator.get(reverse(LIST)).wsgi_request.user
