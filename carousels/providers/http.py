"""The HTTP beneath both SDKs: no redirect is followed, no answer waited for or held without end.

Imported where a client is made, never by the web process.
"""

import time
from collections.abc import Iterator

import httpx2

CONNECT_TIMEOUT = 5.0  # seconds
ANSWER_MOST = 64 * 2**20  # bytes; the largest picture, in base64, is a third of it


class Bounded(httpx2.SyncByteStream):
    """A body that must be whole by its deadline, however slowly it drips, and small enough to be held."""

    def __init__(self, stream: httpx2.SyncByteStream, *, deadline: float) -> None:
        self.stream, self.deadline = stream, deadline

    def __iter__(self) -> Iterator[bytes]:
        size = 0
        for chunk in self.stream:
            size += len(chunk)
            if time.monotonic() > self.deadline:
                raise httpx2.ReadTimeout("the answer takes too long")
            if size > ANSWER_MOST:
                raise httpx2.RemoteProtocolError("the answer is too large")
            yield chunk

    def close(self) -> None:
        self.stream.close()


def make_client(timeout: float) -> httpx2.Client:
    """`timeout` in seconds for a whole call, whatever the SDK on top asks for."""

    def begin(request: httpx2.Request) -> None:
        request.extensions["deadline"] = time.monotonic() + timeout
        request.extensions["timeout"] = httpx2.Timeout(timeout, connect=CONNECT_TIMEOUT).as_dict()

    def bound(response: httpx2.Response) -> None:
        response.stream = Bounded(response.stream, deadline=response.request.extensions["deadline"])

    return httpx2.Client(
        event_hooks={"request": [begin], "response": [bound]},
        timeout=timeout,
        limits=httpx2.Limits(max_connections=None, max_keepalive_connections=100),
    )
