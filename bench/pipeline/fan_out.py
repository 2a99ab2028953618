"""Ten slides at 2 s: how near the fan-out comes to its ideal, and how far it is from one after another.

The ideal is strategy + one slide + finalize, each as long as it takes. The loop is the origin's: the same
functions and the same calls, in one process, one after the other.
"""

import statistics
import time
from dataclasses import dataclass

from bench.pipeline import world
from bench.pipeline.contestants import AS_MAKE_UP, INLINE, Team, exported
from jobs.models import JobStep
from jobs.states import StepKind

SLIDES, SECONDS = 10, 2.0


@dataclass(frozen=True)
class FanOut:
    """Seconds."""

    took: float
    ideal: float
    one_after_another: float

    @property
    def to_ideal(self) -> float:
        return self.took / self.ideal


def measure(*, rounds: int) -> FanOut:
    with exported(BENCH_CALL=SECONDS, BENCH_SLIDES=SLIDES):
        with AS_MAKE_UP.running(imageCount=SLIDES) as team:
            _run(team)  # the processes have started, imported and connected
            runs = [_run(team) for _ in range(rounds)]
        with INLINE.running() as team:
            loop, _ = _run(team)
    return FanOut(
        took=statistics.median(took for took, _ in runs),
        ideal=2 * SECONDS + statistics.median(finalize for _, finalize in runs),
        one_after_another=loop,
    )


def _run(team: Team) -> tuple[float, float]:
    """Seconds of one job, and of its finalize alone."""
    [user] = world.make_users(1)
    began = time.perf_counter()
    [job_id] = team.run([user]).ids
    took = time.perf_counter() - began
    finalize = JobStep.objects.get(job=job_id, kind=StepKind.FINALIZE)
    return took, (finalize.finished_at - finalize.started_at).total_seconds()
