"""The credits a plan gives each month: once for every account and period, whoever asks and how often.

A period begins on the day of the month on which the account came to a plan that gives credits (UTC), and
the entry names it: `month:2026-11-30:pro`. Within a period an account gets what the largest of its plans
gives, so a change of plan adds the difference and never a second grant. A plan that is paid for gives
nothing here: its payments do (`billing/payments`).
"""

import logging
import uuid
from calendar import monthrange
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import F, Q, QuerySet, Sum

from billing import ledger
from billing.models import Account, EntryKind, LedgerEntry, Plan

BATCH = 500  # accounts asked for at once; each is locked alone
LATE_MOST = timedelta(days=31)  # what a beat that was away makes up for

logger = logging.getLogger(__name__)


def give_due(*, now: datetime) -> int:
    """Give every account what its plan owes it by now; returns to how many. Repeated, it gives nothing."""
    return sum(_give_to(pk, now=now) for pk in _due(today=_day_of(now)))


def settle(*, account: Account, now: datetime) -> int:
    """Give the locked account what its plan owes it by now; returns the credits."""
    if not account.plan.monthly_grant or account.plan_paid_until is not None:
        return 0
    today, credits = _day_of(now), 0
    if account.next_grant_on is None:
        account.grants_since = account.next_grant_on = _running_period(account, today=today) or today
    while account.next_grant_on <= today:
        start, account.next_grant_on = account.next_grant_on, _period_after(account)
        if account.next_grant_on > today - LATE_MOST:
            credits += _give(account=account, start=start, now=now)
    account.save(update_fields=["grants_since", "next_grant_on"])
    return credits


def follow_plan(*, account: Account, now: datetime) -> int:
    """Of the locked account, just come to its plan: the running period goes on, filled up to the new plan.

    Without one, the first begins today. Returns the credits given.
    """
    if account.plan_paid_until is not None:
        return 0
    start = _running_period(account, today=_day_of(now))
    if start is None or not account.plan.monthly_grant:
        account.grants_since = account.next_grant_on = None
    elif account.next_grant_on is None:
        account.grants_since, account.next_grant_on = start, months_after(start, 1)
    account.save(update_fields=["grants_since", "next_grant_on"])
    if start is None:
        return settle(account=account, now=now)
    return _give(account=account, start=start, now=now)


def months_after(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day: 31 January is followed by 28 February."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def _day_of(now: datetime) -> date:
    return now.astimezone(UTC).date()


def _due(*, today: date) -> Iterator[uuid.UUID]:
    """Ids of accounts that look due, in keyset batches: nobody is locked by being looked for."""
    for plan in Plan.objects.filter(monthly_grant__gt=0).order_by("pk"):
        waiting = Q(next_grant_on=None) | Q(next_grant_on__lte=today)
        accounts = (
            Account.objects.filter(waiting, plan=plan, plan_paid_until=None)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        after = uuid.UUID(int=0)
        while batch := list(accounts.filter(pk__gt=after)[:BATCH]):
            yield from batch
            after = batch[-1]


def _give_to(pk: uuid.UUID, *, now: datetime) -> bool:
    try:
        with transaction.atomic():
            accounts = Account.objects.select_for_update(no_key=True, of=("self",))
            return bool(settle(account=accounts.select_related("plan", "user").get(pk=pk), now=now))
    except DatabaseError:
        # A row that was bent by hand must not keep everybody behind it waiting.
        logger.exception("account %s cannot be granted its month", pk)
        return False


def _months_given(account: Account) -> int:
    """Periods from `grants_since` to `next_grant_on`."""
    since, following = account.grants_since, account.next_grant_on
    return (following.year - since.year) * 12 + following.month - since.month


def _period_after(account: Account) -> date:
    return months_after(account.grants_since, _months_given(account) + 1)


def _running_period(account: Account, *, today: date) -> date | None:
    """The first day of the period of the last grant, while it runs.

    For an account that was on a plan without grants meanwhile the ledger remembers it.
    """
    if account.next_grant_on is not None and account.next_grant_on > today:
        return months_after(account.grants_since, _months_given(account) - 1)
    last = _monthly(account).order_by("-id").values_list("reference", flat=True).first()
    start = last and date.fromisoformat(last.split(":")[1])
    return start if start and months_after(start, 1) > today else None


def _give(*, account: Account, start: date, now: datetime) -> int:
    """What the plan gives for the period that begins on `start`, less what was given for it."""
    period = f"month:{start}:"
    reference = period + account.plan_id
    entries = _monthly(account).filter(reference__startswith=period)
    given = entries.aggregate(credits=Sum(F("credits") - F("debt")))["credits"] or 0
    credits = account.plan.monthly_grant - given
    if credits <= 0 or entries.filter(reference=reference).exists():
        return 0
    ledger.grant(user=account.user, credits=credits, reference=reference, now=now, actor=ledger.SYSTEM)
    return credits


def _monthly(account: Account) -> QuerySet[LedgerEntry]:
    return account.entries.filter(kind=EntryKind.GRANT, reference__startswith="month:")
