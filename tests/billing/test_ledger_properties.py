"""Any order of the ledger's verbs, against a model in plain Python: balance, debt and the day's uses."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from billing import audit, ledger, terms
from billing.models import Account, LedgerEntry
from tests import factories

DAILY_LIMIT = 3
VERBS = [ledger.grant, ledger.purchase, ledger.reclaim, ledger.adjust]
ZONES = ["Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"]  # the first two are 25 hours apart
amounts = st.integers(1, 40)
# Few references: most are met again, by the same verb and by others.
references = st.integers(1, 4).map("reference {}".format)


class Ledger(RuleBasedStateMachine):
    """`net` is what is held less what is owed; `charges` and `done` remember what may happen once."""

    charged = Bundle("charged")

    def __init__(self) -> None:
        super().__init__()
        self.before = transaction.savepoint()  # an example leaves nothing for the next one
        self.user = factories.user(daily_limit=DAILY_LIMIT)
        Account.objects.filter(pk=self.user.pk).update(last_reset_date=factories.NOON.date())
        self.now = factories.NOON
        self.zone = ZoneInfo("UTC")
        self.net, self.used, self.day = 10, 0, self.now.date()
        self.charges: dict[str, tuple[int, Any]] = {}  # reference: (credits, day it counted on)
        self.done: dict[tuple[str, str], int] = {("signup", "signup"): 10}

    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def held(self) -> int:
        return max(self.net, 0)

    def moved(self, kind: str, reference: str, amount: int) -> None:
        assert (kind, reference) not in self.done
        self.net += amount
        self.done[kind, reference] = amount

    @rule(target=charged, credits=st.integers(0, 3), counts=st.sampled_from([True, True, False]))
    def charge(self, credits, counts):
        reference = f"job:{len(self.charges) + 1}:1"
        used_today = self.used if self.day >= self.today() else 0
        try:
            ledger.charge(
                user=self.user, credits=credits, reference=reference, now=self.now, counts_for_day=counts
            )
        except ledger.InsufficientCredits:
            assert credits > self.held()
            return multiple()
        except ledger.DailyLimitReached:
            assert counts
            assert used_today == DAILY_LIMIT
            return multiple()
        assert credits <= self.held()
        if counts and credits:
            assert used_today < DAILY_LIMIT
            self.used, self.day = used_today + 1, max(self.day, self.today())
        self.charges[reference] = (credits, self.day if counts else None)
        if credits:
            self.moved("charge", reference, -credits)
        return reference

    @rule(reference=charged, gives_day_back=st.booleans())
    def refund(self, reference, gives_day_back):
        credits, day = self.charges[reference]

        paid_back = ledger.refund(user=self.user, reference=reference, gives_day_back=gives_day_back)

        if not credits or ("refund", reference) in self.done:
            assert paid_back == 0
            return
        assert paid_back == credits
        self.moved("refund", reference, credits)
        if gives_day_back and day == self.day and self.used:
            self.used -= 1

    @rule(verb=st.sampled_from(VERBS), reference=references, credits=amounts, sign=st.sampled_from([1, -1]))
    def move(self, verb, reference, credits, sign):
        kind = verb.__name__
        credits *= sign if kind == "adjust" else 1
        amount = -credits if kind == "reclaim" else credits
        is_new = (kind, reference) not in self.done
        is_refused = is_new and kind == "adjust" and credits < 0 and self.held() + credits < 0
        try:
            verb(user=self.user, credits=credits, reference=reference, now=self.now, actor="test", note="")
        except ledger.InsufficientCredits:
            assert is_refused
            return
        assert not is_refused
        if is_new:
            self.moved(kind, reference, amount)

    @rule(hours=st.sampled_from([1, 24]))
    def time_passes(self, hours):
        self.now += timedelta(hours=hours)

    @rule(reference=charged)
    def a_charge_is_paid_back_a_day_later(self, reference):
        """When the day has other uses already, which a late refund must leave alone."""
        self.now += timedelta(days=1)
        self.charge(credits=1, counts=True)
        self.refund(reference=reference, gives_day_back=True)

    @rule(zone=st.sampled_from(ZONES))
    def user_moves(self, zone):
        Account.objects.filter(pk=self.user.pk).update(timezone=zone)
        self.zone = ZoneInfo(zone)

    @rule()
    def days_are_reset(self):
        terms.reset_days(now=self.now)
        if self.day < self.today() and self.used:
            self.used, self.day = 0, self.today()

    @invariant()
    def account_is_what_the_model_says(self):
        account = Account.objects.get(pk=self.user.pk)
        assert (account.credits, account.debt) == (self.held(), max(-self.net, 0))
        assert (account.daily_used, account.last_reset_date) == (self.used, self.day)

    def teardown(self):
        entries = LedgerEntry.objects.filter(account=self.user.pk)
        assert {(entry.kind, entry.reference): entry.amount for entry in entries} == self.done
        assert audit.faults() == []
        transaction.savepoint_rollback(self.before)


@pytest.mark.django_db
def test_any_order_of_verbs_leaves_what_the_model_says():
    run_state_machine_as_test(
        Ledger,
        settings=settings(
            max_examples=80,
            stateful_step_count=40,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
