"""On which terms an account spends: its plan, daily limit, time zone, and what it has used of the day.

Writes every column of Account but its credits and debt, which are the ledger's, and its grants' dates
(`billing/grants.py`). A plan brings its daily limit along; an operator may then set another for one account.
"""

import logging
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction

from accounts.models import User
from billing import grants, ledger, zones
from billing.models import Account, Plan

SETTLED_FOR = timedelta(days=30)  # a change of time zone holds for this long
BATCH = 500  # accounts reset in one statement: locked for milliseconds

logger = logging.getLogger(__name__)


class PlanNotFound(Exception):
    """No plan of this name."""


class UnknownTimezone(Exception):
    """PostgreSQL or this process knows no such zone."""


class TimezoneChangedLately(Exception):
    """The zone was changed within SETTLED_FOR."""

    def __init__(self, *, changeable_at: datetime, now: datetime) -> None:
        super().__init__(f"changeable again at {changeable_at}")
        self.changeable_at = changeable_at
        self.retry_after = int((changeable_at - now).total_seconds()) + 1  # seconds


@transaction.atomic
def set_plan(*, user: User, plan: str, now: datetime, paid_until: datetime | None = None) -> Account:
    """Put the account on the plan of this name: its daily limit, its credits of the running month.

    With `paid_until` the plan is paid for, and its payments bring the credits. Repeated, nothing changes; a
    limit of the account's own, set since, stays.
    """
    account = _lock(user=user, now=now)
    if (account.plan_id, account.plan_paid_until) == (plan, paid_until):
        return account
    grants.settle(account=account, now=now)
    if account.plan_id != plan:
        account.plan = _plan(plan)
        account.daily_limit = account.plan.daily_limit
    account.plan_paid_until = paid_until
    if paid_until is not None:
        account.grants_since = account.next_grant_on = None
    account.save(update_fields=["plan", "daily_limit", "plan_paid_until", "grants_since", "next_grant_on"])
    grants.follow_plan(account=account, now=now)
    return account


@transaction.atomic
def set_daily_limit(*, user: User, daily_limit: int | None, now: datetime) -> None:
    account = _lock(user=user, now=now)
    account.daily_limit = daily_limit
    account.save(update_fields=["daily_limit"])


@transaction.atomic
def set_timezone(*, user: User, timezone: str, now: datetime) -> Account:
    """Let the account's days begin at this zone's midnight. Its present zone again changes nothing.

    What is used of the day stays used: a day that has not begun yet in the new zone goes on counting.
    """
    if timezone not in zones.known():
        raise UnknownTimezone(timezone)
    account = _lock(user=user, now=now)
    if account.timezone == timezone:
        return account
    changeable_at = timezone_changeable_at(account)
    if changeable_at is not None and changeable_at > now:
        raise TimezoneChangedLately(changeable_at=changeable_at, now=now)
    account.timezone, account.timezone_changed_at = timezone, now
    account.save(update_fields=["timezone", "timezone_changed_at"])
    return account


def timezone_changeable_at(account: Account) -> datetime | None:
    """None for an account that never changed it: it may at any time."""
    return account.timezone_changed_at and account.timezone_changed_at + SETTLED_FOR


def follow_daily_limit(*, plan: Plan, before: int | None) -> int:
    """Give the plan's daily limit to its accounts that had the one of before; returns to how many.

    Few at once, so that nobody waits for long. An account that was set another one keeps it.
    """
    behind = Account.objects.filter(plan=plan, daily_limit=before).order_by("pk")
    touched, after = 0, uuid.UUID(int=0)
    while True:
        with transaction.atomic():
            locked = behind.filter(pk__gt=after).select_for_update(no_key=True)
            batch = list(locked.values_list("pk", flat=True)[:BATCH])
            touched += Account.objects.filter(pk__in=batch).update(daily_limit=plan.daily_limit)
        if not batch:
            return touched
        after = batch[-1]


def reset_days(*, now: datetime) -> int:
    """Zero the counters of days that have passed; returns how many. Idempotent, and nobody waits for it.

    A stale counter reads as zero anyway: so only rows with something to reset are touched, few at once, and
    those that are locked are left to who holds them, or to the next hour.
    """
    return sum(_reset_zone(zone, now=now) for zone in _zones_in_use())


def _zones_in_use() -> Iterator[str]:
    """Each zone in which somebody has used something, by the index one after the other."""
    used = Account.objects.filter(daily_used__gt=0).order_by("timezone").values_list("timezone", flat=True)
    zone = ""
    while zone := used.filter(timezone__gt=zone).first():
        if zone in zones.known():
            yield zone
        else:
            logger.error("accounts live in an unknown time zone: %s", zone)


def _reset_zone(zone: str, *, now: datetime) -> int:
    today = now.astimezone(ZoneInfo(zone)).date()
    stale = Account.objects.filter(timezone=zone, daily_used__gt=0, last_reset_date__lt=today).order_by("pk")
    touched, after = 0, uuid.UUID(int=0)
    while True:
        with transaction.atomic():
            free = stale.filter(pk__gt=after).select_for_update(no_key=True, skip_locked=True)
            batch = list(free.values_list("pk", flat=True)[:BATCH])
            touched += Account.objects.filter(pk__in=batch).update(daily_used=0, last_reset_date=today)
        if not batch:
            return touched
        after = batch[-1]


def _lock(*, user: User, now: datetime) -> Account:
    ledger.open_account(user=user, now=now)
    locked = Account.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("plan", "user").get(pk=user.pk)


def _plan(name: str) -> Plan:
    try:
        return Plan.objects.get(pk=name)
    except Plan.DoesNotExist:
        raise PlanNotFound(name) from None
