"""What a WSGI application gets from an ASGI server's request, and what becomes of its answer."""

import asyncio
import threading

import pytest

from rest.bridge import Bridge

SCOPE = {
    "type": "http",
    "method": "PUT",
    "http_version": "1.1",
    "scheme": "https",
    "path": "/api/ä",
    "raw_path": b"/api/%c3%a4%ff%00",
    "query_string": b"a=%ff&b=\xff",
    "server": ("127.0.0.1", "8000"),
    "client": ("127.0.0.2", "50000"),
    "headers": [
        (b"host", b"example.com"),
        (b"content-type", b"image/png"),
        (b"content-length", b"3"),
        (b"x-forwarded-proto", b"https"),
        (b"x_forwarded_proto", b"http"),
        (b"accept", b"a/b"),
        (b"accept", b"c/d"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=\xe4"),
    ],
}


def call(application, *parts: bytes, bridge: Bridge | None = None) -> list[dict]:
    """The messages that the server gets, for a body that comes in these parts."""
    coming = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    coming.append({"type": "http.request", "body": b"", "more_body": False})
    sent = []

    async def receive():
        return coming.pop(0)

    async def send(message):
        sent.append(message)

    asyncio.run((bridge or Bridge(application))(SCOPE, receive, send))
    return sent


def seen_by_application(*parts: bytes) -> dict:
    seen = {}

    def application(environ, start_response):
        seen.update(environ)
        start_response("200 OK", [])
        return []

    call(application, *parts)
    return seen


def test_environ_has_every_byte_of_the_request():
    seen = seen_by_application()

    assert seen["PATH_INFO"].encode("latin-1") == b"/api/\xc3\xa4\xff\x00"
    assert seen["QUERY_STRING"].encode("latin-1") == b"a=%ff&b=\xff"
    assert (seen["REQUEST_METHOD"], seen["SERVER_PROTOCOL"], seen["wsgi.url_scheme"]) == (
        "PUT",
        "HTTP/1.1",
        "https",
    )
    assert (seen["SERVER_NAME"], seen["SERVER_PORT"], seen["REMOTE_ADDR"]) == (
        "127.0.0.1",
        "8000",
        "127.0.0.2",
    )


def test_headers_are_named_and_joined_as_wsgi_wants_them():
    seen = seen_by_application()

    assert (seen["CONTENT_TYPE"], seen["CONTENT_LENGTH"], seen["HTTP_HOST"]) == (
        "image/png",
        "3",
        "example.com",
    )
    assert (seen["HTTP_ACCEPT"], seen["HTTP_COOKIE"]) == ("a/b,c/d", "a=1; b=\xe4")


def test_header_with_underscores_passes_for_none_with_hyphens():
    assert seen_by_application()["HTTP_X_FORWARDED_PROTO"] == "https"


@pytest.mark.parametrize("parts", [[], [b""], [b"one", b"", b"two\n", b"three"]])
def test_body_is_read_to_its_end_however_it_comes(parts):
    read = []

    def application(environ, start_response):
        stream = environ["wsgi.input"]
        read.extend([stream.read(2), stream.readline(), stream.read(), stream.read()])
        start_response("200 OK", [])
        return []

    call(application, *parts)

    whole = b"".join(parts)
    line = whole[2:].split(b"\n")[0] + b"\n" if b"\n" in whole else b""
    assert read == [whole[:2], line, whole[2 + len(line) :], b""]


def test_body_that_is_not_read_is_not_waited_for():
    def application(environ, start_response):
        start_response("413 Too Large", [("Content-Length", "2")])
        return [b"no"]

    async def never():
        await asyncio.Event().wait()

    sent = []

    async def send(message):
        sent.append(message)

    asyncio.run(asyncio.wait_for(Bridge(application)(SCOPE, never, send), 5))
    assert [message.get("status") for message in sent] == [413, None, None]


def test_body_that_stays_away_ends_like_one_whose_client_left():
    read, sent, coming = [], [], [{"type": "http.request", "body": b"{", "more_body": True}]

    def application(environ, start_response):
        read.append(environ["wsgi.input"].read())
        start_response("400 Bad Request", [])
        return []

    async def receive():
        return coming.pop() if coming else await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    asyncio.run(asyncio.wait_for(Bridge(application, silence=0.05)(SCOPE, receive, send), 5))
    assert (read, sent[0]["status"]) == ([b"{"], 400)


def test_answer_that_is_not_taken_gives_its_thread_back():
    closed = []

    def application(environ, start_response):
        start_response("200 OK", [])
        try:
            yield from (b"a", b"b")
        finally:
            closed.append(True)

    async def send(message):
        if "body" in message:
            await asyncio.Event().wait()

    asyncio.run(asyncio.wait_for(Bridge(application, silence=0.05)(SCOPE, None, send), 5))
    assert closed == [True]


def test_answer_is_sent_piece_by_piece_and_closed():
    closed = []

    class Pieces:
        def __iter__(self):
            yield from (b"one", b"", b"two")

        def close(self):
            closed.append(True)

    def application(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain"), ("X-A", "\xe4")])
        return Pieces()

    assert call(application) == [
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-type", b"text/plain"), (b"x-a", b"\xe4")],
        },
        {"type": "http.response.body", "body": b"one", "more_body": True},
        {"type": "http.response.body", "body": b"two", "more_body": True},
        {"type": "http.response.body", "body": b""},
    ]
    assert closed == [True]


def test_answer_without_a_body_has_its_beginning_all_the_same():
    def application(environ, start_response):
        start_response("204 No Content", [])
        return []

    assert [message.get("status") for message in call(application)] == [204, None]


def test_application_that_fails_is_the_servers_to_answer():
    def application(environ, start_response):
        raise RuntimeError("nobody thought of this")

    with pytest.raises(RuntimeError, match="nobody thought of this"):
        call(application)


def test_calls_run_in_threads_that_stay():
    names = set()

    def application(environ, start_response):
        names.add(threading.current_thread().name)
        start_response("200 OK", [])
        return []

    bridge = Bridge(application, threads=2)
    for _ in range(6):
        call(application, bridge=bridge)

    assert names <= {"wsgi_0", "wsgi_1"}
