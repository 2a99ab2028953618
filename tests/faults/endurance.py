"""`make endurance`: what takes its time, with the leases of production. About 20 minutes.

A worker killed, a broker away for half a minute, a call three times as long as a lease, and a backlog of
2,000 steps that waits ten minutes. Each is measured against its bound; the exit code is 1 if one is missed.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from carousels.providers.offline.scripts import read_calls
from tests.faults.world import SETTINGS, World
from tests.installation import Installation

LEASE = 30.0  # seconds, the default
RECOVERED_WITHIN = 60.0  # seconds after a kill -9
MESSAGES_MOST = 1.3  # a step
THREADS = 64  # of an `ai` worker


class Missed(AssertionError):
    """A bound was missed."""


def recover(world: World) -> str:
    """kill -9 of every worker mid-slide: how long until the last job is done."""
    [key] = world.installation.customers("killed", 1)
    jobs = [world.submit(key) for _ in range(3)]
    world.wait_for_steps("running", of=jobs, count=6)
    began = time.monotonic()
    world.kill("ai", "render", "control")
    world.wait_until_done(seconds=2 * RECOVERED_WITHIN)
    seconds = time.monotonic() - began
    hold(world, jobs)
    return within(seconds, RECOVERED_WITHIN, "s from kill -9 to the last job's end")


def go_without_broker(world: World) -> str:
    """No broker for half a minute, mid-slide and with submits meanwhile."""
    [key] = world.installation.customers("away", 1)
    jobs = [world.submit(key) for _ in range(3)]
    world.wait_for_steps("running", of=jobs, count=6)
    with world.without_broker(seconds=30):
        jobs += [world.submit(key) for _ in range(3)]
    began = time.monotonic()
    world.wait_until_done(seconds=2 * RECOVERED_WITHIN)
    hold(world, jobs)
    seconds = time.monotonic() - began
    return within(seconds, RECOVERED_WITHIN, "s from the broker's return to the last job's end")


def call_for_long(world: World) -> str:
    """A call of three leases is made once."""
    [slow] = world.installation.customers("long", 1, script=f"slide1:slow={3 * LEASE}s")
    job = world.submit(slow)
    world.wait_until_done(seconds=5 * LEASE)
    hold(world, [job])
    calls = read_calls(world.installation.folder / "calls")[job]["slide-1"]
    [(attempts,)] = world.sql("SELECT max(attempt) FROM job_steps WHERE job_id = %s", job)
    if (len(calls), attempts) != (1, 1):
        raise Missed(f"made {len(calls)} times, attempt {attempts}")
    return f"a call of {calls[0].ended_at - calls[0].started_at:.0f} s was made once"


@dataclass(frozen=True)
class Backlog:
    """What `pile_up` saw; `recovered` and `drained` in seconds."""

    steps: int
    messages: int
    recovered: float
    drained: float

    @property
    def messages_per_step(self) -> float:
        return self.messages / self.steps


def pile_up(world: World, key: str, *, steps: int, kill_after: float) -> Backlog:
    """Many steps queued at once, and their worker killed on the way."""
    before = world.count_messages()
    with world.frozen("ai"):  # or it would be done with the first before the last is there
        with ThreadPoolExecutor(4) as pool:
            jobs = list(pool.map(lambda _: world.submit(key, what="strategy"), range(steps)))
        world.wait_for_steps("queued", of=jobs, count=steps, kind="strategy", seconds=120)
    began = time.monotonic()
    world.wait_for_steps("running", of=jobs, count=THREADS, kind="strategy")
    time.sleep(kill_after)
    recovered = kill_busy_worker(world)
    world.wait_until_done(seconds=3600)
    drained = time.monotonic() - began
    hold(world, jobs)
    messages = world.count_messages() - before  # those that only start jobs, many at a time, included
    return Backlog(steps=steps, messages=messages, recovered=recovered, drained=drained)


def kill_busy_worker(world: World) -> float:
    """kill -9 of the `ai` worker; seconds until every step it held has been claimed again."""
    held = world.sql("SELECT id, owner FROM job_steps WHERE status = 'running'")
    steps, owners = [step for step, _ in held], [owner for _, owner in held]
    unclaimed = (
        "SELECT 1 FROM job_steps WHERE id = ANY(%s) AND (status = 'queued' OR owner = ANY(%s)) LIMIT 1"
    )
    began = time.monotonic()
    world.kill("ai")
    world.wait_until(
        lambda: not world.sql(unclaimed, steps, owners),
        seconds=10 * RECOVERED_WITHIN,
        what="the killed worker's steps are with others",
    )
    return time.monotonic() - began


def queue_for_long(world: World, steps: int, minutes: float) -> str:
    """A backlog that takes so long brings few messages twice, and hides no dead worker."""
    slow = THREADS * minutes * 60 / steps
    [key] = world.installation.customers("backlog", 1, script=f"slow={slow:.2f}s")
    seen = pile_up(world, key, steps=steps, kill_after=minutes * 60 / 5)
    print(f"  {seen.steps} steps, drained after {seen.drained:.0f} s", flush=True)
    return ", ".join(
        [
            within(seen.messages_per_step, MESSAGES_MOST, "messages a step"),
            within(seen.recovered, RECOVERED_WITHIN, "s until a killed worker's steps were claimed again"),
        ]
    )


def hold(world: World, jobs: Sequence[str]) -> None:
    if faults := world.judge(jobs).faults:
        raise Missed(str(faults))


def within(measured: float, most: float, what: str) -> str:
    if measured > most:
        raise Missed(f"{measured:.2f} {what}, at most {most:g}")
    return f"{measured:.2f} {what} (at most {most:g})"


def run(proofs: dict[str, Callable[[World], str]], *, folder: Path) -> bool:
    """Whether all bounds were kept."""
    settings = SETTINGS | {"LEASE_SECONDS": str(LEASE), "DATABASE_POOL_SIZE": "15"}
    installation, is_kept = Installation(folder, **settings), True
    try:
        with installation.fleet() as fleet:
            fleet.wait_until_ready()
            world = World(installation, fleet)
            for name, proof in proofs.items():
                print(name, flush=True)
                try:
                    print(f"  {proof(world)}", flush=True)
                except (Missed, TimeoutError) as missed:
                    print(f"  MISSED: {missed}", flush=True)
                    is_kept = False
    finally:
        installation.close()
    return is_kept


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.endurance", description=__doc__)
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=10)
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="socialsaas-endurance-"))
    print(f"logs in {folder}", flush=True)
    is_kept = run(
        {
            "workers killed": recover,
            "broker away for 30 s": go_without_broker,
            "a call of 90 s": call_for_long,
            "a backlog": lambda world: queue_for_long(world, arguments.steps, arguments.minutes),
        },
        folder=folder,
    )
    if not is_kept:
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
