"""Logos and avatars: uploaded as a body or a form, kept as clean PNGs, and what a carousel gets of them."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from carousels import brands, files
from carousels.design.brand import Brand
from carousels.models import BrandKit
from rest.uploads import UPLOAD_LIMIT
from tests import factories
from tests.carousels.design.decks import encode, open_image
from tests.conftest import api_of

LOGO = encode(Image.new("RGBA", (300, 100), "#FF6B00"), "PNG")
SVG = b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>"


@pytest.fixture
def kit(user) -> BrandKit:
    return BrandKit.objects.create(
        user=user, name="Northlight", handle="@north", colors=["#FF6B00"], fonts="topo"
    )


def put(api, kit, data: bytes, picture: str = "logo", media_type: str = "image/png"):
    return api.generic("PUT", f"/api/brands/{kit.pk}/{picture}", data, content_type=media_type)


def keys(kit) -> tuple[str, str]:
    kit.refresh_from_db()
    return kit.logo_key, kit.avatar_key


@pytest.mark.parametrize("media_type", ["image/png", "application/octet-stream", "", "application/json"])
def test_body_is_the_logo_whatever_it_is_called(api, kit, media_type):
    answer = put(api, kit, LOGO, media_type=media_type)

    assert answer.status_code == 200
    assert open_image(files.read(keys(kit)[0])).size == (300, 100)


def test_file_of_a_form_is_the_logo(api, kit):
    form = {"file": SimpleUploadedFile("logo.png", LOGO, "image/png")}

    answer = api.put(f"/api/brands/{kit.pk}/logo", form, format="multipart")

    assert answer.status_code == 200
    assert open_image(files.read(keys(kit)[0])).size == (300, 100)


def test_form_without_a_file_is_refused(api, kit):
    answer = api.put(f"/api/brands/{kit.pk}/logo", {"file": "none"}, format="multipart")

    assert (answer.status_code, answer.json()["error"]) == (400, "VALIDATION_ERROR")
    assert keys(kit) == ("", "")


def test_logo_and_avatar_load_by_their_addresses(api, client, kit):
    put(api, kit, LOGO)
    answer = put(api, kit, LOGO, "avatar").json()["data"]

    shown = [client.get(answer[name]) for name in ("logoUrl", "avatarUrl")]

    assert [(one.status_code, one["Content-Type"]) for one in shown] == [(200, "image/png")] * 2
    sizes = [open_image(b"".join(one.streaming_content)).size for one in shown]
    assert sizes == [(300, 100), (100, 100)]


@pytest.mark.parametrize("picture", ["logo", "avatar"])
def test_picture_is_removed(api, kit, picture):
    put(api, kit, LOGO, "logo")
    put(api, kit, LOGO, "avatar")

    answer = api.delete(f"/api/brands/{kit.pk}/{picture}")

    assert answer.json()["data"][f"{picture}Url"] is None
    assert [bool(key) for key in keys(kit)] == [picture != "logo", picture != "avatar"]


@pytest.mark.parametrize(
    ("data", "status", "error", "message"),
    [
        (SVG, 415, "UNSUPPORTED_IMAGE", "SVG logos are not accepted: export a PNG"),
        (b"GIF89a", 415, "UNSUPPORTED_IMAGE", "The logo must be a PNG, JPEG or WebP"),
        (LOGO[:60], 400, "INVALID_IMAGE", "The logo cannot be read: the file is damaged"),
        (b"", 400, "INVALID_IMAGE", "The logo is empty"),
    ],
    ids=["svg", "gif", "cut off", "nothing"],
)
def test_what_is_no_logo_is_refused(api, kit, data, status, error, message):
    put(api, kit, LOGO)
    before = keys(kit)

    answer = put(api, kit, data)

    assert (answer.status_code, answer.json()["error"]) == (status, error)
    assert answer.json()["details"] == [{"path": ["logo"], "message": message, "code": "invalid"}]
    assert keys(kit) == before


def test_five_megabytes_are_the_most(api, kit):
    answer = put(api, kit, LOGO + bytes(UPLOAD_LIMIT + 1 - len(LOGO)))

    assert (answer.status_code, answer.json()["error"]) == (413, "PAYLOAD_TOO_LARGE")
    assert keys(kit) == ("", "")


def test_file_of_a_form_may_not_be_larger_either(api, kit):
    form = {"file": SimpleUploadedFile("logo.png", LOGO + bytes(UPLOAD_LIMIT + 1 - len(LOGO)))}

    answer = api.put(f"/api/brands/{kit.pk}/logo", form, format="multipart")

    assert (answer.status_code, answer.json()["error"]) == (413, "PAYLOAD_TOO_LARGE")
    assert keys(kit) == ("", "")


@pytest.mark.parametrize("method", ["put", "delete"])
def test_picture_of_someone_elses_brand_is_not_found(kit, method):
    other = api_of(factories.user())
    BrandKit.objects.filter(pk=kit.pk).update(logo_key="brands/x/logo.png")

    answer = getattr(other, method)(f"/api/brands/{kit.pk}/logo", LOGO, content_type="image/png")

    assert (answer.status_code, answer.json()["error"]) == (404, "BRAND_NOT_FOUND")
    assert keys(kit) == ("brands/x/logo.png", "")


def test_snapshot_becomes_the_brand_with_its_files(api, kit):
    put(api, kit, LOGO)
    put(api, kit, LOGO, "avatar")
    kit.refresh_from_db()

    brand = brands.brand_from(brands.snapshot(kit))

    assert brand == brands.brand_of(kit)
    assert brand == Brand(
        name="Northlight",
        handle="@north",
        logo=files.read(kit.logo_key),
        avatar=files.read(kit.avatar_key),
        colors=("#FF6B00",),
        fonts="topo",
    )


def test_snapshot_outlives_changes_and_the_kit_itself(api, kit):
    put(api, kit, LOGO)
    kit.refresh_from_db()
    kept, before = brands.snapshot(kit), brands.brand_of(kit)

    put(api, kit, encode(Image.new("RGBA", (90, 90), "blue"), "PNG"))
    api.patch(f"/api/brands/{kit.pk}", {"name": "Southlight", "colors": []})
    api.delete(f"/api/brands/{kit.pk}")

    assert brands.brand_from(kept) == before


def test_empty_snapshot_is_no_brand():
    assert brands.brand_from({}) == Brand()


def test_snapshot_is_json(kit):
    assert brands.snapshot(kit) == {
        "name": "Northlight",
        "handle": "@north",
        "logoKey": "",
        "avatarKey": "",
        "colors": ["#FF6B00"],
        "fonts": "topo",
    }


def test_picture_for_a_brand_that_is_gone_meanwhile_is_not_kept(user):
    gone = BrandKit(pk=uuid.uuid4(), user=user, name="Gone")

    with pytest.raises(brands.BrandNotFound):
        brands.set_picture(kit=gone, picture="logo", data=LOGO, now=gone.created_at)
