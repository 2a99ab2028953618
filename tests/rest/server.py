"""The web server of production over the test database, on 127.0.0.1."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPResponse
from pathlib import Path

import pytest
from django.conf import settings as project

CHECKOUT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict


class Server:
    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self.media = folder / "media"

    def send(self, raw: bytes) -> Answer:
        """Send bytes as they are and read the answer; whatever was promised beyond them never comes."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as wire:
            wire.sendall(raw)
            answer = HTTPResponse(wire)
            answer.begin()
            assert answer.headers["Content-Type"] == "application/json"

            return Answer(answer.status, json.loads(answer.read()))


@contextmanager
def serve(interface: str, folder: Path) -> Iterator[Server]:
    """Granian as production (`wsgi`) or as `make up` (`asgi`) runs it, with its files in `folder`."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        server = Server(free.getsockname()[1], folder)
    log = folder / "log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "granian", "--interface", interface, "--workers", "1"),
                *("--host", "127.0.0.1", "--port", str(server.port)),
                f"socialsaas.{interface}:application",
            ],
            cwd=CHECKOUT,
            env=os.environ
            | {
                "DATABASE_URL": _test_database_url(),
                "PROCESS_ROLE": "web",
                "MEDIA_ROOT": str(server.media),
            },
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_for(server.port, process, log)
        yield server
    finally:
        # With its worker, and not politely: a request that hangs would hold it back.
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _test_database_url() -> str:
    """The same server, and the database that pytest-django made on it."""
    name = project.DATABASES["default"]["NAME"]
    before, _, after = os.environ["DATABASE_URL"].rpartition(f"/{name.removeprefix('test_')}")

    return f"{before}/{name}{after}"


def _wait_for(port: int, process: subprocess.Popen, log: Path) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"the web server does not answer:\n{log.read_text()}")
