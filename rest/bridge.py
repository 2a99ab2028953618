"""A WSGI application served by an ASGI server, in threads that stay: so do their database connections.

Written here because the ready-made ones read a body as soon as it comes or never end a chunked one,
lose bytes of a path that is no UTF-8, and let a header with underscores pass for one with hyphens.
"""

import asyncio
import contextlib
import io
import sys
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any
from urllib.parse import unquote_to_bytes

from rest.gate import Application

Message = dict[str, Any]
SEPARATORS = {"HTTP_COOKIE": "; "}  # HTTP/2 sends cookies one by one
SILENCE = 30.0  # seconds until a client that neither sends nor takes anything is taken for gone
NAMES = {"HTTP_CONTENT_TYPE": "CONTENT_TYPE", "HTTP_CONTENT_LENGTH": "CONTENT_LENGTH"}


class ClientGone(Exception):
    """It has been silent for so long that the thread which waits for it is worth more."""


class Bridge:
    def __init__(self, application: Application, *, threads: int = 8, silence: float = SILENCE) -> None:
        self.application, self.silence = application, silence
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="wsgi")

    async def __call__(
        self,
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        loop = asyncio.get_running_loop()

        def in_loop(ask: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
            async def asked() -> Any:  # a server's awaitables are not always coroutines
                async with asyncio.timeout(self.silence):
                    return await ask(*arguments)

            try:
                return asyncio.run_coroutine_threadsafe(asked(), loop).result()
            except TimeoutError:
                raise ClientGone from None

        environ = environ_of(scope, Body(partial(in_loop, receive)))
        answer = Answer(partial(in_loop, send))
        await loop.run_in_executor(self._threads, _serve, self.application, environ, answer)


def _serve(application: Application, environ: Message, answer: "Answer") -> None:
    chunks = application(environ, answer.start)
    try:
        with contextlib.suppress(ClientGone):  # nobody is there to be told
            for chunk in chunks:
                answer.send(chunk)
            answer.end()
    finally:
        getattr(chunks, "close", lambda: None)()


def environ_of(scope: Message, body: "Body") -> Message:
    """The request as PEP 3333 says it: bytes of the path and of headers as Latin-1 characters."""
    environ = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope["raw_path"]).decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "SERVER_NAME": scope["server"][0],
        "SERVER_PORT": str(scope["server"][1]),
        "REMOTE_ADDR": scope["client"][0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BufferedReader(body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope["headers"]:
        if b"_" in name:  # or X_Forwarded_Proto would pass for X-Forwarded-Proto
            continue
        key = f"HTTP_{name.decode('latin-1').upper().replace('-', '_')}"
        key, text = NAMES.get(key, key), value.decode("latin-1")
        environ[key] = environ[key] + SEPARATORS.get(key, ",") + text if key in environ else text
    return environ


class Body(io.RawIOBase):
    """What the client sends, waited for only when it is read: too large is refused without it."""

    def __init__(self, receive: Callable[[], Message]) -> None:
        self._receive = receive
        self._rest, self._has_more = b"", True

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        while not self._rest and self._has_more:
            message = self._next()
            self._rest, self._has_more = message.get("body", b""), message.get("more_body", False)
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def _next(self) -> Message:
        try:
            return self._receive()
        except ClientGone:
            return {"type": "http.disconnect"}


class Answer:
    """The application's answer, sent piece by piece; a client that reads slowly holds it up."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self._send = send
        self._start: Message | None = None

    def start(self, status: str, headers: list[tuple[str, str]], _failed: Any = None) -> Callable:
        """WSGI's start_response; sent with the first piece, so that it may still be changed."""
        self._start = {
            "type": "http.response.start",
            "status": int(status[:3]),
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers],
        }
        return self.send

    def send(self, chunk: bytes) -> None:
        self._send_start()
        if chunk:
            self._send({"type": "http.response.body", "body": chunk, "more_body": True})

    def end(self) -> None:
        self._send_start()
        self._send({"type": "http.response.body", "body": b""})

    def _send_start(self) -> None:
        if self._start is not None:
            self._send(self._start)
            self._start = None
