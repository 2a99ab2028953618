"""Who runs against whom: each contestant's own processes, and how a batch of jobs is put through them."""

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from celery import current_app
from django.conf import settings
from django.utils import timezone

from bench.pipeline import noop, solo, world
from jobs import dispatch, queue
from jobs.models import GenerationJob
from jobs.states import ACTIVE, JobStatus
from socialsaas.processes import Fleet, Program

PATIENCE = 120  # seconds
POLL_ONE, POLL_BATCH = 0.001, 0.02  # seconds
THREADS, PROCESSES = str(settings.CONCURRENCY), str(settings.PROCESSES)


class NotDone(RuntimeError):
    """A batch of jobs did not come to its end."""


class Team(Protocol):
    """A contestant's running processes."""

    def pids(self) -> list[int]: ...

    def run(self, users: Sequence[Any]) -> "Batch":
        """One job for each user, from the first submit to the end of the last."""


@dataclass(frozen=True)
class Batch:
    """Jobs that are completed, and what submitting them cost this process, in CPU seconds."""

    ids: list[Any]
    submit_cpu: float = 0.0


class Contestant(Protocol):
    name: str

    def running(self) -> Any:
        """A context that yields the Team."""


@dataclass(frozen=True)
class Queued:
    """Jobs are submitted here and worked off by worker processes, as in the product."""

    name: str
    programs: Sequence[Program]
    sender: Callable[[], Any]

    @contextmanager
    def running(self, **changes: Any) -> Iterator["QueuedTeam"]:
        """`changes` to what is submitted."""
        dispatch.current_app = self.sender()
        with Fleet(self.programs, folder=world.logs()) as fleet:
            yield QueuedTeam([fleet.pid_of(program.name) for program in self.programs], fleet, changes)


class QueuedTeam:
    def __init__(self, pids: list[int], fleet: Fleet, changes: dict[str, Any]) -> None:
        self._pids, self._fleet, self._changes = pids, fleet, changes

    def pids(self) -> list[int]:
        return self._pids

    def run(self, users: Sequence[Any]) -> Batch:
        before = time.process_time()
        ids = [submit(user, **self._changes).pk for user in users]
        dispatch.starts.flush()
        batch = Batch(ids, submit_cpu=time.process_time() - before)
        self._wait(ids, poll=POLL_ONE if len(ids) == 1 else POLL_BATCH)
        return batch

    def _wait(self, ids: list[Any], *, poll: float) -> None:
        deadline = time.monotonic() + PATIENCE
        going = GenerationJob.objects.filter(status__in=ACTIVE)  # nobody else has any
        while going.exists():
            self._fleet.check()
            if time.monotonic() > deadline:
                raise NotDone(f"{going.count()} of {len(ids)} jobs are not done, see {world.logs()}")
            time.sleep(poll)
        if GenerationJob.objects.filter(pk__in=ids, status=JobStatus.COMPLETED).count() < len(ids):
            raise NotDone(f"not all of {len(ids)} jobs were completed, see {world.logs()}")


@dataclass(frozen=True)
class Solo:
    """One process that does everything itself, one job after the other: nothing is delivered."""

    name: str

    @contextmanager
    def running(self) -> Iterator["SoloTeam"]:
        ours, theirs = multiprocessing.get_context("spawn").Pipe()
        process = multiprocessing.get_context("spawn").Process(target=solo.serve, args=(self.name, theirs))
        process.start()
        try:
            yield SoloTeam(process.pid, ours)
        finally:
            ours.send(None)
            process.join()


class SoloTeam:
    def __init__(self, pid: int, pipe: Any) -> None:
        self._pid, self._pipe = pid, pipe

    def pids(self) -> list[int]:
        return [self._pid]

    def run(self, users: Sequence[Any]) -> Batch:
        self._pipe.send([user.pk for user in users])
        return Batch(self._pipe.recv())


def submit(user: Any, **changes: Any) -> GenerationJob:
    return queue.submit(user=user, payload=noop.PAYLOAD | changes, now=timezone.now()).job


@contextmanager
def exported(**names: Any) -> Iterator[None]:
    """What the processes that are started meanwhile find in their environment."""
    os.environ.update({name: str(value) for name, value in names.items()})
    try:
        yield
    finally:
        for name in names:
            del os.environ[name]


def celery(name: str, queues: str, role: str, *pool: str) -> Program:
    """The product's worker, with other step bodies."""
    return _program(
        name,
        role,
        *("celery", "-A", "bench.pipeline.celery_app", "--skip-checks", "worker", "--loglevel", "INFO"),
        *("-Q", queues, "-n", f"{name}@%h-{os.getpid()}", "--without-gossip", "--without-mingle"),
        *("--pool", *pool),
        settings="socialsaas.settings",
    )


def _program(name: str, role: str, *module: str, settings: str = "bench.pipeline.settings") -> Program:
    return Program(
        name=name,
        arguments=(sys.executable, "-m", *module),
        environment={"PROCESS_ROLE": role, "DJANGO_SETTINGS_MODULE": settings},
        is_ready=lambda _log: True,  # a batch of one shows it
    )


def _dramatiq_sender() -> Any:
    from bench.pipeline.peers import dramatiq_app  # each makes itself the sender when imported

    return dramatiq_app.Sender()


def _procrastinate_sender() -> Any:
    from bench.pipeline.peers import procrastinate_app

    return procrastinate_app.Sender()


def _q2_sender() -> Any:
    from bench.pipeline.peers import q2_app

    return q2_app.Sender()


FLOOR, INLINE = Solo("raw SQL"), Solo("ORM inline")
AS_MAKE_UP = Queued(
    "as `make up`",
    [
        celery("ai", "ai", "ai", "threads", "--concurrency", "64"),
        celery("render", "render", "render", "prefork", "--concurrency", PROCESSES),
    ],
    lambda: current_app,
)
CONTESTANTS: tuple[Contestant, ...] = (
    FLOOR,
    INLINE,
    Queued(
        "threads",
        [celery("threads", "ai,render", "ai", "threads", "--concurrency", THREADS)],
        lambda: current_app,
    ),
    Queued(
        "prefork",
        [celery("prefork", "ai,render", "render", "prefork", "--concurrency", PROCESSES)],
        lambda: current_app,
    ),
    AS_MAKE_UP,
    Queued(
        "dramatiq",
        [
            _program(
                "dramatiq",
                "ai",
                *("dramatiq", "bench.pipeline.peers.dramatiq_app", "--processes", "1", "--threads", THREADS),
            )
        ],
        _dramatiq_sender,
    ),
    Queued(
        "procrastinate",
        [_program("procrastinate", "ai", "bench.pipeline.peers.procrastinate_worker")],
        _procrastinate_sender,
    ),
    Queued("django-q2", [_program("q2", "render", "manage", "qcluster")], _q2_sender),
)
