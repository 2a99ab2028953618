"""When a job will be done: what its steps took lately, and what waits before it. Reads only.

Durations are quantiles, most often medians, of the newest finished steps, kept for half a minute by each
process; what waits is counted once a second. Rehearsals are left out: a script's pauses say nothing
about the next carousel.
"""

import math
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

from django.db import connection

from jobs.standing import Standing
from jobs.states import JobType, StepKind

WITHOUT_HISTORY = 60  # seconds
USUAL, SLOW = 0.5, 0.95  # quantiles
KEPT, FRESH = 30.0, 1.0  # seconds: the history, the backlog
NEWEST = """
SELECT s.job_id, s.run, s.kind, s.started_at, s.finished_at, c.image_count
FROM job_steps s JOIN generation_jobs j ON j.id = s.job_id JOIN carousels c ON c.id = j.carousel_id
WHERE s.id > (SELECT COALESCE(MAX(id), 0) - 3000 FROM job_steps)
AND s.status = 'done' AND NOT jsonb_exists(j.payload, 'script')
ORDER BY s.id DESC LIMIT 300
"""
AHEAD = """
SELECT s.queue, s.kind, s.status = 'running', count(*)
FROM job_steps s JOIN generation_jobs j ON j.id = s.job_id
WHERE s.status IN ('waiting', 'queued', 'running') AND j.status = 'processing' AND j.priority >= %s
GROUP BY 1, 2, 3
"""


class Done(NamedTuple):
    job_id: object
    run: int
    kind: str
    started_at: datetime
    finished_at: datetime
    slides: int

    @property
    def seconds(self) -> float:
        return (self.finished_at - self.started_at).total_seconds()


@dataclass(frozen=True)
class History:
    """`seconds`: how long a step of a kind takes, finalize per slide; `abreast`: slides made at a time."""

    seconds: dict[str, float]
    abreast: float

    @classmethod
    def of(cls, done: Iterable[Done], *, quantile: float = USUAL) -> "History":
        durations, fan_outs = defaultdict(list), defaultdict(list)
        for step in done:
            share = step.slides if step.kind == StepKind.FINALIZE else 1
            durations[step.kind].append(step.seconds / share)
            if step.kind == StepKind.SLIDE:
                fan_outs[step.job_id, step.run].append(step)
        abreast = [_abreast(slides) for slides in fan_outs.values()]
        return cls(
            seconds={kind: quantile_of(each, quantile) for kind, each in durations.items()},
            abreast=median(abreast) if abreast else 1.0,
        )

    def seconds_for(self, steps: Counter[str], *, slides: int) -> float | None:
        """How long these steps of one run take, nothing being in their way; None where no one can tell."""
        kinds = [kind for kind, count in steps.items() if count]
        if not all(kind in self.seconds for kind in kinds):
            return None
        shares = {
            StepKind.STRATEGY: 1.0,
            StepKind.SLIDE: steps[StepKind.SLIDE] / max(1.0, min(self.abreast, steps[StepKind.SLIDE])),
            StepKind.FINALIZE: slides,
        }
        return sum(self.seconds[kind] * shares[kind] for kind in kinds)


class Memory:
    """The history by quantile and the backlog by priority, each read again when it is too old."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        self._histories, self._until = {}, 0.0
        self._backlogs: dict[int, tuple[float, float]] = {}  # priority -> (until, seconds)

    def recall(self, quantile: float = USUAL) -> History:
        with self._lock:
            if time.monotonic() > self._until:
                done = _read()
                self._histories = {each: History.of(done, quantile=each) for each in (USUAL, SLOW)}
                self._until = time.monotonic() + KEPT
            return self._histories[quantile]

    def recall_backlog(self, priority: int) -> float:
        until, seconds = self._backlogs.get(priority, (0.0, 0.0))
        if time.monotonic() > until:
            seconds = _backlog(self.recall(), priority=priority)
            self._backlogs[priority] = (time.monotonic() + FRESH, seconds)
        return seconds


memory = Memory()


def seconds_until_done(*, standing: Standing, job_type: JobType, slides: int) -> int:
    """For a job that is about to join the queue."""
    own = memory.recall().seconds_for(steps_of(job_type, slides=slides), slides=slides)
    if own is None:
        return WITHOUT_HISTORY
    return math.ceil(own + _waiting(own, standing))


def spread_until_done(*, standing: Standing, job_type: JobType, slides: int) -> tuple[int, int | None]:
    """The same, and as long as it takes when every step is as slow as the slowest one in twenty.

    Without history nobody can tell how slow that is: None.
    """
    steps = steps_of(job_type, slides=slides)
    usual, slow = (memory.recall(each).seconds_for(steps, slides=slides) for each in (USUAL, SLOW))
    if usual is None or slow is None:
        return WITHOUT_HISTORY, None
    waiting = _waiting(usual, standing)
    return math.ceil(usual + waiting), math.ceil(slow + waiting)


def completion(*, left: Counter[str], slides: int, now: datetime) -> datetime | None:
    """For a run under way, by the steps it has left; None where no one can tell."""
    seconds = memory.recall().seconds_for(left, slides=slides)
    return None if seconds is None else now + timedelta(seconds=seconds)


def steps_of(job_type: JobType, *, slides: int) -> Counter[str]:
    return {
        JobType.CAROUSEL: Counter({StepKind.STRATEGY: 1, StepKind.SLIDE: slides, StepKind.FINALIZE: 1}),
        JobType.STRATEGY: Counter({StepKind.STRATEGY: 1}),
        JobType.IMAGE: Counter({StepKind.SLIDE: 1, StepKind.FINALIZE: 1}),
        JobType.RENDER: Counter({StepKind.FINALIZE: 1}),
    }[job_type]


def quantile_of(values: Sequence[float], quantile: float) -> float:
    """Between the two values around that place, in proportion; 0.5 gives the median."""
    ordered = sorted(values)
    place = quantile * (len(ordered) - 1)
    below = math.floor(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _waiting(own: float, standing: Standing) -> float:
    """Seconds before the job's own work begins: the user's earlier jobs, and what waits for the workers."""
    return own * standing.rounds_before + memory.recall_backlog(standing.priority)


def _backlog(history: History, *, priority: int) -> float:
    """Seconds until the workers have done what waits now.

    While something waits, what runs is all that can: so many workers are there.
    """
    with connection.cursor() as cursor:
        cursor.execute(AHEAD, [priority])
        rows = cursor.fetchall()
    work, running = defaultdict(float), Counter()
    for queue, kind, is_running, count in rows:
        running[queue] += count if is_running else 0
        work[queue] += 0 if is_running else count * history.seconds.get(kind, 0.0)
    return sum(seconds / max(1, running[queue]) for queue, seconds in work.items())


def _abreast(slides: list[Done]) -> float:
    span = max(s.finished_at for s in slides) - min(s.started_at for s in slides)
    return sum(s.seconds for s in slides) / max(span.total_seconds(), 0.001)


def _read() -> list[Done]:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        return [Done(*row) for row in cursor.fetchall()]
