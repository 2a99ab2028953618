"""A model's service as seen from a worker: a server that takes its time over a picture, and the call to it.

`python -m bench.pipeline.slow_server PORT SECONDS`, a process of its own. It speaks as much HTTP as
the call needs, and counts: `GET /counts`. The call is by the HTTP client that the vendors' SDKs use.
"""

import asyncio
import base64
import json
import random
import sys
import time
from collections import Counter
from functools import cache
from typing import Any

import httpx2

CONNECTIONS = 1000
PICTURE = base64.b64encode(random.Random(0).randbytes(12_000)).decode()  # a thumbnail
NotThere = httpx2.TransportError


def ask(server: str, name: str) -> bytes:
    """One call for a picture, with a prompt of its own, so that a repeated one shows."""
    asked = {"model": "gpt-image-1", "prompt": name, "size": "1024x1536"}
    answer = _client().post(f"{server}/v1/images/generations", json=asked).raise_for_status()
    return base64.b64decode(answer.json()["data"][0]["b64_json"])


def counts(server: str) -> dict[str, Any]:
    return httpx2.get(f"{server}/counts", timeout=60).raise_for_status().json()


@cache
def _client() -> httpx2.Client:
    """One for all threads, as the SDKs keep it."""
    limits = httpx2.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    return httpx2.Client(limits=limits, timeout=60)


class Server:
    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.calls: Counter[str] = Counter()
        self.in_flight = self.peak = self.ended = 0
        self.first_at = self.last_at = 0.0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                request = await reader.readexactly(_length(head))
                answer = json.dumps(await self._answer(request) if request else self._counts()).encode()
                fields = b"Content-Type: application/json\r\nContent-Length: %d" % len(answer)
                writer.write(b"HTTP/1.1 200 OK\r\n%b\r\n\r\n%b" % (fields, answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client is gone
        finally:
            writer.close()

    async def _answer(self, request: bytes) -> dict[str, Any]:
        self.first_at = self.first_at or time.time()
        self.calls[json.loads(request)["prompt"]] += 1
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        await asyncio.sleep(self.seconds)
        self.in_flight -= 1
        self.ended += 1
        self.last_at = time.time()
        return {"created": 0, "data": [{"b64_json": PICTURE}]}

    def _counts(self) -> dict[str, Any]:
        repeated = sum(times - 1 for times in self.calls.values())
        seconds = self.last_at - self.first_at
        return {"ended": self.ended, "repeated": repeated, "peak": self.peak, "seconds": seconds}


def _length(head: str) -> int:
    """Of the body; 0 for a GET."""
    fields = dict(line.lower().split(": ", 1) for line in head.splitlines()[1:] if line)
    return int(fields.get("content-length", 0))


async def main(port: int, seconds: float) -> None:
    server = await asyncio.start_server(Server(seconds).serve, "127.0.0.1", port, backlog=2048)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
