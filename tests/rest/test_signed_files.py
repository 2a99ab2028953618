"""Files: signed when answering, loaded without a header, never stored, expired on time, ours alone."""

import json
import re
import time
from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.db import connection
from django.test import Client

from carousels import files
from carousels.models import Carousel, Slide
from jobs import pipeline
from tests import factories
from tests.rest.world import body_of

INVALID = {
    "success": False,
    "error": "INVALID_ADDRESS",
    "message": "This address has expired or was not made by us",
}


@pytest.fixture
def png(rf, db):
    """The address of a stored file, as an answer would carry it."""
    key = files.store(carousel_id="c1", name="slide-01.png", data=b"\x89PNG picture")

    return files.address(key=key, request=rf.get("/"))


def path_of(address: str) -> str:
    parts = urlsplit(address)

    return f"{parts.path}?{parts.query}"


def move_timestamp_to_key(path: str) -> str:
    """The signed text reads the same, but the key is another one."""
    key, _, signature = path.partition("?signature=")
    timestamp, _, digest = signature.partition(":")

    return f"{key}:{timestamp}?signature={digest}"


def test_address_is_absolute_and_loads_without_a_header(png, client):
    response = client.get(path_of(png))

    assert png.startswith("http://testserver/api/files/carousels/c1/slide-01-")
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"\x89PNG picture"
    assert response.headers["Content-Type"] == "image/png"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Cache-Control"] == "private, max-age=3600, immutable"


@pytest.mark.parametrize(
    ("name", "media_type"), [("carousel.pdf", "application/pdf"), ("thumbnail-01.jpg", "image/jpeg")]
)
def test_file_is_sent_as_what_it_is(rf, client, db, name, media_type):
    key = files.store(carousel_id="c1", name=name, data=b"bytes")

    response = client.get(path_of(files.address(key=key, request=rf.get("/"))))

    assert response.headers["Content-Type"] == media_type
    assert b"".join(response.streaming_content) == b"bytes"


def test_picture_is_sent_in_a_few_large_pieces(rf, client, db):
    """Each is handed from thread to thread where one process serves all (`rest/bridge.py`)."""
    key = files.store(carousel_id="c1", name="slide-01.png", data=bytes(1_000_000))

    response = client.get(path_of(files.address(key=key, request=rf.get("/"))))

    assert [len(piece) for piece in response.streaming_content] == [262_144] * 3 + [213_568]


def test_head_of_a_file_has_its_headers_and_no_body(png, client):
    response = client.head(path_of(png))

    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/png")
    assert response.getvalue() == b""


def test_address_expires_after_file_url_seconds(png, client, settings, monkeypatch):
    settings.FILE_URL_SECONDS = 60
    made_at = time.time()

    monkeypatch.setattr(signing.time, "time", lambda: made_at + 59)
    before = client.get(path_of(png))
    monkeypatch.setattr(signing.time, "time", lambda: made_at + 62)
    after = client.get(path_of(png))

    assert before.getvalue() == b"\x89PNG picture"
    assert (after.status_code, body_of(after)) == (403, INVALID)


@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.partition("?")[0],
        lambda path: path.partition("?")[0] + "?signature=",
        lambda path: path[:-1],
        lambda path: path + "x",
        lambda path: path.replace("slide-01", "slide-02"),
        lambda path: path.replace("c1/", "c1/../c1/"),
        lambda path: path.replace("c1/", "c1//"),
        lambda path: path.replace("?signature=", "%00?signature="),
        move_timestamp_to_key,
        lambda path: path + "%00",
        lambda path: path + "%ff%fe",
        lambda path: path + "&signature=" + "x" * 20_000,
    ],
)
def test_address_that_was_changed_is_refused(png, client, change):
    response = client.get(change(path_of(png)))

    assert (response.status_code, body_of(response)) == (403, INVALID)


@pytest.mark.parametrize(
    "key",
    [
        "../../etc/passwd",
        "%2e%2e/%2e%2e/etc/passwd",
        "/etc/passwd",
        "carousels/../../settings.py",
        "..%5c..%5cwindows",
        "%00",
        "x" * 5000,
        "carousels/",
    ],
)
@pytest.mark.parametrize("signature", ["", "?signature=1:x", "?signature=::::"])
@pytest.mark.django_db
def test_key_of_an_outsider_reads_nothing(client, key, signature):
    response = client.get(f"/api/files/{key}{signature}")

    assert (response.status_code, body_of(response)) == (403, INVALID)


@pytest.mark.parametrize("key", ["../secret.txt", "/etc/passwd"])
def test_even_a_signed_key_never_leaves_the_store(client, settings, key, db):
    settings.MEDIA_ROOT.mkdir(exist_ok=True)
    (settings.MEDIA_ROOT.parent / "secret.txt").write_text("secret")
    _, signature = signing.TimestampSigner(salt=files.SALT).sign(key).split(":", 1)

    response = client.get(f"/api/files/{key}?signature={signature}")

    assert (response.status_code, body_of(response)["error"]) == (400, "BAD_REQUEST")


def test_key_signed_for_another_purpose_is_refused(client, db):
    _, signature = signing.TimestampSigner(salt="another").sign("carousels/c1/x.png").split(":", 1)

    response = client.get(f"/api/files/carousels/c1/x.png?signature={signature}")

    assert (response.status_code, body_of(response)) == (403, INVALID)


def test_file_that_is_gone_says_so(rf, client, db):
    address = files.address(key="carousels/c1/lost.png", request=rf.get("/"))

    response = client.get(path_of(address))

    assert response.status_code == 404
    assert body_of(response) == {"success": False, "error": "FILE_NOT_FOUND", "message": "This file is gone"}


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_files_are_only_read(png, client, method):
    response = getattr(client, method)(path_of(png))

    assert (response.status_code, body_of(response)["error"]) == (405, "METHOD_NOT_ALLOWED")


def test_pictures_of_a_finished_job_load_from_both_of_its_answers(api, user):
    job = factories.work_off(factories.job(user, imageCount=2))

    result = body_of(api.get(f"/api/queue/status/{job.pk}"))["data"]["result"]
    carousel = body_of(api.get(f"/api/carousel/{job.carousel_id}"))["data"]

    pictures = [slide["imageUrl"] for answer in (result, carousel) for slide in answer["slides"]]
    loaded = [Client().get(path_of(picture)) for picture in pictures]
    assert [answer.headers["Content-Type"] for answer in loaded] == ["image/png"] * 4
    assert {b"".join(answer.streaming_content)[:8] for answer in loaded} == {b"\x89PNG\r\n\x1a\n"}


def test_no_row_keeps_an_address(api, user):
    job = factories.work_off(factories.job(user, imageCount=2))
    api.get(f"/api/queue/status/{job.pk}")
    api.get(f"/api/carousel/{job.carousel_id}")

    texts = all_texts()

    assert Carousel.objects.get().pdf_key in texts
    assert [text for text in texts if "http" in text or "signature" in text] == []


def test_a_started_run_has_only_previews_to_load(api, user):
    job = factories.started_job(user)
    while step := factories.queued_step(job, "strategy") or factories.queued_step(job, "slide"):
        pipeline.work_off(pipeline.claim(step_id=step.pk))

    texts = [
        json.dumps(body_of(api.get(path)))
        for path in (
            f"/api/carousel/{job.carousel_id}",
            f"/api/queue/status/{job.pk}",
            f"/api/jobs/{job.pk}/events",
        )
    ]

    art = Slide.objects.exclude(art_key="").values_list("art_key", flat=True)
    names = [re.findall(r"carousels/[^/]+/([a-z]+)-", text) for text in texts]
    assert len(art) == 3
    assert names == [[], [], ["preview"] * 3]
    assert [key for key in art for text in texts if key in text] == []


def all_texts() -> set[str]:
    """Every value of every column that can hold a text."""
    texts: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'json', 'jsonb')"
        )
        for table, column in cursor.fetchall():
            cursor.execute(f'SELECT DISTINCT "{column}"::text FROM "{table}" WHERE "{column}" IS NOT NULL')
            texts |= {text for (text,) in cursor.fetchall()}

    return texts
