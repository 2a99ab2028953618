"""The product under load with its servers and processes in reach: what breaks it, and who was hit and when.

Each fault leaves everything running again. A kill is remembered with its victims, because only a kill
explains that a call was made twice (`verdict.py`).
"""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import redis
from celery import Celery

from socialsaas.embedded.keeper import started
from socialsaas.processes import Fleet
from tests.faults.verdict import Kill, Verdict, is_anything_under_way, judge
from tests.installation import Installation

WORKERS = ("ai", "render", "control")
SETTINGS = {  # short leases, so that what is lost is found soon, and nobody has to wait for a turn
    "LEASE_SECONDS": "3",
    "OFFLINE_SCRIPT": "slow=1s",
    "RUNNING_JOBS_PER_USER": "10000",
    "DATABASE_POOL_SIZE": "2",
}
PATIENCE = 30  # seconds
EVERYONE = (*WORKERS, "beat", "web")
TASKS = {  # what a step's message says, and the queue it goes to
    "strategy": ("jobs.write_strategy", "ai"),
    "slide": ("jobs.paint_slide", "ai"),
    "finalize": ("jobs.finalize", "render"),
}
BRIEF = {"prompt": "How to plan a quiet week", "imageCount": 2, "aspectRatio": "1:1"}


class StillUnderWay(TimeoutError):
    """Jobs that should have ended long ago have not."""


class World:
    def __init__(self, installation: Installation, fleet: Fleet) -> None:
        self.installation = installation
        self.fleet = fleet
        self.kills: list[Kill] = []
        self.poisoned: list[str] = []
        self._restarts = 0
        # Not as the current one: what other tests of this process send would go to this broker.
        self._messages = Celery(broker=installation.servers.broker_url, set_as_current=False)

    # --- work -------------------------------------------------------------------------------------

    def submit(self, key: str, *, what: str = "generate", **brief: Any) -> str:
        """Hand in a job, for a carousel (`generate`) or for its words alone (`strategy`); returns its id."""
        code, answer = self.installation.call(f"/api/carousel/{what}", key, BRIEF | brief)
        assert code == 200, answer
        return answer["data"]["jobId"]

    def sql(self, statement: str, *values: Any) -> list[tuple]:
        """What the rows say; while the database is away, as soon as it is back."""
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self.installation.sql(statement, *values)
            except psycopg.OperationalError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def submit_poisoned(self, key: str, *, tries: int) -> str:
        """A job that may be tried so often, and takes a while to be composed: for `poison`."""
        job = self.submit(key, imageCount=5)
        self.poisoned.append(job)
        self.sql("UPDATE generation_jobs SET max_retries = %s WHERE id = %s", tries - 1, job)
        return job

    def wait_until(self, is_so: Callable[[], bool], *, seconds: float, what: str) -> None:
        deadline = time.monotonic() + seconds
        while not is_so():
            if time.monotonic() > deadline:
                raise StillUnderWay(f"not within {seconds:.0f} s: {what}")
            time.sleep(0.05)

    def wait_until_done(self, *, seconds: float) -> None:
        """Until every job has ended."""
        self.wait_until(lambda: not is_anything_under_way(self.sql), seconds=seconds, what="every job ended")

    def wait_for_steps(
        self, status: str, *, of: list[str], count: int = 1, kind: str = "slide", seconds: float = PATIENCE
    ) -> None:
        """Until so many steps of these jobs are in this status."""
        query = "SELECT count(*) FROM job_steps WHERE status = %s AND kind = %s AND job_id = ANY(%s::uuid[])"
        self.wait_until(
            lambda: self.sql(query, status, kind, of)[0][0] >= count,
            seconds=seconds,
            what=f"{count} steps of kind {kind} are {status}",
        )

    def judge(self, accepted: list[str]) -> Verdict:
        folder = self.installation.folder
        return judge(
            sql=self.sql,
            calls=folder / "calls",
            media=folder / "media",
            accepted=accepted,
            kills=self.kills,
            failing=self.poisoned,
        )

    def send(self, task: str, *, queue: str, **kwargs: Any) -> None:
        """A message straight to the broker, before all others of its queue."""
        self._messages.send_task(task, kwargs=kwargs, queue=queue, priority=0)

    def deliver_again(self, jobs: list[str]) -> None:
        """Every message these jobs ever had, or will have, once more and at once."""
        for job in jobs:
            self.send("jobs.start", queue="ai", job_ids=[job])
        steps = self.sql("SELECT id, kind FROM job_steps WHERE job_id = ANY(%s::uuid[])", jobs)
        for step, kind in steps:
            task, queue = TASKS[kind]
            self.send(task, queue=queue, step_id=step)

    def count_messages(self) -> int:
        """Messages that came into the broker's queues since it started, by its own count."""
        with redis.Redis.from_url(self.installation.servers.broker_url) as broker:
            counted = broker.info("commandstats")
        return sum(counted.get(f"cmdstat_{push}", {"calls": 0})["calls"] for push in ("lpush", "rpush"))

    def audit(self) -> list[str]:
        """What the product's own audit of the ledger finds."""
        try:
            self.installation.manage("audit_ledger")
        except subprocess.CalledProcessError as error:
            return [error.stdout + error.stderr]
        return []

    # --- processes --------------------------------------------------------------------------------

    def kill(self, *names: str) -> None:
        """kill -9 of these processes with all their children, then start them anew; not waited for."""
        groups = [self.fleet.pid_of(name) for name in names]
        with self._remembered(frozenset(pid for group in groups for pid in members(group))):
            for group in groups:
                os.killpg(group, signal.SIGKILL)
        for name in names:
            self.start_again(name)

    def start_again(self, name: str) -> None:
        """Start one that has ended; its log so far is kept."""
        self._restarts += 1
        log = self.fleet.log_of(name)
        shutil.copy(log, log.with_name(f"{name}.{self._restarts}.log"))
        self.fleet.restart(name)

    def kill_child(self, name: str = "render") -> None:
        """kill -9 of one process of a prefork pool; its parent lives, unless it has not even started."""
        self.fleet.wait_until_ready()
        parent = self.fleet.pid_of(name)
        child = max(pid for pid in members(parent) if pid != parent)
        with self._remembered(frozenset([child])):
            os.kill(child, signal.SIGKILL)

    def poison(self, job: str, *, times: int) -> None:
        """Kill the pool's processes whenever this job is composed: a step that kills its worker."""
        for attempt in range(1, times + 1):
            self.wait_until(
                lambda attempt=attempt: self._is_composed(job, attempt) and self._is_ready("render"),
                seconds=180,
                what=f"job {job} is composed, attempt {attempt}",
            )
            parent = self.fleet.pid_of("render")
            children = members(parent) - {parent}
            with self._remembered(frozenset(children)):
                for child in children:
                    os.kill(child, signal.SIGKILL)

    def _is_composed(self, job: str, attempt: int) -> bool:
        """Whether the last step is at this attempt just now, or a later one; or the job has failed before."""
        rows = self.sql(
            """SELECT 1 FROM job_steps s JOIN generation_jobs j ON j.id = s.job_id WHERE j.id = %s AND
            (j.status = 'failed' OR s.kind = 'finalize' AND s.status = 'running' AND s.attempt >= %s)""",
            job,
            attempt,
        )
        return bool(rows)

    def _is_ready(self, name: str) -> bool:
        program = next(program for program in self.fleet.programs if program.name == name)
        return program.is_ready(self.fleet.log_of(name))

    @contextmanager
    def frozen(self, name: str) -> Iterator[None]:
        """SIGSTOP, and SIGCONT at the end: a worker that was thought dead, and comes back."""
        group = self.fleet.pid_of(name)
        with self._remembered(frozenset(members(group))):
            os.killpg(group, signal.SIGSTOP)
            try:
                yield
            finally:
                os.killpg(group, signal.SIGCONT)

    def freeze(self, name: str, *, seconds: float) -> None:
        with self.frozen(name):
            time.sleep(seconds)

    def ask_to_stop(self, name: str, *, seconds: float) -> None:
        """SIGTERM; returns when the process has ended by itself, having finished what it had begun."""
        self.fleet.wait_until_ready()  # one that is still starting would not hear it
        process = self.fleet.pid_of(name)
        os.kill(process, signal.SIGTERM)
        self.wait_until(lambda: started(process) is None, seconds=seconds, what=f"{name} has ended")

    # --- servers ----------------------------------------------------------------------------------

    def flush(self) -> None:
        """FLUSHALL: every message is gone, those that were being worked off too."""
        with redis.Redis.from_url(self.installation.servers.broker_url) as broker:
            broker.flushall()

    @contextmanager
    def without_broker(self, *, seconds: float) -> Iterator[None]:
        """kill -9 of the broker, which keeps nothing, and none for at least `seconds`."""
        deadline = time.monotonic() + seconds
        self.installation.servers.broker.end()
        try:
            yield
            time.sleep(max(0.0, deadline - time.monotonic()))
        finally:
            self.installation.servers.broker.start()

    def restart_database(self, how: int = signal.SIGINT) -> None:
        """A fast shutdown (SIGINT) or an immediate one (SIGQUIT), and a start; every process is hit."""
        with self._remembered(None):
            self.installation.servers.database.end(how)
            self.installation.servers.database.start()

    @contextmanager
    def _remembered(self, pids: frozenset[int] | None) -> Iterator[None]:
        began = time.time()
        try:
            yield
        finally:  # a test that fails meanwhile must not fail the following ones
            self.kills.append(Kill(began=began, ended=time.time(), pids=pids))


def members(group: int) -> set[int]:
    """The processes of a process group."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,pgid="], capture_output=True, text=True, check=True)
    pairs = (line.split() for line in listed.stdout.splitlines())
    return {int(pid) for pid, of in pairs if int(of) == group}
