"""GET /api/carousel/{id}/export: who may have the pack, what is in it, and how gently it is sent."""

import hashlib
import json
import time
import tracemalloc
import zipfile
from io import BytesIO
from urllib.parse import urlsplit

import pypdfium2
import pytest
from django.core import signing
from django.core.files.storage import default_storage
from django.test import Client

from carousels import exporting, files
from carousels.design.export import archive
from carousels.models import Carousel, Slide
from tests import factories
from tests.carousels.design.decks import open_image
from tests.rest.world import body_of, snapshot

NOT_FOUND = {"success": False, "error": "CAROUSEL_NOT_FOUND", "message": "There is no such carousel"}
UNAUTHORIZED = {"success": False, "error": "UNAUTHORIZED", "message": "Authentication required"}
UNFINISHED = {"success": False, "error": "INVALID_STATE", "message": "This carousel has no finished slides"}
INVALID = {
    "success": False,
    "error": "INVALID_ADDRESS",
    "message": "This address has expired or was not made by us",
}
GONE = {"success": False, "error": "FILE_NOT_FOUND", "message": "This file is gone"}


def url(carousel_id) -> str:
    return f"/api/carousel/{carousel_id}/export"


def make_carousel(user, *, picture: bytes = b"picture", **changes) -> Carousel:
    """A finished carousel of one slide whose files are small."""
    made = Carousel.objects.create(
        **{
            "user": user,
            "prompt": "Pricing",
            "image_count": 2,
            "status": "completed",
            "title": "Freelance *pricing*",
            "language": "de",
            "theme": "cutout",
            "palette": "night",
            "final_caption": "Price is a promise.\n\n#pricing",
            "hashtags": ["#pricing"],
            "written_by": "job:7",
            "generation_metadata": {"aiModel": "gpt-5 + gpt-image-1", "preflight": {"passed": True}},
            **changes,
        }
    )
    Carousel.objects.filter(pk=made.pk).update(pdf_key=keep(made, "carousel.pdf", b"%PDF"))
    Slide.objects.create(
        carousel=made,
        number=1,
        kind="comparison",
        title="Ask *first*",
        alt_text="A desk",
        content={"items": ["Ask"], "against": ["Guess"]},
        image_prompt="a lamp",
        art_source={"provider": "openai", "model": "gpt-image-1", "isPhoto": True},
        image_key=keep(made, "slide-01.png", picture),
        jpeg_key=keep(made, "slide-01.jpg", picture + b"2"),
    )
    return Carousel.objects.get(pk=made.pk)


def keep(carousel: Carousel, name: str, data: bytes) -> str:
    return files.store(carousel_id=carousel.pk, name=name, data=data)


def unpack(response) -> dict[str, bytes]:
    """Path below the folder to bytes."""
    with zipfile.ZipFile(BytesIO(response.getvalue())) as opened:
        assert opened.testzip() is None
        return {name.partition("/")[2]: opened.read(name) for name in opened.namelist()}


def signed_path(rf, carousel: Carousel) -> str:
    parts = urlsplit(exporting.address(carousel=carousel, request=rf.get("/")))

    return f"{parts.path}?{parts.query}"


def test_pack_of_a_carousel_that_was_really_drawn(api, user):
    job = factories.work_off(factories.job(user, imageCount=2))

    unpacked = unpack(api.get(url(job.carousel_id)))

    manifest = json.loads(unpacked.pop("manifest.json"))
    assert {file["path"]: (file["bytes"], file["sha256"]) for file in manifest["files"]} == {
        path: (len(data), hashlib.sha256(data).hexdigest()) for path, data in unpacked.items()
    }
    pictures = {path: open_image(data) for path, data in unpacked.items() if path.startswith("images/")}
    assert {path: (picture.format, picture.size) for path, picture in pictures.items()} == {
        f"images/{number}": (form, (manifest["width"], manifest["height"]))
        for number, form in [("01.png", "PNG"), ("01.jpg", "JPEG"), ("02.png", "PNG"), ("02.jpg", "JPEG")]
    }
    with pypdfium2.PdfDocument(unpacked["carousel.pdf"]) as pdf:
        assert len(pdf) == 2
    assert manifest["revision"] == job.reference
    assert manifest["preflight"]["passed"] is True
    assert [slide["picture"]["isAi"] for slide in manifest["slides"]] == [False, False]


def test_render_that_ends_while_the_pack_is_begun_is_in_it_whole(user):
    read_before = make_carousel(user, aspect_ratio="1:1")
    Carousel.objects.update(aspect_ratio="9:16", pdf_key=keep(read_before, "carousel.pdf", b"%PDF of 9:16"))

    packed, name = exporting.export(carousel=read_before)

    with zipfile.ZipFile(BytesIO(b"".join(packed.stream()))) as opened:
        assert name == "freelance-pricing-9x16.zip"
        assert opened.read("freelance-pricing-9x16/carousel.pdf") == b"%PDF of 9:16"


def test_manifest_tells_what_the_rows_know(api, user):
    manifest = json.loads(unpack(api.get(url(make_carousel(user).pk)))["manifest.json"])

    del manifest["files"], manifest["generator"]
    assert manifest == {
        "revision": "job:7",
        "models": "gpt-5 + gpt-image-1",
        "title": "Freelance pricing",
        "language": "de",
        "theme": "cutout",
        "palette": "night",
        "aspectRatio": "1:1",
        "width": 1080,
        "height": 1080,
        "disclosure": "Made with AI: the art of slide 1, by openai gpt-image-1; words were set over it.",
        "slides": [
            {
                "number": 1,
                "kind": "comparison",
                "png": "images/01.png",
                "jpeg": "images/01.jpg",
                "altText": "A desk",
                "picture": {
                    "provider": "openai",
                    "model": "gpt-image-1",
                    "prompt": "a lamp",
                    "isAi": True,
                    "isStandIn": False,
                    "digitalSourceType": "http://cv.iptc.org/newscodes/digitalsourcetype/"
                    "compositeWithTrainedAlgorithmicMedia",
                },
            }
        ],
        "preflight": {"passed": True},
    }


def test_texts_speak_the_carousels_language(api, user):
    unpacked = unpack(api.get(url(make_carousel(user).pk)))

    assert unpacked["transcript.txt"].decode() == (
        "Freelance pricing\n\n[1]\nAsk first\nSo\n• Ask\nSo nicht\n• Guess\n"
    )
    assert unpacked["captions/x.txt"].decode() == "Price is a promise.\n\n#pricing\n"


def test_pack_is_sent_as_a_download_of_known_length(api, user):
    response = api.get(url(make_carousel(user, title="خمس عادات: 5").pk))

    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/zip"
    assert response.headers["Content-Length"] == str(len(response.getvalue()))
    assert response.headers["Cache-Control"] == "private, no-cache"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"] == (
        'attachment; filename="carousel-5-1x1.zip"; '
        "filename*=UTF-8''%D8%AE%D9%85%D8%B3-%D8%B9%D8%A7%D8%AF%D8%A7%D8%AA-5-1x1.zip"
    )


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Freelance pricing", "freelance-pricing-1x1.zip"),
        ("Café", "cafe-1x1.zip"),
        ('"; filename="evil.exe\r\nSet-Cookie: a=b', "filename-evil-exe-set-cookie-a-b-1x1.zip"),
        ("", "carousel-1x1.zip"),
    ],
)
def test_download_has_a_plain_name(api, user, title, name):
    response = api.get(url(make_carousel(user, title=title).pk))

    assert response.headers["Content-Disposition"].startswith(f'attachment; filename="{name}"; ')
    assert "Set-Cookie" not in response.headers


def test_carousel_of_older_days_is_packed_without_jpegs(api, user):
    carousel = make_carousel(user, generation_metadata=None, final_caption=None)
    Slide.objects.update(jpeg_key="", art_source={})

    unpacked = unpack(api.get(url(carousel.pk)))

    assert [path for path in unpacked if path.startswith("images/")] == ["images/01.png"]
    assert json.loads(unpacked["manifest.json"])["slides"][0]["picture"]["isAi"] is None


@pytest.mark.parametrize("status", ["pending", "processing", "failed", "cancelled"])
def test_carousel_that_is_not_finished_has_no_pack(api, user, status):
    response = api.get(url(make_carousel(user, status=status).pk))

    assert (response.status_code, body_of(response)) == (409, UNFINISHED)


@pytest.mark.parametrize("missing", ["slides", "picture", "pdf"])
def test_carousel_without_its_files_has_no_pack(api, user, missing):
    carousel = make_carousel(user)
    match missing:
        case "slides":
            Slide.objects.all().delete()
        case "picture":
            Slide.objects.update(image_key="")
        case "pdf":
            Carousel.objects.update(pdf_key="")

    response = api.get(url(carousel.pk))

    assert (response.status_code, body_of(response)) == (409, UNFINISHED)


def test_file_that_is_gone_is_told_before_the_first_byte(api, user):
    carousel = make_carousel(user)
    default_storage.delete(carousel.pdf_key)

    response = api.get(url(carousel.pk))

    assert (response.status_code, body_of(response)) == (404, GONE)


def test_somebody_elses_carousel_is_not_there(api):
    response = api.get(url(make_carousel(factories.user()).pk))

    assert (response.status_code, body_of(response)) == (404, NOT_FOUND)


@pytest.mark.parametrize("key", [factories.NO_ID, "x", "../etc", "%00"])
def test_carousel_that_does_not_exist_is_not_there(api, key):
    response = api.get(url(key))

    assert response.status_code == 404
    assert body_of(response)["error"] in {"CAROUSEL_NOT_FOUND", "NOT_FOUND"}


def test_stranger_is_asked_who_they_are(client, user):
    response = client.get(url(make_carousel(user).pk))

    assert (response.status_code, body_of(response)) == (401, UNAUTHORIZED)


def test_signed_address_loads_without_a_header(client, rf, user):
    carousel = make_carousel(user)

    unpacked = unpack(client.get(signed_path(rf, carousel)))

    assert unpacked["carousel.pdf"] == b"%PDF"


def test_address_is_absolute(rf, user):
    carousel = make_carousel(user)

    address = exporting.address(carousel=carousel, request=rf.get("/"))

    assert address.partition("?signature=")[0] == f"http://testserver/api/carousel/{carousel.pk}/export"


def test_address_expires_after_file_url_seconds(client, rf, user, settings, monkeypatch):
    settings.FILE_URL_SECONDS = 60
    path = signed_path(rf, make_carousel(user))
    made_at = time.time()

    monkeypatch.setattr(signing.time, "time", lambda: made_at + 59)
    before = client.get(path)
    monkeypatch.setattr(signing.time, "time", lambda: made_at + 62)
    after = client.get(path)

    assert before.status_code == 200
    assert (after.status_code, body_of(after)) == (403, INVALID)


def test_signature_of_another_carousel_or_a_file_opens_nothing(client, rf, user):
    carousel, other = make_carousel(user), make_carousel(user)
    of_other = signed_path(rf, other).partition("?")[2]
    of_file = f"signature={files.sign(carousel.pdf_key)}"

    answers = [client.get(f"{url(carousel.pk)}?{query}") for query in (of_other, of_file, "signature=")]

    assert [(answer.status_code, body_of(answer)) for answer in answers] == [(403, INVALID)] * 3


def test_signature_of_a_pack_opens_no_file(client, rf, user):
    carousel = make_carousel(user)
    query = signed_path(rf, carousel).partition("?")[2]

    response = client.get(f"/api/files/{carousel.pdf_key}?{query}")

    assert (response.status_code, body_of(response)) == (403, INVALID)


@pytest.mark.parametrize("key", ["x", factories.NO_ID])
def test_signed_address_of_nothing_gives_nothing(client, db, key):
    response = client.get(f"{url(key)}?signature={files.sign(f'exports/{key}')}")

    assert (response.status_code, body_of(response)) == (404, NOT_FOUND)


def test_other_methods_are_refused_and_nothing_changes(api, user):
    carousel = make_carousel(user)
    before = snapshot()

    answers = [call(url(carousel.pk)) for call in (api.post, api.put, api.delete)]

    assert [(answer.status_code, body_of(answer)["error"]) for answer in answers] == [
        (405, "METHOD_NOT_ALLOWED")
    ] * 3
    assert snapshot() == before


def test_export_asks_the_database_twice_however_many_slides(user, django_assert_num_queries, rf):
    carousel = make_carousel(user)
    path = signed_path(rf, carousel)
    first = Slide.objects.get()
    for number in (2, 3):
        first.pk, first.number = None, number
        first.save()

    with django_assert_num_queries(2):
        response = Client().get(path)
        response.getvalue()


def test_big_pictures_never_stand_whole_in_memory(client, rf, user):
    carousel = make_carousel(user, picture=bytes(40 * archive.CHUNK))
    path = signed_path(rf, carousel)
    tracemalloc.start()

    response = client.get(path)
    most = max(map(len, response.streaming_content))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert most == archive.CHUNK
    assert peak < 3_000_000  # a picture alone has 10 MB
