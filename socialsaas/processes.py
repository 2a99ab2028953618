"""Everything the product runs on one machine, as a table, and the fleet that runs it for `up` and `demo`.

The fleet knows no Django, no broker and no database: it starts programs, waits until they are ready, says
which one died and with what words, and stops them. On many machines a container runs one row of the table.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import watchman
from .embedded.keeper import started

POLL = 0.05
ASK_AGAIN = 2  # seconds
TAIL = 30  # lines of a log worth showing
FEW_HEAPS = {"MALLOC_ARENA_MAX": "2"}  # hundreds of threads that wait need no eight heaps a core: 15 MB less


class ProcessDied(RuntimeError):
    """A process of the fleet ended by itself; the message ends with its last words."""

    def __init__(self, name: str, *, returncode: int, log: Path) -> None:
        super().__init__(f"`{name}` ended with {returncode}. The end of {log}:\n{read_tail(log)}")
        self.name = name


class NotReady(RuntimeError):
    """A process runs but did not become ready in time."""

    def __init__(self, name: str, *, seconds: float, log: Path) -> None:
        super().__init__(f"`{name}` is not ready after {seconds:.0f} s. The end of {log}:\n{read_tail(log)}")
        self.name = name


@dataclass(frozen=True)
class Program:
    """One row of the table. `is_ready` is asked with the path of the program's log."""

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    is_ready: Callable[[Path], bool]


def list_programs(*, port: int) -> list[Program]:
    """The product's processes on one machine, the web at 127.0.0.1:`port`."""
    cores = str(os.cpu_count())

    return [
        _web(port),
        _worker("ai", "--pool", "threads", "--concurrency", "64", **FEW_HEAPS),
        _worker("render", "--pool", "prefork", "--concurrency", cores),
        _worker("control", "--pool", "threads", "--concurrency", "1"),
        _worker("webhooks", "--pool", "threads", "--concurrency", "16"),
        _beat(),
    ]


def _web(port: int) -> Program:
    address = ("--host", "127.0.0.1", "--port", str(port))
    # Streams stay open: as many as come must not keep other calls waiting.
    room = ("--backlog", "4096", "--backpressure", "4096")

    return Program(
        name="web",
        arguments=(
            *(sys.executable, "-m", "granian", "--interface", "asgi", *address, *room),
            *("--workers", "1", "--workers-kill-timeout", "3"),
            "socialsaas.asgi:application",
        ),
        environment={"PROCESS_ROLE": "web"},
        is_ready=answers_http(f"http://127.0.0.1:{port}/api/health"),
    )


def _worker(queue: str, *pool: str, **environment: str) -> Program:
    name = f"{queue}@%h-{os.getpid()}"
    trimmed = ("--without-gossip", "--without-mingle")  # nobody to talk to; saves a second of the start

    return Program(
        name=queue,
        arguments=(*_celery("worker"), "-Q", queue, "-n", name, *pool, *trimmed),
        environment={"PROCESS_ROLE": queue} | environment,
        is_ready=log_says(" ready."),
    )


def _beat() -> Program:
    return Program(
        name="beat",
        # In memory: every entry is safe to repeat or to miss, so there is no file to share or to lose.
        arguments=(*_celery("beat"), "--scheduler", "celery.beat.Scheduler", "--pidfile="),
        environment={"PROCESS_ROLE": "control"},
        is_ready=log_says("beat: Starting"),
    )


def _celery(command: str) -> tuple[str, ...]:
    # The caller has run Django's checks; in each worker they would cost another third of its start.
    app = ("-A", "socialsaas", "--skip-checks")
    return (sys.executable, "-m", "celery", *app, command, "--loglevel", "INFO")


def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on just now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def answers_http(url: str) -> Callable[[Path], bool]:
    """Ready when a GET of `url` is answered, be it with "who are you?"."""

    def is_ready(_log: Path) -> bool:
        try:
            with urllib.request.urlopen(url, timeout=2):
                return True
        except urllib.error.HTTPError as answer:
            answer.close()
            return answer.code < 500
        except OSError:  # refused, or too slow
            return False

    return is_ready


def log_says(words: str) -> Callable[[Path], bool]:
    """Ready when `words` stand in the log."""
    return lambda log: words in log.read_text(errors="replace")


def read_tail(log: Path) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-TAIL:])


class Fleet:
    """The running programs. Use it as a context in the main thread, where SIGTERM then ends it like Ctrl-C:

    with Fleet(programs, folder=logs) as fleet:
        fleet.wait_until_ready()
        fleet.watch()
    """

    def __init__(self, programs: Sequence[Program], *, folder: Path, grace: float = 15) -> None:
        self.programs = programs
        self.folder = folder
        self.grace = grace
        self._running: dict[str, subprocess.Popen] = {}
        self._watchman: subprocess.Popen | None = None

    def __enter__(self) -> "Fleet":
        self._before = signal.signal(signal.SIGTERM, _interrupt)
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()
        signal.signal(signal.SIGTERM, self._before)

    def start(self) -> None:
        """Start every program, without waiting for any."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._watchman = subprocess.Popen(
            [sys.executable, "-I", "-S", watchman.__file__], stdin=subprocess.PIPE, start_new_session=True
        )
        for program in self.programs:
            self._running[program.name] = self._spawn(program)

    def wait_until_ready(self, *, seconds: float = 60) -> None:
        """Return when all are ready; raise ProcessDied or NotReady, naming the one that is not."""
        deadline = time.monotonic() + seconds

        for program in self.programs:
            while not program.is_ready(self.log_of(program.name)):
                self.check()
                if time.monotonic() > deadline:
                    raise NotReady(program.name, seconds=seconds, log=self.log_of(program.name))
                time.sleep(POLL)

        self.check()

    def check(self) -> None:
        """Raise ProcessDied if one has ended."""
        for name, process in self._running.items():
            if started(process.pid) is None:
                raise ProcessDied(name, returncode=self._end(process), log=self.log_of(name))

    def watch(self, *, every: float = 0.5) -> None:
        """Stay until one dies (ProcessDied) or somebody interrupts."""
        while True:
            self.check()
            time.sleep(every)

    def stop(self) -> None:
        """Ask all to finish, the last started first; then kill what still runs, children included."""
        running = [process for process in reversed(self._running.values()) if process.returncode is None]
        deadline = time.monotonic() + self.grace
        while alive := [process.pid for process in running if started(process.pid)]:
            if time.monotonic() > deadline:
                break
            _ask_to_stop(alive, until=min(deadline, time.monotonic() + ASK_AGAIN))

        for process in running:
            self._end(process)
        self._running.clear()
        if self._watchman is not None:
            self._watchman.communicate()
            self._watchman = None

    def pid_of(self, name: str) -> int:
        return self._running[name].pid

    def restart(self, name: str) -> None:
        """Kill one, if it is not dead already, and start it again; its log begins anew."""
        self._end(self._running[name])
        program = next(program for program in self.programs if program.name == name)
        self._running[name] = self._spawn(program)

    def log_of(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def _spawn(self, program: Program) -> subprocess.Popen:
        with self.log_of(program.name).open("wb") as log:
            process = subprocess.Popen(
                program.arguments,
                env=os.environ | {"LOG_LEVEL": "INFO", "PYTHONUNBUFFERED": "1"} | program.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is ours alone, and its children can be killed with it
            )
        self._tell_watchman(f"+{process.pid}")
        return process

    def _end(self, process: subprocess.Popen) -> int:
        returncode = _reap(process)
        self._tell_watchman(f"-{process.pid}")
        return returncode

    def _tell_watchman(self, line: str) -> None:
        self._watchman.stdin.write(f"{line}\n".encode())
        self._watchman.stdin.flush()


def _ask_to_stop(pids: Sequence[int], *, until: float) -> None:
    """Asked more than once, because a program that is still starting swallows the first time."""
    for pid in pids:
        os.kill(pid, signal.SIGTERM)  # not Popen's: that would wait for a dead one
    while any(started(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(POLL)


def _interrupt(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _reap(process: subprocess.Popen) -> int:
    """Kill what is left of the process and its children, and return how it ended.

    Its number is nobody else's before it is waited for. Granian's worker outlives a killed parent.
    """
    with contextlib.suppress(
        ProcessLookupError, PermissionError
    ):  # what a group of the dead gives, by system
        os.killpg(process.pid, signal.SIGKILL)

    return process.wait()
