"""What was measured against the origin's targets, as a table; a time is met if 95 of 100 are within it."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from bench.load.visit import Visit

DONE_AT_LEAST = 0.99


@dataclass(frozen=True)
class Row:
    """A target and the times that were measured for it, all in seconds."""

    name: str
    target: float
    times: Sequence[float]

    @property
    def is_met(self) -> bool:
        return bool(self.times) and p95(self.times) < self.target

    def __str__(self) -> str:
        if not self.times:
            return f"{self.name:<20} {'nothing was measured':>50}  MISSED"
        figures = (self.target, statistics.median(self.times), p95(self.times), max(self.times))
        columns = "".join(f"{figure:>10.3f}" for figure in figures)
        return f"{self.name:<20}{columns}{len(self.times):>10}  {'met' if self.is_met else 'MISSED'}"


def judge(visits: Sequence[Visit]) -> bool:
    """Print the table; True when every target is met."""
    rows = [
        Row("generation", 60, [visit.generation for visit in visits if visit.generation is not None]),
        Row("pick-up", 5, [visit.pick_up for visit in visits if visit.pick_up is not None]),
        Row("update seen", 2, [seconds for visit in visits for seconds in visit.sights]),
        Row("API answer", 0.5, [seconds for visit in visits for seconds in visit.answers]),
    ]
    print(f"{'seconds':<20}{'target':>10}{'median':>10}{'p95':>10}{'worst':>10}{'count':>10}")
    print(*rows, sep="\n")
    return _judge_done(visits) and all(row.is_met for row in rows)


def _judge_done(visits: Sequence[Visit]) -> bool:
    done = sum(visit.outcome == "completed" for visit in visits) / len(visits)
    is_met = done >= DONE_AT_LEAST
    print(f"{'jobs done':<20}{DONE_AT_LEAST:>10.0%}{done:>10.0%}{'':>30}  {'met' if is_met else 'MISSED'}")
    for outcome in {visit.outcome for visit in visits} - {"completed"}:
        print(f"  not done: {outcome}")
    return is_met


def p95(times: Sequence[float]) -> float:
    """The smallest time that 95 of 100 do not exceed."""
    return sorted(times)[math.ceil(0.95 * len(times)) - 1]
