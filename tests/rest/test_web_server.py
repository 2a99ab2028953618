"""The envelope as it comes over the wire, from the web server of production on 127.0.0.1."""

import io
import os
import socket
import zipfile
from contextlib import closing
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from django.test import RequestFactory
from PIL import Image

from carousels import exporting, files
from carousels.models import BrandKit
from tests import factories
from tests.rest.server import serve
from tests.rest.world import ENVELOPES, EXTRAS, snapshot

LIMIT = 2_621_440
PAYLOAD = b'{"prompt": "5 pricing mistakes freelancers make", "imageCount": 3}'


@pytest.fixture(scope="module", params=["wsgi", "asgi"])
def server(request, django_db_setup, tmp_path_factory):
    """A module's tests share it."""
    with serve(request.param, tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def key(transactional_db) -> bytes:
    return factories.api_key(factories.user()).encode()


def post(key: bytes, body: bytes, *headers: bytes, path: bytes = b"/api/carousel/generate") -> bytes:
    lines = [
        b"POST " + path + b" HTTP/1.1",
        b"Host: 127.0.0.1",
        b"Connection: close",
        b"Authorization: Bearer " + key,
        *headers,
    ]

    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


JSON = b"Content-Type: application/json"
CHUNKED = b"Transfer-Encoding: chunked"


def length(value: int) -> bytes:
    return b"Content-Length: %d" % value


def test_generate_over_the_wire(server, key):
    answer = server.send(post(key, PAYLOAD, JSON, length(len(PAYLOAD))))

    assert (answer.status, answer.body["message"]) == (200, "Generation started successfully")


def test_chunked_body_is_read_like_any_other(server, key):
    answer = server.send(post(key, chunked(PAYLOAD), JSON, CHUNKED))

    assert (answer.status, answer.body["message"]) == (200, "Generation started successfully")


REFUSED = {
    "announced too large, nothing sent": (413, b"", [JSON, length(10**12)]),
    "announced too large, a little sent": (413, PAYLOAD, [JSON, length(LIMIT + 1)]),
    "too large": (413, b" " * (LIMIT + 1), [JSON, length(LIMIT + 1)]),
    "too large without a length": (413, chunked(b" " * (LIMIT + 1)), [JSON, CHUNKED]),
    "no length at all": (400, PAYLOAD, [JSON]),
    "length cuts the body": (400, PAYLOAD, [JSON, length(20)]),
    "broken parameter": (400, b"{", [JSON + b"; x*=bogus''%ff", length(1)]),
    "another encoding": (400, b"{", [JSON + b"; charset=hex", length(1)]),
    "parameter of 30,000 bytes": (400, b"{", [JSON + b"; a=" + b"x" * 30_000, length(1)]),
    "no media type": (415, PAYLOAD, [length(len(PAYLOAD))]),
    "bytes for a media type": (415, PAYLOAD, [b"Content-Type: \xff\xfe", length(len(PAYLOAD))]),
}


@pytest.mark.parametrize(("status", "body", "headers"), REFUSED.values(), ids=REFUSED)
def test_bad_body_is_refused_inside_the_envelope(server, key, status, body, headers):
    before = snapshot()

    answer = server.send(post(key, body, *headers))

    assert answer.status == status
    assert set(answer.body) - EXTRAS[False] == ENVELOPES[False]
    assert snapshot() == before


FORM = b'--x-1\r\nContent-Disposition: form-data; name="file"; filename="a.svg"\r\n\r\n<svg/>\r\n--x-1--\r\n'
UPLOADS = {
    "file of a form": (
        *(415, "UNSUPPORTED_IMAGE", FORM),
        [b"Content-Type: multipart/form-data; boundary=x-1", length(len(FORM))],
    ),
    "form with another boundary": (
        *(400, "VALIDATION_ERROR", FORM),
        [b"Content-Type: multipart/form-data; boundary=y", length(len(FORM))],
    ),
    "form without a boundary": (
        *(400, "VALIDATION_ERROR", FORM),
        [b"Content-Type: multipart/form-data", length(len(FORM))],
    ),
    "file without a length": (415, "UNSUPPORTED_IMAGE", chunked(b"<svg/>"), [CHUNKED]),
    "large file without a length": (413, "PAYLOAD_TOO_LARGE", chunked(b" " * (LIMIT + 1)), [CHUNKED]),
    "file of more than 5 MB": (413, "PAYLOAD_TOO_LARGE", b"", [length(5 * 1024 * 1024 + 1)]),
}


@pytest.mark.parametrize(("status", "error", "body", "headers"), UPLOADS.values(), ids=UPLOADS)
def test_upload_over_the_wire_is_read_as_what_it_is(server, transactional_db, status, error, body, headers):
    user = factories.user()
    kit = BrandKit.objects.create(user=user, name="Northlight")
    path = f"/api/brands/{kit.pk}/logo".encode()

    answer = server.send(
        post(factories.api_key(user).encode(), body, *headers, path=path).replace(b"POST", b"PUT", 1)
    )

    assert (answer.status, answer.body["error"]) == (status, error)


def strange(line: bytes, *headers: bytes, host: bytes = b"127.0.0.1") -> bytes:
    return b"\r\n".join([line, b"Host: " + host, b"Connection: close", *headers, b"\r\n"])


USER = b"GET /api/user HTTP/1.1"
STRANGE = {
    "bad host": (400, strange(USER, host=b"evil.example")),
    "no host": (400, strange(USER, host=b"")),
    "bytes for a path": (404, strange(b"GET /api/%ff%fe%00 HTTP/1.1")),
    "dots": (404, strange(b"GET /api/../admin/ HTTP/1.1")),
    "another method": (404, strange(b"BREW /api/tea HTTP/1.1")),
    "bytes for a key": (401, strange(USER, b"Authorization: Bearer sk_\xff\xfe")),
    "long key": (401, strange(USER, b"Authorization: Bearer sk_" + b"x" * 20_000)),
    "bytes for a session": (401, strange(USER, b"Cookie: sessionid=" + b"\xff\xfe" * 16)),
    "a NUL for a session": (401, strange(USER, b'Cookie: sessionid="' + b"\\000" * 32 + b'"')),
}


@pytest.mark.parametrize(("status", "raw"), STRANGE.values(), ids=STRANGE)
def test_strange_request_is_answered_inside_the_envelope(server, status, raw):
    answer = server.send(raw)

    assert (answer.status, answer.body["success"]) == (status, False)
    assert set(answer.body) == ENVELOPES[False]


def png(width: int, height: int) -> bytes:
    """Noise, which no packing makes smaller."""
    encoded = io.BytesIO()
    Image.frombytes("RGB", (width, height), os.urandom(width * height * 3)).save(encoded, "PNG")

    return encoded.getvalue()


def test_upload_of_megabytes_arrives_whole(server, transactional_db):
    user = factories.user()
    kit = BrandKit.objects.create(user=user, name="Northlight")
    picture = png(1000, 1000)

    answer = server.send(
        post(
            factories.api_key(user).encode(),
            picture,
            length(len(picture)),
            path=f"/api/brands/{kit.pk}/logo".encode(),
        ).replace(b"POST", b"PUT", 1)
    )

    kit.refresh_from_db()
    assert (answer.status, len(picture) > 2_900_000, bool(kit.logo_key)) == (200, True, True)


def fetch(server, address: str) -> tuple[dict, bytes]:
    """The answer's headers and body, by the address as the API tells it."""
    parts = urlsplit(address)
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request("GET", f"{parts.path}?{parts.query}")
        answer = connection.getresponse()
        return dict(answer.headers), answer.read()


def test_file_of_megabytes_comes_whole(server, settings, transactional_db):
    settings.MEDIA_ROOT = server.media
    data = os.urandom(3_000_000)
    key = files.store(carousel_id="c1", name="slide-01.png", data=data)

    headers, body = fetch(server, files.address(key=key, request=RequestFactory().get("/")))

    assert (headers["content-length"], headers["content-type"]) == ("3000000", "image/png")
    assert body == data


def test_export_pack_comes_whole(server, settings, transactional_db):
    settings.MEDIA_ROOT = server.media
    job = factories.work_off(factories.job(factories.user(), imageCount=2))

    headers, body = fetch(server, exporting.address(carousel=job.carousel, request=RequestFactory().get("/")))

    assert headers["content-length"] == str(len(body))
    assert zipfile.ZipFile(io.BytesIO(body)).testzip() is None


def test_readers_who_leave_keep_no_thread(server, settings, transactional_db):
    settings.MEDIA_ROOT = server.media
    key = files.store(carousel_id="c1", name="slide-01.png", data=os.urandom(20_000_000))
    parts = urlsplit(files.address(key=key, request=RequestFactory().get("/")))
    request = strange(f"GET {parts.path}?{parts.query} HTTP/1.1".encode())
    for _ in range(20):  # more than there are threads
        with socket.create_connection(("127.0.0.1", server.port)) as wire:
            wire.sendall(request)
            wire.recv(1000)

    assert server.send(strange(USER)).status == 401
