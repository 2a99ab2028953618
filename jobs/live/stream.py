"""GET /api/jobs/{id}/events as a stream: an ASGI application outside Django's middleware.

It asks who is there once, through the same view code as polling (`views.JobStream`), and then holds
neither thread nor connection: Django's own way kept both for as long as a stream was open.
"""

import asyncio
from collections.abc import Awaitable, Callable
from io import BytesIO
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.urls import Resolver404, resolve
from rest_framework.response import Response

from jobs.live import frames
from jobs.live.hub import Hub, Subscriber
from jobs.live.views import JobStream

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

HEARD = {b"host", b"authorization", b"last-event-id", b"x-forwarded-proto"}  # others could only do harm
HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]


class EventStream:
    """Answers what asks for a stream, and hands everything else to the application behind it."""

    def __init__(self, otherwise: Application, *, hub: Hub | None = None) -> None:
        self.otherwise, self.hub = otherwise, hub or Hub()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif job_id := _wanted_job(scope):
            await self._answer(scope, receive, send, job_id)
        else:
            await self.otherwise(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()  # lifespan.startup
        async with self.hub.running():
            await send({"type": "lifespan.startup.complete"})
            await receive()  # lifespan.shutdown
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send, job_id: str) -> None:
        beginning = await self.hub.in_thread(_begin, scope, job_id)
        if beginning.status_code != 200:
            await _send_whole(beginning, send)
            return
        job_id, site, after = (beginning.data[name] for name in ("job_id", "site", "after"))
        with self.hub.subscribe(job_id, site=site, after=after) as subscriber:
            leaving = asyncio.create_task(_leave_when_disconnected(subscriber, receive))
            try:
                await self._stream(job_id, subscriber, beginning.data["snapshot"], send)
            finally:
                leaving.cancel()

    async def _stream(
        self, job_id: str, subscriber: Subscriber, snapshot: dict[str, Any], send: Send
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await _send_part(frames.opening(snapshot), send)
        async for batch in self.hub.follow(job_id, subscriber):
            await _send_part(b"".join(frame.text for frame in batch) or frames.PING, send)
        await send({"type": "http.response.body", "body": b""})


def _wanted_job(scope: Scope) -> str | None:
    """The job's id as the path has it, when this is a request for a stream of events."""
    if scope["type"] != "http" or scope["method"] != "GET" or not _wants_stream(scope):
        return None
    try:
        found = resolve(scope["path"])
    except Resolver404:
        return None
    return found.kwargs["job_id"] if found.url_name == "job-events" else None


def _wants_stream(scope: Scope) -> bool:
    """An EventSource says so; whoever carries a ticket and does not ask for JSON means it too."""
    accepted = b",".join(value for name, value in scope["headers"] if name == b"accept").lower()
    has_ticket = b"ticket=" in scope["query_string"]
    return b"text/event-stream" in accepted or (has_ticket and b"application/json" not in accepted)


def _begin(scope: Scope, job_id: str) -> Response:
    headers = [(name, value) for name, value in scope["headers"] if name in HEARD]
    request = ASGIRequest({**scope, "headers": headers}, BytesIO())
    return JobStream.as_view()(request, job_id=job_id)


async def _leave_when_disconnected(subscriber: Subscriber, receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass  # an empty body comes first
    subscriber.leave()


async def _send_whole(response: Response, send: Send) -> None:
    body = response.render().content
    headers = [(name.lower().encode(), value.encode()) for name, value in response.items()]
    headers.append((b"content-length", b"%d" % len(body)))
    await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def _send_part(text: bytes, send: Send) -> None:
    await send({"type": "http.response.body", "body": text, "more_body": True})
