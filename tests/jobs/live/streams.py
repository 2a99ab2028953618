"""A client of the event stream, and the ASGI application that it asks, inside this process."""

import asyncio
import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from jobs.live.hub import Hub
from jobs.live.stream import EventStream
from jobs.models import GenerationJob
from tests.conftest import api_of
from tests.rest.world import body_of

PATIENCE = 10  # seconds


class Told(NamedTuple):
    """One block of a stream; a ping has no name."""

    name: str | None
    id: int | None
    data: Any


def parse(block: str) -> Told:
    fields = dict(line.split(": ", 1) for line in block.splitlines())
    return Told(
        fields.get("event"),
        int(fields["id"]) if "id" in fields else None,
        json.loads(fields["data"]) if "data" in fields else None,
    )


def blocks_of(text: str) -> list[Told]:
    return [parse(block) for block in text.split("\n\n")[:-1]]


class Visit:
    """One open request. A client that is `slow` takes nothing until it is told to go on."""

    def __init__(self, *, slow: bool = False) -> None:
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self._parts: queue.Queue[str | None] = queue.Queue()
        self._blocks: list[Told] = []
        self._takes, self._left = asyncio.Event(), asyncio.Event()
        if not slow:
            self._takes.set()

    async def receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            return
        await self._takes.wait()
        self._parts.put(message["body"].decode())
        if not message.get("more_body"):
            self._parts.put(None)

    def piece(self) -> str | None:
        """The next piece as it was sent; None at the end."""
        return self._parts.get(timeout=PATIENCE)

    def whole(self) -> str:
        """Everything until the end."""
        return "".join(iter(self.piece, None))

    def next(self) -> Told | None:
        """The next block that is no ping; None at the end."""
        deadline = time.monotonic() + PATIENCE
        while not self._blocks:
            assert time.monotonic() < deadline, "nothing but pings"
            part = self.piece()
            if part is None:
                return None
            self._blocks += [told for told in blocks_of(part) if told.name is not None]
        return self._blocks.pop(0)

    def rest(self) -> list[Told]:
        return list(iter(self.next, None))


def refusal(visit: Visit) -> tuple[int, dict[str, Any]]:
    """The answer to who got no stream: status and envelope."""
    body = json.loads(visit.whole())
    assert visit.headers["content-type"] == "application/json"
    return visit.status, body


class Site:
    """The application on a thread of its own."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.application = EventStream(otherwise=_nothing_else, hub=hub)
        self.loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task] = set()
        self._visits: list[Visit] = []

    def call(self, function, *arguments) -> None:
        """Something that must happen in the loop's own thread."""
        self.loop.call_soon_threadsafe(function, *arguments)

    def open(self, address: str, *, slow: bool = False, **headers: str) -> Visit:
        """A GET that asks for a stream; returns when its first piece was sent, or its refusal."""
        visit = Visit(slow=slow)
        self._visits.append(visit)
        self.call(self._start, _scope(address, {"accept": "text/event-stream"} | headers), visit)
        return visit

    def leave(self, visit: Visit) -> None:
        self.call(visit._left.set)

    def go_on(self, visit: Visit) -> None:
        self.call(visit._takes.set)

    def _start(self, scope: dict[str, Any], visit: Visit) -> None:
        task = self.loop.create_task(self.application(scope, visit.receive, visit.send))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


@contextmanager
def running(*, ping_every: float = 60.0) -> Iterator[Site]:
    site = Site(Hub(ping_every=ping_every))
    began, ending = threading.Event(), asyncio.Event()

    async def live() -> None:
        async with site.hub.running():
            began.set()
            await ending.wait()
        if site._tasks:
            await asyncio.wait(site._tasks, timeout=PATIENCE)

    thread = threading.Thread(target=lambda: site.loop.run_until_complete(live()), daemon=True)
    thread.start()
    assert began.wait(PATIENCE)
    try:
        yield site
    finally:
        for visit in site._visits:
            site.go_on(visit)
        site.call(ending.set)
        thread.join(PATIENCE)
        site.loop.close()


def status_of(job: GenerationJob) -> dict[str, Any]:
    return body_of(api_of(job.user).get(f"/api/queue/status/{job.pk}"))["data"]


def address_of(job: GenerationJob) -> str:
    """Where the status answer says that the job's stream is."""
    parts = urlsplit(status_of(job)["eventsUrl"])
    return f"{parts.path}?{parts.query}"


def polled(job: GenerationJob, after: int = 0) -> list[dict[str, Any]]:
    return body_of(api_of(job.user).get(f"/api/jobs/{job.pk}/events?after={after}"))["data"]


def _scope(address: str, headers: dict[str, str]) -> dict[str, Any]:
    parts = urlsplit(address)
    return {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": parts.path,
        "query_string": parts.query.encode(),
        "headers": [
            (name.encode(), value.encode()) for name, value in ({"host": "testserver"} | headers).items()
        ],
    }


async def _nothing_else(scope, receive, send) -> None:
    raise AssertionError(f"{scope['path']} is no stream")
