"""Calls of 2 s, a thousand at once, on one `ai` worker and in a bare thread pool.

Both make the same calls to the same slow server over 127.0.0.1. The worker makes them twice: as calls
alone, and as whole slides of the pipeline.
"""

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.pipeline import meter, slow_server
from socialsaas.processes import FEW_HEAPS, Fleet, Program, free_port

THREADS, SECONDS = 1000, 2.0
SLIDES = 10  # of a job
PATIENCE = 180  # seconds
POLL = 0.05


@dataclass(frozen=True)
class Calls:
    """`seconds`: from the first call's start to the end of the last. `memory_mb`: the most ever resident.

    `cpu_ms`: of the calling process, a call, its start included.
    """

    calls: int
    cpu_ms: float
    seconds: float
    peak: int
    repeated: int
    memory_mb: float

    @property
    def per_second(self) -> float:
        return self.calls / self.seconds


class NotDone(RuntimeError):
    """The calls did not come to their end."""


def measure(*, calls: int) -> dict[str, Calls]:
    return {"bare executor": _bare(calls), "ai worker": _calls_alone(calls), "whole slides": _slides(calls)}


def _bare(calls: int) -> Calls:
    with _serving() as server:
        program = _module("bare", "bench.pipeline.in_flight", server, str(calls))
        with _running(program) as fleet:
            counted = _wait(server, calls)
            return _calls(counted, seconds=counted["seconds"], pid=fleet.pid_of("bare"))


def _calls_alone(calls: int) -> Calls:
    """Each message is a call; nothing is claimed and nothing recorded."""
    with _serving() as server:
        for number in range(calls):
            _send(name="bench.call", queue="ai", kwargs={"server": server, "name": str(number)})
        with _running(_worker()) as fleet:
            counted = _wait(server, calls)
            return _calls(counted, seconds=counted["seconds"], pid=fleet.pid_of("ai"))


def _slides(calls: int) -> Calls:
    """Each message is a slide's step, whole: claimed, called, booked and recorded, with its events."""
    from bench.pipeline import contestants
    from jobs.models import JobStep
    from jobs.states import StepStatus

    messages = _prepare(calls)
    steps = JobStep.objects.filter(pk__in=[message["kwargs"]["step_id"] for message in messages])
    for message in messages:
        _send(**message)
    with _serving() as server, contestants.exported(BENCH_CALL=server), _running(_worker()) as fleet:
        _wait(server, calls)
        deadline = time.monotonic() + PATIENCE
        while steps.exclude(status=StepStatus.DONE).exists():
            if time.monotonic() > deadline:
                raise NotDone(f"not every slide was recorded, see {fleet.log_of('ai')}")
            time.sleep(POLL)
        began, ended = zip(*steps.values_list("started_at", "finished_at"), strict=True)
        seconds = (max(ended) - min(began)).total_seconds()
        return _calls(slow_server.counts(server), seconds=seconds, pid=fleet.pid_of("ai"))


def _worker() -> Program:
    from bench.pipeline import contestants

    worker = contestants.celery("ai", "ai", "ai", "threads", "--concurrency", str(THREADS))
    return replace(worker, environment=worker.environment | FEW_HEAPS)


def _send(*, name: str, **options: Any) -> None:
    from bench.pipeline import contestants

    contestants.current_app.send_task(name, **options)


def _prepare(calls: int) -> list[dict[str, Any]]:
    """Jobs that stand before their slides; the slides' messages, not sent yet."""
    from bench.pipeline import contestants, world
    from bench.pipeline.peers import delivery
    from jobs import dispatch

    line = Held()
    delivery.work_with(line)
    for number, user in enumerate(world.make_users(calls // SLIDES)):
        contestants.submit(user, imageCount=SLIDES, prompt=f"calls-in-flight-{number}")
    dispatch.starts.flush()
    for task in ("jobs.start", "jobs.write_strategy"):
        line.deliver(task)
    return line.messages


class Held:
    """Keeps what is sent, for later."""

    def __init__(self) -> None:
        self.messages: list[dict[str, Any]] = []

    def send_task(self, name: str, **options: Any) -> None:
        self.messages.append({"name": name, **options})

    def deliver(self, name: str) -> None:
        """Do what is named so, if it is still to be done, in this process."""
        from bench.pipeline.peers import delivery

        for message in [held for held in self.messages if held["name"] == name]:
            self.messages.remove(message)
            delivery.deliver(name, message["kwargs"])


@contextmanager
def _serving() -> Iterator[str]:
    port = free_port()
    with _running(_module("server", "bench.pipeline.slow_server", str(port), str(SECONDS))):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(program: Program) -> Iterator[Fleet]:
    from bench.pipeline import world

    with Fleet([program], folder=world.logs()) as fleet:
        yield fleet


def _module(name: str, *arguments: str) -> Program:
    return Program(name, (sys.executable, "-m", *arguments), {}, is_ready=lambda _log: True)


def _wait(server: str, calls: int) -> dict[str, Any]:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        time.sleep(POLL)
        try:
            counted = slow_server.counts(server)
        except slow_server.NotThere:
            continue  # it is still starting
        if counted["ended"] - counted["repeated"] >= calls:
            return counted
    raise NotDone(f"{counted['ended']} of {calls} calls were made in {PATIENCE} s")


def _calls(counted: dict[str, Any], *, seconds: float, pid: int) -> Calls:
    status = Path(f"/proc/{pid}/status").read_text()
    return Calls(
        calls=counted["ended"],
        seconds=seconds,
        peak=counted["peak"],
        repeated=counted["repeated"],
        memory_mb=int(status.partition("VmHWM:")[2].split()[0]) * 1024 / 1e6,
        cpu_ms=1000 * meter.cpu_of({"it": pid})["it"] / counted["ended"],
    )


def ask_all(server: str, calls: int) -> None:
    with ThreadPoolExecutor(THREADS) as pool:
        for _ in pool.map(lambda number: slow_server.ask(server, str(number)), range(calls)):
            pass
    time.sleep(PATIENCE)  # until its memory is read and it is ended


if __name__ == "__main__":
    ask_all(sys.argv[1], int(sys.argv[2]))
