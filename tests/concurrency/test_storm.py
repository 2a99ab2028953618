"""Everybody does everything to one user's jobs at once: no credit is lost, no job stuck, no cap passed.

The moves are random; what must hold afterwards is not.
"""

import random
import time
from collections.abc import Callable

import pytest
from django.utils import timezone

from billing.audit import snapshot
from carousels.authoring import CarouselNotReady
from jobs import audit, failures, pipeline, queue, recovery, reworks
from jobs.models import GenerationJob, JobEvent, JobStep
from jobs.queue import CarouselBusy
from jobs.states import ACTIVE, JobStatus, JobType, StepStatus
from jobs.transitions import InvalidState, LostRace
from tests import factories
from tests.concurrency.threads import at_once
from tests.jobs import broker, fakes

pytestmark = pytest.mark.django_db(transaction=True)

PEOPLE, SECONDS, PATIENCE = 6, 5.0, 30.0
CAP = 3
PROPER = (CarouselBusy, CarouselNotReady, InvalidState, LostRace)  # how a move may be refused
AGAIN = (JobStatus.FAILED, JobStatus.CANCELLED)


@pytest.fixture(autouse=True)
def _fakes(monkeypatch, settings):
    settings.RUNNING_JOBS_PER_USER = CAP
    broker.empty()
    fakes.choose(monkeypatch)


class Person:
    """The owner in a tab, an operator, a worker or the sweep: another one at each move."""

    def __init__(self, user, *, seed: int) -> None:
        self.user, self.random = user, random.Random(seed)
        self.moves: dict[Callable[[], None], int] = {
            self.submit: 2,
            self.ask_for_words: 1,
            self.redraw: 2,
            self.render: 1,
            self.cancel: 4,
            self.requeue: 4,
            self.give_a_run: 1,
            self.start: 4,
            self.work: 16,
            self.fail: 2,
            self.die_or_wake_up_late: 2,
            self.sweep: 1,
        }

    def act(self) -> bool:
        """One move; whether it was refused."""
        (move,) = self.random.choices(list(self.moves), list(self.moves.values()))
        try:
            move()
        except PROPER:
            return True
        return False

    def submit(self, job_type: JobType = JobType.CAROUSEL) -> None:
        payload = factories.payload(imageCount=2)
        queue.submit(user=self.user, payload=payload, now=timezone.now(), job_type=job_type)

    def ask_for_words(self) -> None:
        self.submit(JobType.STRATEGY)

    def redraw(self) -> None:
        if job := self._a_job(JobStatus.COMPLETED):
            payload = {"slideNumber": 1}
            reworks.redraw(user=self.user, carousel_id=job.carousel_id, payload=payload, now=timezone.now())

    def render(self) -> None:
        if job := self._a_job(JobStatus.COMPLETED):
            reworks.render(user=self.user, carousel_id=job.carousel_id, payload={}, now=timezone.now())

    def cancel(self) -> None:
        if job := self._a_job(*JobStatus):
            queue.cancel(job_id=job.pk, by=f"user:{self.user.pk}", now=timezone.now())

    def requeue(self) -> None:
        if job := self._a_job(*AGAIN):
            queue.requeue(job_id=job.pk, by=f"user:{self.user.pk}", now=timezone.now())

    def give_a_run(self) -> None:
        if job := self._a_job(*AGAIN):
            queue.requeue(job_id=job.pk, by="operator:boss", is_free=True, now=timezone.now())

    def start(self) -> None:
        if job := self._a_job(JobStatus.QUEUED):
            pipeline.start(job_id=job.pk, now=timezone.now())

    def work(self) -> None:
        if step := self._a_claimed_step():
            pipeline.record_done(step=step, outcome=fakes.outcome_of(step), now=timezone.now())

    def fail(self) -> None:
        if step := self._a_claimed_step():
            error = fakes.failure() if self.random.random() < 0.5 else fakes.refusal()
            failure = failures.of_provider(error)
            pipeline.record_failure(step=step, failure=failure, now=timezone.now())

    def die_or_wake_up_late(self) -> None:
        if step := self._a_claimed_step():
            outcome = fakes.outcome_of(step)
            fakes.run_out(step)
            recovery.sweep(now=timezone.now())
            if self.random.random() < 0.5:
                pipeline.record_done(step=step, outcome=outcome, now=timezone.now())

    def sweep(self) -> None:
        recovery.sweep(now=timezone.now())

    def _a_job(self, *statuses: JobStatus) -> GenerationJob | None:
        """One of the newest few, so that they meet."""
        newest = GenerationJob.objects.filter(status__in=statuses).order_by("-created_at")[:4]
        return self.random.choice(list(newest)) if newest else None

    def _a_claimed_step(self) -> JobStep | None:
        queued = list(JobStep.objects.filter(status=StepStatus.QUEUED)[:4])
        if not queued:
            return None
        JobStep.objects.filter(pk__in=[step.pk for step in queued], status=StepStatus.QUEUED).update(
            not_before=None
        )
        step = pipeline.claim(step_id=self.random.choice(queued).pk)
        time.sleep(self.random.random() / 100)  # the work, during which others move
        return step


def finish(person: Person) -> None:
    """The storm is over: workers and sweeps bring every job to its end."""
    deadline = time.monotonic() + PATIENCE
    while GenerationJob.objects.filter(status__in=ACTIVE).exists():
        assert time.monotonic() < deadline, "a job is stuck"
        recovery.sweep(now=timezone.now() + pipeline.steps.LEASE)
        person.work()


@pytest.mark.parametrize("seed", [1, 2])
def test_storm_of_everybody_s_moves_leaves_the_ledger_right(seed):
    user = factories.user(credits=1000, daily_limit=None)
    until = time.monotonic() + SECONDS

    def move_about(person: Person) -> tuple[int, int]:
        refused = [person.act() for _ in iter(lambda: time.monotonic() < until, False)]
        return len(refused), sum(refused)

    def watch() -> tuple[list[str], int]:
        faults, running = [], 0
        while time.monotonic() < until:
            with snapshot():
                faults += audit.faults()
                running = max(running, GenerationJob.objects.filter(status=JobStatus.PROCESSING).count())
        return faults, running

    people = [Person(user, seed=seed * 100 + number) for number in range(PEOPLE)]
    *moved, watched = at_once(*[lambda person=person: move_about(person) for person in people], watch)
    finish(people[0])

    assert watched == ([], CAP)
    assert sum(moves for moves, _ in moved) > sum(refused for _, refused in moved) > 0
    assert audit.faults() == []
    ended = GenerationJob.objects.values_list("status", flat=True)
    assert JobStatus.COMPLETED in ended
    assert set(ended).isdisjoint(ACTIVE)
    for job in GenerationJob.objects.all():
        sequences = list(
            JobEvent.objects.filter(job=job).order_by("sequence").values_list("sequence", flat=True)
        )
        assert sequences == list(range(1, len(sequences) + 1))
