"""python -m bench.billing.client PORT PATH SECONDS CONNECTIONS USERS PACE: calls, or until SIGTERM.

In a process of its own; each connection is a thread that sends a request and reads its answer. Prints a line
for each call: when it was sent (of time.time) and how many seconds it took.
"""

import random
import signal
import socket
import sys
import threading
import time
import uuid

from bench.billing.world import BODY, key_of

HEAD = (
    "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    "Authorization: Bearer {key}\r\nIdempotency-Key: {once}\r\nContent-Length: {length}\r\n\r\n"
)
is_over = threading.Event()


class Caller(threading.Thread):
    """`pause`: seconds between two of its calls' beginnings, 0 for none; `first`: when it begins."""

    def __init__(self, *, port: int, path: str, first: float, until: float, users: int, pause: float) -> None:
        super().__init__()
        self.port, self.path, self.first, self.until = port, path, first, until
        self.users, self.pause = users, pause
        self.calls: list[tuple[float, float]] = []
        self.refusal = b""

    def run(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port)) as wire:
            wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            due = self.first
            while not is_over.wait(max(0.0, due - time.time())) and time.time() < self.until:
                due += self.pause
                request = self._request()
                began = time.time()
                wire.sendall(request)
                answer = _read(wire)
                self.calls.append((began, time.time() - began))
                if not answer.startswith(b"HTTP/1.1 200"):
                    self.refusal = answer
                    break

    def _request(self) -> bytes:
        head = HEAD.format(
            path=self.path,
            key=key_of(random.randrange(self.users)),
            once=uuid.uuid4(),
            length=len(BODY),
        )
        return head.encode() + BODY


def _read(wire: socket.socket) -> bytes:
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _some(wire)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    )
    while len(body) < length:
        body += _some(wire)
    return head + b"\r\n\r\n" + body


def _some(wire: socket.socket) -> bytes:
    some = wire.recv(65536)
    if not some:
        raise ConnectionError("the server hung up")
    return some


def main() -> int:
    port, path, seconds, connections, users, pace = sys.argv[1:]
    signal.signal(signal.SIGTERM, lambda *_: is_over.set())
    now, count = time.time(), int(connections)
    pause = count / float(pace) if float(pace) else 0.0
    callers = [
        Caller(
            port=int(port),
            path=path,
            first=now + pause * number / count,
            until=now + float(seconds),
            users=int(users),
            pause=pause,
        )
        for number in range(count)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    for caller in callers:
        for began, took in caller.calls:
            print(f"{began:.6f} {took:.6f}")
    refusals = [caller.refusal for caller in callers if caller.refusal]
    print(*refusals[:1], sep="\n", file=sys.stderr, end="")
    return 1 if refusals else 0


if __name__ == "__main__":
    sys.exit(main())
