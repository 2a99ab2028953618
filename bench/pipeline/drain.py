"""The interleaved run: every round all contestants in another order, each alone with the servers.

A contestant starts its processes, is warmed up, does single jobs on the idle system (latency, pick-up),
then drains a batch: jobs a second, and CPU a job by part. CPU of who submits is counted too: for a queue
it is this process's own time while it submits, for one that delivers nothing it is in its only process.
"""

import random
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.pipeline import meter, rows, world
from bench.pipeline.contestants import CONTESTANTS, INLINE, Contestant, Team
from jobs.models import JobStep
from jobs.states import StepKind

WARM_UP = 30  # jobs in a batch: past the point where every connection's statements are prepared


@dataclass(frozen=True)
class Sample:
    """One contestant in one round. CPU in ms a job: `submit`, `workers`, `postgres`, `broker`."""

    jobs_per_second: float
    latency_ms: float
    pick_up_ms: float
    cpu_ms: dict[str, float]


@dataclass
class Result:
    name: str
    samples: list[Sample] = field(default_factory=list)

    def median(self, of: str) -> float:
        return statistics.median(getattr(sample, of) for sample in self.samples)

    def cpu(self, part: str) -> float:
        return statistics.median(sample.cpu_ms[part] for sample in self.samples)

    @property
    def cpu_ms(self) -> float:
        return statistics.median(sum(sample.cpu_ms.values()) for sample in self.samples)


def measure(
    *, servers: dict[str, int], rounds: int, jobs: int, singles: int, only: Sequence[str] = ()
) -> dict[str, Result]:
    contestants = [one for one in CONTESTANTS if not only or one.name in only]
    results = {one.name: Result(one.name) for one in contestants}
    with INLINE.running() as team:
        expected = rows.of_job(team.run(world.make_users(1)).ids[0])
    for number in range(1, rounds + 1):
        for contestant in random.sample(contestants, len(contestants)):
            sample, job_id = _measure(contestant, servers=servers, jobs=jobs, singles=singles)
            rows.check(name=contestant.name, job_id=job_id, expected=expected)
            results[contestant.name].samples.append(sample)
            print(f"round {number}: {contestant.name:<14} {sample.jobs_per_second:>6.1f} jobs/s", flush=True)
    return results


def _measure(
    contestant: Contestant, *, servers: dict[str, int], jobs: int, singles: int
) -> tuple[Sample, Any]:
    """The sample, and one of its jobs."""
    with contestant.running() as team:
        team.run(world.make_users(WARM_UP))
        latencies, pick_ups = zip(*(_one(team, user) for user in world.make_users(singles)), strict=True)
        users = world.make_users(jobs)
        roots = {**servers, **{f"worker {pid}": pid for pid in team.pids()}}
        before, began = meter.cpu_of(roots), time.perf_counter()
        batch = team.run(users)
        seconds = time.perf_counter() - began
        spent = {name: cpu - before[name] for name, cpu in meter.cpu_of(roots).items()}
        spent["submit"] = batch.submit_cpu
    sample = Sample(
        jobs_per_second=jobs / seconds,
        latency_ms=statistics.median(latencies),
        pick_up_ms=statistics.median(pick_ups),
        cpu_ms={part: 1000 * cpu / jobs for part, cpu in _by_part(spent).items()},
    )
    return sample, batch.ids[-1]


def _one(team: Team, user) -> tuple[float, float]:
    """Milliseconds of one job on an idle system: to its end, and to the claim of its first step."""
    sent_at, began = time.time(), time.perf_counter()
    job_id = team.run([user]).ids[0]
    latency = time.perf_counter() - began
    claimed_at = JobStep.objects.get(job=job_id, kind=StepKind.STRATEGY).started_at.timestamp()
    return 1000 * latency, 1000 * (claimed_at - sent_at)


def _by_part(spent: dict[str, float]) -> dict[str, float]:
    parts = {"submit": spent["submit"], "postgres": spent["postgres"], "broker": spent["broker"]}
    return parts | {"workers": sum(cpu for name, cpu in spent.items() if name.startswith("worker "))}
