"""One user of the load test, as a browser: a kept connection, a stream of events, and a clock."""

import json
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

PATIENCE = 300  # seconds of silence, pings included, after which a user goes away


class Refused(Exception):
    """The API did not answer 200."""


@dataclass
class Visit:
    """What a user waited for, in seconds. `outcome`: the job's status at the end, or what went wrong."""

    answers: list[float] = field(default_factory=list)
    sights: list[float] = field(default_factory=list)
    pick_up: float | None = None
    generation: float | None = None
    outcome: str = "gone"


class Visitor:
    def __init__(self, *, port: int, key: str) -> None:
        self.visit = Visit()
        self._port, self._key = port, key
        self._connection = HTTPConnection("127.0.0.1", port, timeout=PATIENCE)

    def make_carousel(self, brief: dict[str, Any]) -> None:
        """Ask for one, watch it being made, look at it. Whatever goes wrong is this visit's outcome."""
        try:
            self._make_carousel(brief)
        except (Refused, OSError, HTTPException, ValueError) as error:
            self.visit.outcome = f"{type(error).__name__}: {error}"
        finally:
            self._connection.close()

    def _make_carousel(self, brief: dict[str, Any]) -> None:
        asked_at = time.time()
        accepted = self._call("POST", "/api/carousel/generate", brief)
        status = self._call("GET", f"/api/queue/status/{accepted['jobId']}")
        self._connection.close()  # no server keeps one for as long as nothing is asked
        self._watch(status["eventsUrl"])
        self.visit.generation = time.time() - asked_at
        self.visit.outcome = self._call("GET", f"/api/queue/status/{accepted['jobId']}")["status"]
        self._call("GET", f"/api/carousel/{accepted['carouselId']}")

    def _watch(self, address: str) -> None:
        """Follow the stream to its end, noting how late each event is seen: since it was, or we looked."""
        opened_at, moments = time.time(), {}
        for event in self._stream(address):
            at = datetime.fromisoformat(event["at"]).timestamp()
            self.visit.sights.append(time.time() - max(at, opened_at))
            if event["step"] is None:
                moments[event["to"]] = at
        if "processing" in moments:
            self.visit.pick_up = moments["processing"] - moments["queued"]

    def _stream(self, address: str) -> Iterator[dict[str, Any]]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        connection.request("GET", _path_of(address), headers={"Accept": "text/event-stream"})
        try:
            yield from events_in(_expect_200(connection.getresponse()))
        finally:
            connection.close()

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json"}
        began = time.monotonic()
        self._connection.request(method, path, body and json.dumps(body), headers)
        answer = _expect_200(self._connection.getresponse()).read()
        self.visit.answers.append(time.monotonic() - began)
        return json.loads(answer)["data"]


def _path_of(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}"


def _expect_200(response: HTTPResponse) -> HTTPResponse:
    if response.status != 200:
        raise Refused(f"{response.status} {response.read()[:200].decode(errors='replace')}")
    return response


def events_in(lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    """The events of a stream; snapshot and pings, which carry no id, are passed over."""
    has_id = False
    for line in lines:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if not line.strip():
            has_id = False
        elif name == "id":
            has_id = True
        elif name == "data" and has_id:
            yield json.loads(value)
