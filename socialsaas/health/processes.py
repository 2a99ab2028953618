"""Whether the processes that work are alive, on whatever machine, and whether jobs wait too long.

Workers answer a call that goes to all of them through the broker; beat and the sweep leave a pulse there.
"""

import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from celery import current_app
from django.db.models import Count, Q
from django.utils import timezone

from jobs import dispatch, pulse, turns
from jobs.models import JobStep
from jobs.states import StepStatus
from socialsaas.health.examination import TIMEOUT, Check, Doubtful, Unwell

QUEUES = ("ai", "render", "control", "webhooks")
FRESH = 15.0  # seconds; beat sends a sweep every 5
NEXT_BEAT = 6.0  # seconds within which a living beat sends another
PATIENCE = timedelta(minutes=1)  # a due job that nothing holds up starts within seconds

MOST = 1000  # jobs worth counting
CALLS = 3 * TIMEOUT  # seconds for both roll calls

START = "Start it: `make up` in a checkout, `docker compose up -d {}` elsewhere. Its log says why it ended."
SWEEP = "See why it fails or hangs in the log of the `control` worker."
WAITING = (
    "They go on once all of the above is well; if all is, start more workers for the queue that is named."
)


class RollCall:
    """Who serves which queue. The checks of one examination share one call: each costs its time-out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._workers: dict[str, set[str]] | None = None

    def workers_of(self, queue: str) -> set[str]:
        with self._lock:
            if self._workers is None:
                self._workers = self._call()
        return self._workers[queue]

    def _call(self) -> dict[str, set[str]]:
        """A second time if a queue has nobody: a worker at the end of its machine's strength answers late."""
        workers: dict[str, set[str]] = defaultdict(set)
        for _ in range(2):
            answers = current_app.control.inspect(timeout=TIMEOUT).active_queues() or {}
            for worker, queues in answers.items():
                for queue in queues:
                    workers[queue["name"]].add(worker)
            if workers.keys() >= set(QUEUES):
                break
        return workers


def workers_of(queue: str, *, roll: RollCall) -> str:
    workers = roll.workers_of(queue)
    if not workers:
        raise Unwell(f"nobody serves the queue `{queue}`")
    return f"{len(workers)} alive: {', '.join(sorted(workers))}"


def beat() -> str:
    """What beat sends waits while the one worker that takes it hangs in a sweep: then nobody can tell."""
    begun, done = pulse.age_of(pulse.BEGUN), pulse.age_of(pulse.DONE)
    if begun is not None and begun > FRESH and (done is None or begun < done):
        raise Doubtful(f"cannot be told: the sweep that began {begun:.0f} s ago has not ended")
    return f"it sent a sweep {_fresh_age(pulse.BEGUN):.0f} s ago"


def sweep() -> str:
    return f"the last one ended {_fresh_age(pulse.DONE):.0f} s ago"


def _fresh_age(mark: str) -> float:
    """The mark's age, once it is fresh: right after a start, or FLUSHALL, the first is still to come."""
    deadline = time.monotonic() + NEXT_BEAT
    while (age := pulse.age_of(mark)) is None or age > FRESH:
        if time.monotonic() > deadline:
            raise Unwell("has left no sign" if age is None else f"has left no sign for {age:.0f} s")
        time.sleep(0.2)
    return age


def waiting() -> str:
    """What is due for longer than PATIENCE, and what it waits for."""
    now = timezone.now()
    reasons = [*_jobs_not_started(now=now), *_steps_not_taken(now=now), *_steps_not_released(now=now)]
    if reasons:
        raise Doubtful("; ".join(reasons))
    return "none for long"


def _jobs_not_started(*, now: datetime) -> Iterator[str]:
    """A job whose owner has others running waits rightly, however long."""
    if jobs := turns.next_due(now=now - PATIENCE, limit=MOST):
        yield f"due jobs that the sweep has not started: {len(jobs)}"


def _steps_not_taken(*, now: datetime) -> Iterator[str]:
    sent_again = Q(redrive_at__lte=now) | Q(redrives__gt=0)
    waiting = JobStep.objects.filter(sent_again, status=StepStatus.QUEUED).values_list("queue")
    for queue, steps in waiting.annotate(Count("pk")).order_by("queue"):
        why = "all workers are busy" if dispatch.messages_in(queue) else "their messages were lost"
        yield f"steps waiting in `{queue}`: {steps}, {why}"


def _steps_not_released(*, now: datetime) -> Iterator[str]:
    dead = JobStep.objects.filter(status=StepStatus.RUNNING, lease_until__lt=now - PATIENCE).count()
    if dead:
        yield f"steps that the sweep has not taken from dead workers: {dead}"


def checks() -> list[Check]:
    roll = RollCall()
    return [
        *(
            Check(
                f"{queue} workers",
                partial(workers_of, queue, roll=roll),
                START.format(queue),
                ("broker",),
                CALLS,
            )
            for queue in QUEUES
        ),
        Check("beat", beat, START.format("beat"), needs=("control workers",), seconds=TIMEOUT + NEXT_BEAT),
        Check("sweep", sweep, SWEEP, needs=("beat",), seconds=TIMEOUT + NEXT_BEAT),
        Check("waiting jobs", waiting, WAITING, needs=("migrations", "broker")),
    ]
