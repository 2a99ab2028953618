"""OpenAI and Gemini in one server on this machine: counts calls, and how many are in flight at once.

In a test: `with FakeVendor() as vendor`; in a process of its own:
`python -m tests.carousels.providers.fake_vendor --port 9000`, then scripted by POST /_fake/script
({"kind": "image", "replies": [{"status": 429}]}) and /_fake/delay, and read by GET /_fake/state.
"""

import argparse
import json
import re
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.carousels.providers import wire

GENERATE = re.compile(r"/v1beta/models/([^:/]+):generateContent")
GEMINI_PIXELS = {"1:1": "1024x1024", "4:5": "928x1152", "9:16": "768x1376"}
TEXT, IMAGE, MODERATION, MODELS, OTHER = "text", "image", "moderation", "models", "other"
OPENAI_MODELS = ("gpt-6-luna", "gpt-image-2.5-flare", "omni-moderation-latest", "llama3.2:latest")
GEMINI_MODELS = ("gemini-3.8-flash", "gemini-nano-banana-2.1")


@dataclass(frozen=True)
class Call:
    kind: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True)
class Reply:
    """`body`: bytes as they are, anything else as JSON, None what a working vendor says.

    `is_cut`: the connection is closed instead. `drip`: seconds between two bytes of the body.
    """

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    is_cut: bool = False


class FakeVendor:
    """`base_url` for OpenAI's SDK, `url` for Gemini's. What is scripted comes first, then it works."""

    def __init__(self, *, port: int = 0, delay: float = 0.0) -> None:
        self.calls: list[Call] = []
        self.delay, self.in_flight, self.most_in_flight = delay, 0, 0
        self._scripts: dict[str, deque] = defaultdict(deque)
        self._lock = threading.Lock()
        vendor = self

        class Handler(_Handler):
            fake = vendor

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.base_url = f"{self.url}/v1"

    def __enter__(self) -> "FakeVendor":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def serve_forever(self) -> None:
        self._server.serve_forever()

    def script(self, *replies: Reply | Callable[[Call], Any], kind: str = "") -> None:
        """The next answers, to calls of this kind or to any; a function gets the call and gives a body."""
        self._scripts[kind].extend(replies)

    def count(self, kind: str = "") -> int:
        return sum(kind in ("", call.kind) for call in self.calls)

    def reset(self) -> None:
        with self._lock:
            self.calls.clear()
            self._scripts.clear()
            self.delay, self.most_in_flight = 0.0, self.in_flight

    def hear(self, call: Call) -> Reply:
        """Count the call, wait as it is scripted, and say what to answer."""
        with self._lock:
            self.calls.append(call)
            self.in_flight += 1
            self.most_in_flight = max(self.most_in_flight, self.in_flight)
            script = next((self._scripts[kind] for kind in (call.kind, "") if self._scripts[kind]), None)
            step = script.popleft() if script else Reply()
        reply = step if isinstance(step, Reply) else Reply(body=step(call))
        time.sleep(self.delay + reply.delay)
        return reply

    def done(self) -> None:
        with self._lock:
            self.in_flight -= 1

    def state(self) -> dict[str, Any]:
        with self._lock:
            kinds = {call.kind for call in self.calls}
            return {
                "calls": {kind: sum(call.kind == kind for call in self.calls) for kind in sorted(kinds)},
                "inFlight": self.in_flight,
                "mostInFlight": self.most_in_flight,
            }

    def told(self, order: str, told: Mapping[str, Any]) -> None:
        """What another process wants of this one."""
        match order:
            case "script":
                self.script(*(Reply(**reply) for reply in told["replies"]), kind=told.get("kind", ""))
            case "delay":
                self.delay = float(told["seconds"])
            case "reset":
                self.reset()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    fake: FakeVendor

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/_fake/state":
            self._send(Reply(body=self.fake.state()))
            return
        reply = self.fake.hear(Call(MODELS, self.path, {}, None))
        self.fake.done()
        self._send(list_models(self.path) if reply == Reply() else reply)

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("content-length") or 0))
        body = json.loads(raw) if raw else {}
        if self.path.startswith("/_fake/"):
            self.fake.told(self.path.removeprefix("/_fake/"), body)
            self._send(Reply(body={}))
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(kind_of(self.path, body), self.path, headers, body)
        reply = self.fake.hear(call)
        try:
            self._answer(call, reply)
        except OSError:
            self.close_connection = True  # the caller did not wait
        finally:
            self.fake.done()

    def _answer(self, call: Call, reply: Reply) -> None:
        if reply.is_cut:
            self.close_connection = True
            return
        if reply.body is None and reply.status == 200:
            reply = work(call, reply)
        self._send(reply)

    def _send(self, reply: Reply) -> None:
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body or {}).encode()
        self.send_response(reply.status)
        named = {"content-type": "application/json", "x-request-id": f"req_{len(self.fake.calls)}"}
        for name, value in (named | dict(reply.headers)).items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        if not reply.drip:
            self.wfile.write(body)
            return
        for at in range(len(body)):
            self.wfile.write(body[at : at + 1])
            time.sleep(reply.drip)


def list_models(path: str) -> Reply:
    """OpenAI's list of its models, or one of Gemini's."""
    if path == "/v1/models":
        made = {"object": "model", "created": 1, "owned_by": "openai"}
        return Reply(body={"object": "list", "data": [{"id": name} | made for name in OPENAI_MODELS]})
    name = path.removeprefix("/v1beta/models/")
    if name in GEMINI_MODELS:
        return Reply(body={"name": f"models/{name}", "version": "001", "displayName": name})
    return Reply(status=404, body=wire.gemini_error(404, "NOT_FOUND"))


def kind_of(path: str, body: Any) -> str:
    if path == "/v1/images/generations":
        return IMAGE
    if path == "/v1/moderations":
        return MODERATION
    if path in ("/v1/responses", "/v1/chat/completions"):
        return TEXT
    if GENERATE.fullmatch(path):
        return IMAGE if "IMAGE" in body["generationConfig"].get("responseModalities", ()) else TEXT
    return OTHER


def work(call: Call, reply: Reply) -> Reply:
    """What a vendor in good health says."""
    body = call.body
    if call.path == "/v1/responses":
        said = wire.response(body, write(body["input"]))
    elif call.path == "/v1/chat/completions":
        said = wire.completion(body, write(body["messages"][-1]["content"]))
    elif call.path == "/v1/images/generations":
        said = wire.images(body)
    elif call.path == "/v1/moderations":
        said = wire.moderation(body)
    elif match := GENERATE.fullmatch(call.path):
        said = generate(call, match[1])
    else:
        return Reply(status=404, body=wire.openai_error())
    return Reply(body=said, headers=reply.headers, drip=reply.drip)


def generate(call: Call, model: str) -> dict[str, Any]:
    if call.kind == IMAGE:
        ratio = call.body["generationConfig"]["imageConfig"]["aspectRatio"]
        return wire.content_picture(GEMINI_PIXELS[ratio], model)
    return wire.content([{"text": write(call.body["contents"][0]["parts"][0]["text"])}], model)


def write(question: str) -> str:
    """A carousel of as many slides as the question asks for."""
    asked = json.loads(question)
    return wire.as_text(wire.carousel(asked["slides"], asked["look"]))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="OpenAI and Gemini on this machine.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds that every call takes")
    arguments = parser.parse_args()
    FakeVendor(port=arguments.port, delay=arguments.delay).serve_forever()
