"""On which terms an account spends: its plan, daily limit, and what it has used of the day.

The other writer of Account, for every column but its credits and debt, which are the ledger's. A plan
brings its daily limit along; an operator may then set another for one account.
"""

from datetime import datetime

from django.db import transaction

from accounts.models import User
from billing import ledger, limits
from billing.models import Account, Plan


class PlanNotFound(Exception):
    """No plan of this name."""


@transaction.atomic
def set_plan(*, user: User, plan: str, now: datetime) -> Account:
    """Put the account on the plan of this name, with the plan's daily limit. Repeated, nothing changes."""
    account = _lock(user=user, now=now)
    if account.plan_id != plan:
        account.plan = _plan(plan)
        account.daily_limit = account.plan.daily_limit
        account.save(update_fields=["plan", "daily_limit"])
    return account


@transaction.atomic
def set_daily_limit(*, user: User, daily_limit: int | None, now: datetime) -> None:
    account = _lock(user=user, now=now)
    account.daily_limit = daily_limit
    account.save(update_fields=["daily_limit"])


def reset_days(*, now: datetime) -> int:
    """Zero the counters of days that have passed; returns how many. Idempotent, and nobody waits for it.

    Only rows with something to reset are touched: a stale counter reads as zero anyway.
    """
    touched = 0
    for zone in Account.objects.values_list("timezone", flat=True).distinct():
        today = limits.today_of(account=Account(timezone=zone), now=now)
        touched += Account.objects.filter(timezone=zone, last_reset_date__lt=today, daily_used__gt=0).update(
            daily_used=0, last_reset_date=today
        )
    return touched


def _lock(*, user: User, now: datetime) -> Account:
    ledger.open_account(user=user, now=now)
    return Account.objects.select_for_update(no_key=True).get(pk=user.pk)


def _plan(name: str) -> Plan:
    try:
        return Plan.objects.get(pk=name)
    except Plan.DoesNotExist:
        raise PlanNotFound(name) from None
