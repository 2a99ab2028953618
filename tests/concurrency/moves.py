"""What people, workers and beat do to a few accounts in a storm: one random move after the other.

Every kind of move goes through the product's own verbs; how it may be refused is a closed list.
"""

import os
import random
import threading
import traceback
from collections.abc import Callable, Sequence
from datetime import timedelta

import kombu.pools
import pytest
from celery import current_app
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from billing import ledger, terms
from billing.ledger import InsufficientCredits
from billing.models import CreditPack, Customer
from billing.payments import events
from billing.payments.client import Event
from billing.payments.facts import Reversal, Sale
from carousels.brief import Brief
from jobs import endings, failures, pipeline, queue, recovery, work
from jobs.models import GenerationJob, JobStep
from jobs.queue import CarouselBusy
from jobs.states import ACTIVE, JobStatus, StepKind, StepStatus
from jobs.transitions import InvalidState, LostRace, locked
from tests import factories
from tests.jobs import fakes

PROPER = (CarouselBusy, InsufficientCredits, InvalidState, LostRace, ledger.DailyLimitReached)
PROPER_ANSWERS = (200, 402, 409, 422, 429)
WEIGHTS = {
    "submit": 12,
    "submit_again": 5,
    "work": 10,
    "cancel": 6,
    "fail": 6,
    "requeue": 8,
    "give_a_run": 2,
    "adjust": 5,
    "purchase": 5,
    "webhook_replay": 5,
    "reclaim": 3,
    "reset": 2,
}
KINDS = tuple(WEIGHTS)
EVENTS = 40  # payments that webhooks tell of, again and again
PRICE = "price_storm"
AGAIN = (JobStatus.FAILED, JobStatus.CANCELLED)


def open_accounts(count: int) -> list[tuple[User, str]]:
    """Users, each with an API key."""
    users = [factories.user(credits=20, daily_limit=200) for _ in range(count)]
    CreditPack.objects.create(price_id=PRICE, name="Storm", credits=10, amount=1000, currency="usd")
    Customer.objects.bulk_create(Customer(account_id=user.pk, customer_id=f"cus_{user.pk}") for user in users)
    return [(user, factories.api_key(user)) for user in users]


def settle_in(application_name: str) -> None:
    """In a process that was just forked: connections of its own under this name, and fakes for models."""
    connections.settings["default"]["OPTIONS"] |= {"application_name": application_name}
    settings.ALLOWED_HOSTS = ["*"]
    current_app._after_fork()
    kombu.pools.reset()
    fakes.choose(pytest.MonkeyPatch())


def end_every_job() -> None:
    for pk in GenerationJob.objects.filter(status__in=ACTIVE).values_list("pk", flat=True):
        queue.cancel(job_id=pk, by="test", now=timezone.now())


def outcome_of(step: JobStep) -> work.Outcome:
    """As the fakes make it, but for the words: what sets type has threads, which a fork does not survive."""
    if step.kind != StepKind.STRATEGY:
        return fakes.outcome_of(step)
    brief = Brief.from_payload(step.job.payload)
    return work.Written(brief=brief, strategy=fakes.strategy_for(brief), repairs=[])


class Person:
    """One thread's: the owner in a tab, an operator, a worker, Stripe or beat, another one at each move."""

    def __init__(self, users: Sequence[tuple[User, str]], *, seat: int, seed: float, tally) -> None:
        self.users, self.seat, self.tally = users, seat, tally
        self.random, self.leader = random.Random(seed), os.getppid()

    def move_about(self) -> None:
        try:
            while not self.tally.is_over.value and os.getppid() == self.leader:
                self._move()
        finally:
            connection.close()

    def _move(self) -> None:
        (kind,) = self.random.choices(KINDS, list(WEIGHTS.values()))
        user, key = self.random.choice(self.users)
        move: Callable[[User, str], None] = getattr(self, kind)
        try:
            move(user, key)
        except PROPER:
            self._count("refused")
        except Exception:  # noqa: BLE001  whatever it is: the storm goes on, and is lost
            traceback.print_exc()
            self._count("unexpected")
        self._count(kind)

    def _count(self, kind: str) -> None:
        with COUNTING:
            self.tally.add(self.seat, kind)

    # --- the owner ---

    def submit(self, user: User, key: str, *, once: str | None = None) -> None:
        client = APIClient(raise_request_exception=False)
        headers = {"Authorization": f"Bearer {key}"} | ({"Idempotency-Key": once} if once else {})
        answer = client.post("/api/carousel/generate", factories.payload(imageCount=2), headers=headers)
        if answer.status_code not in PROPER_ANSWERS:
            raise AssertionError(answer.content)
        if answer.status_code != 200:
            self._count("refused")

    def submit_again(self, user: User, key: str) -> None:
        """With one of few keys: most are replays, and some wait for who is just using it."""
        self.submit(user, key, once=f"again {self.random.randrange(5)}")

    def cancel(self, user: User, _) -> None:
        if job := self._a_job(user, *JobStatus):
            queue.cancel(job_id=job.pk, by=f"user:{user.pk}", now=timezone.now())

    def requeue(self, user: User, _) -> None:
        if job := self._a_job(user, *AGAIN):
            queue.requeue(job_id=job.pk, by=f"user:{user.pk}", now=timezone.now())

    # --- workers ---

    def work(self, user: User, _) -> None:
        if job := self._a_job(user, JobStatus.QUEUED):
            pipeline.start(job_id=job.pk, now=timezone.now())
        step = JobStep.objects.filter(job__user=user, status=StepStatus.QUEUED, not_before=None).first()
        if claimed := step and pipeline.claim(step_id=step.pk):
            pipeline.record_done(step=claimed, outcome=outcome_of(claimed), now=timezone.now())

    def fail(self, user: User, _) -> None:
        job = self._a_job(user, *ACTIVE)
        if job is None:
            return
        failure = failures.of_provider(fakes.failure() if self.random.random() < 0.5 else fakes.refusal())
        with locked(job.pk) as mine:
            if mine.status in ACTIVE:
                endings.fail(job=mine, failure=failure, now=timezone.now())

    # --- operators, Stripe, beat ---

    def give_a_run(self, user: User, _) -> None:
        if job := self._a_job(user, *AGAIN):
            queue.requeue(job_id=job.pk, by="operator:boss", is_free=True, now=timezone.now())

    def adjust(self, user: User, _) -> None:
        credits = self.random.choice((-3, -1, 2, 5))
        self._book(ledger.adjust, user, credits, f"adjust:{self.random.getrandbits(64)}", note="storm")

    def purchase(self, user: User, _) -> None:
        self._book(ledger.purchase, user, 5, f"payment:{self.random.getrandbits(64)}")

    def webhook_replay(self, _, __) -> None:
        """One of few payments, told of again and again; perhaps after its refund."""
        number = self.random.randrange(EVENTS)
        customer = f"cus_{self.users[number % len(self.users)][0].pk}"
        self._hear(f"sale {number}", Sale(f"pi_{number}", customer, ((PRICE, 1),), 1000, "usd"))

    def reclaim(self, _, __) -> None:
        """Some of a payment's money goes back, more and more of it."""
        number, amount = self.random.randrange(EVENTS), self.random.choice((300, 600, 1000))
        event = f"refund {number} {amount}"
        self._hear(event, Reversal(f"ch_{number}", f"pi_{number}", amount, "usd"))

    def reset(self, _, __) -> None:
        terms.reset_days(now=timezone.now() + timedelta(days=self.random.choice((0, 1))))
        recovery.sweep(now=timezone.now())

    def _hear(self, event_id: str, fact: Sale | Reversal) -> None:
        """What a verified webhook leads to. The SDK's part, which asks Stripe, is over by then."""
        now = timezone.now()
        event = Event(event_id=event_id, kind="storm", happened_at=now, subject={})
        events._record(event, fact, now=now)

    def _book(self, verb: Callable, user: User, credits: int, reference: str, **details: str) -> None:
        verb(user=user, credits=credits, reference=reference, now=timezone.now(), actor="storm", **details)

    def _a_job(self, user: User, *statuses: JobStatus) -> GenerationJob | None:
        """One of the newest few, so that people meet."""
        newest = list(
            GenerationJob.objects.filter(user=user, status__in=statuses).order_by("-created_at")[:3]
        )
        return self.random.choice(newest) if newest else None


COUNTING = threading.Lock()
