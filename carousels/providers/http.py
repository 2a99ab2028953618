"""The HTTP beneath both SDKs: no redirect is followed, no answer waited for or held without end.

Imported where a client is made, never by the web process.
"""

import threading
import time
from collections.abc import Iterator
from typing import Any

import httpcore2
import httpx2

CONNECT_TIMEOUT = 5.0  # seconds
ANSWER_MOST = 64 * 2**20  # bytes; the largest picture, in base64, is a third of it

_call = threading.local()  # `deadline` of the call that this thread makes


class Punctual(httpcore2.NetworkStream):
    """A connection that is left at the call's deadline, however slowly heads or body drip.

    The libraries' time-outs are of a single read: a server that sends a byte now and then has for ever.
    """

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self.stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.stream.read(max_bytes, timeout=_left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.stream.write(buffer, timeout=_left())

    def start_tls(self, *told: Any, **details: Any) -> httpcore2.NetworkStream:
        return Punctual(self.stream.start_tls(*told, **details))

    def get_extra_info(self, info: str) -> Any:
        return self.stream.get_extra_info(info)

    def close(self) -> None:
        self.stream.close()


class PunctualBackend(httpcore2.SyncBackend):
    def connect_tcp(self, *told: Any, **details: Any) -> httpcore2.NetworkStream:
        return Punctual(super().connect_tcp(*told, **details))


class Bounded(httpx2.SyncByteStream):
    """A body that must be small enough to be held."""

    def __init__(self, stream: httpx2.SyncByteStream) -> None:
        self.stream = stream

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self.stream:
            size += len(chunk)
            if size > ANSWER_MOST:
                raise httpx2.RemoteProtocolError("the answer is too large")
            yield chunk

    def close(self) -> None:
        self.stream.close()


def make_client(timeout: float) -> httpx2.Client:
    """`timeout` in seconds for a whole call, whatever the SDK on top asks for."""

    def begin(request: httpx2.Request) -> None:
        _call.deadline = time.monotonic() + timeout
        request.extensions["timeout"] = httpx2.Timeout(timeout, connect=CONNECT_TIMEOUT).as_dict()

    def bound(response: httpx2.Response) -> None:
        response.stream = Bounded(response.stream)

    client = httpx2.Client(
        event_hooks={"request": [begin], "response": [bound]},
        timeout=timeout,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=100),
    )
    # It has no parameter for it, and a transport of our own would pass by the proxies of the environment.
    for transport in filter(None, (client._transport, *client._mounts.values())):
        transport._pool._network_backend = PunctualBackend()
    return client


def _left() -> float:
    """Seconds that this thread's call may still take."""
    left = _call.deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("the call takes too long")
    return left
