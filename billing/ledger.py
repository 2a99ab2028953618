"""Credits move here and nowhere else: the only writer of balances and LedgerEntry.

Every verb is one transaction: lock the account, decide, write the balance and its entry together.
The account is the last lock anyone takes (`docs/pipeline.md`): what callers lock, they lock first.
A reference is used once per kind: that is what makes every verb safe to repeat.
Whatever comes in pays an open debt first, and only `reclaim` makes one (docs/adr/0013).
"""

from collections.abc import Callable
from contextlib import nullcontext
from datetime import date, datetime
from functools import wraps
from typing import Any, TypeVar

from django.db import connection, transaction

from accounts.models import User
from billing import limits
from billing.models import SIGNUP_CREDITS, Account, EntryKind, Plan
from billing.plans import FREE

SYSTEM = "system"
Verb = TypeVar("Verb", bound=Callable)

# Plain SQL, because every submit and every ending comes by here (docs/adr/0012).
COLUMNS = [field.attname for field in Account._meta.concrete_fields]
LOCK = f"""
SELECT {", ".join(field.column for field in Account._meta.concrete_fields)}
FROM billing_accounts WHERE user_id = %s FOR NO KEY UPDATE
"""
POST = """
WITH moved AS (
    UPDATE billing_accounts SET credits = %(balance)s, debt = %(debt)s, daily_used = %(used)s,
        last_reset_date = %(day)s
    WHERE user_id = %(user)s
)
INSERT INTO billing_ledger
    (account_id, kind, credits, balance_after, debt, debt_after, reference, usage_date, actor, note)
VALUES (%(user)s, %(kind)s, %(credits)s, %(balance)s, %(owed)s, %(debt)s, %(reference)s, %(usage_date)s,
    %(actor)s, %(note)s)
"""


class InsufficientCredits(Exception):
    def __init__(self, *, needed: int, available: int) -> None:
        super().__init__(f"{needed} credits needed, {available} available")
        self.needed, self.available = needed, available


class DailyLimitReached(Exception):
    def __init__(self, *, limit: int, resets_at: datetime, now: datetime) -> None:
        super().__init__(f"{limit} a day")
        self.limit, self.resets_at = limit, resets_at
        self.retry_after = max(1, int((resets_at - now).total_seconds()) + 1)  # seconds


def open_account(*, user: User, now: datetime) -> Account:
    """The user's account, made on first sight with its signup credits; not locked."""
    found = Account.objects.select_related("plan", "user").filter(pk=user.pk).first()
    return found or _open(user=user, now=now)


def in_one_transaction(verb: Verb) -> Verb:
    """The caller's, when there is one: a verb decides before it writes, so it needs no savepoint."""

    @wraps(verb)
    def joined(**details: Any) -> Any:
        with nullcontext() if connection.in_atomic_block else transaction.atomic():
            return verb(**details)

    return joined


@in_one_transaction
def charge(*, user: User, credits: int, reference: str, now: datetime, counts_for_day: bool) -> Account:
    """Take `credits` and, for work that counts, one of the day's uses.

    A price of 0 writes no entry, and uses no day: a use without an entry could not be proved.
    """
    account = _lock(user=user) or _open(user=user, now=now)
    if account.credits < credits:
        raise InsufficientCredits(needed=credits, available=account.credits)
    if credits:
        usage_date = _use_day(account=account, now=now) if counts_for_day else None
        _post(
            account=account,
            kind=EntryKind.CHARGE,
            amount=-credits,
            reference=reference,
            actor=SYSTEM,
            usage_date=usage_date,
        )
    return account


@in_one_transaction
def refund(*, user: User, reference: str, gives_day_back: bool, actor: str = SYSTEM, note: str = "") -> int:
    """Pay back what the charge of this reference took, once. Returns the credits paid back.

    No charge (an operator's free run) gives nothing back: today's price is never looked at.
    """
    account = _lock(user=user)
    if account is None:
        return 0
    charged = account.entries.filter(kind=EntryKind.CHARGE, reference=reference).first()
    if charged is None or account.entries.filter(kind=EntryKind.REFUND, reference=reference).exists():
        return 0
    if gives_day_back:
        _give_day_back(account=account, usage_date=charged.usage_date)
    _post(
        account=account,
        kind=EntryKind.REFUND,
        amount=-charged.credits,
        reference=reference,
        actor=actor,
        note=note,
    )
    return -charged.credits


@transaction.atomic
def grant(*, user: User, credits: int, reference: str, now: datetime, actor: str, note: str = "") -> Account:
    """Give credits, once per reference."""
    return _move_once(
        EntryKind.GRANT, user=user, amount=credits, reference=reference, now=now, actor=actor, note=note
    )


@transaction.atomic
def purchase(
    *, user: User, credits: int, reference: str, now: datetime, actor: str, note: str = ""
) -> Account:
    """Credits bought with money, once per reference."""
    return _move_once(
        EntryKind.PURCHASE, user=user, amount=credits, reference=reference, now=now, actor=actor, note=note
    )


@transaction.atomic
def reclaim(
    *, user: User, credits: int, reference: str, now: datetime, actor: str, note: str = ""
) -> Account:
    """Take back credits whose money went back, once per reference: what is there, and the rest is owed."""
    return _move_once(
        EntryKind.RECLAIM, user=user, amount=-credits, reference=reference, now=now, actor=actor, note=note
    )


@transaction.atomic
def adjust(*, user: User, credits: int, reference: str, now: datetime, actor: str, note: str) -> Account:
    """Support staff's correction; upwards it forgives a debt first.

    A form drawn once has one reference: a double click is one entry.
    """
    return _move_once(
        EntryKind.ADJUST, user=user, amount=credits, reference=reference, now=now, actor=actor, note=note
    )


def _lock(*, user: User) -> Account | None:
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [user.pk])
        row = cursor.fetchone()
    return Account.from_db(connection.alias, COLUMNS, row) if row else None


@transaction.atomic
def _open(*, user: User, now: datetime) -> Account:
    """Make the account, with its signup credits, and lock it."""
    # Two first requests at once: the unique key lets one insert, the other reads what it wrote.
    free = Plan.objects.get(pk=FREE)
    account = Account(user=user, plan=free, daily_limit=free.daily_limit, last_reset_date=now.date())
    Account.objects.bulk_create([account], ignore_conflicts=True)
    account = _lock(user=user)
    if not account.entries.filter(kind=EntryKind.SIGNUP).exists():
        _post(account=account, kind=EntryKind.SIGNUP, amount=SIGNUP_CREDITS, reference="signup", actor=SYSTEM)
    return account


def _use_day(*, account: Account, now: datetime) -> date:
    """Count one use on the account's own day and return that day; nothing is saved yet."""
    today = limits.today_of(account=account, now=now)
    if limits.remaining_on(account=account, today=today) == 0:
        resets_at = limits.resets_at(account=account, now=now)
        raise DailyLimitReached(limit=account.daily_limit, resets_at=resets_at, now=now)
    account.daily_used = limits.used_on(account=account, today=today) + 1
    account.last_reset_date = max(account.last_reset_date, today)
    return account.last_reset_date


def _give_day_back(*, account: Account, usage_date: date | None) -> None:
    if usage_date is None or usage_date != account.last_reset_date or account.daily_used == 0:
        return
    account.daily_used -= 1


def _move_once(kind: EntryKind, *, user, amount, reference, now, actor, note) -> Account:
    account = _lock(user=user) or _open(user=user, now=now)
    if account.entries.filter(kind=kind, reference=reference).exists():
        return account
    if kind != EntryKind.RECLAIM and amount < 0 and account.credits + amount < 0:
        raise InsufficientCredits(needed=-amount, available=account.credits)
    _post(account=account, kind=kind, amount=amount, reference=reference, actor=actor, note=note)
    return account


def _post(
    *,
    account: Account,
    kind: EntryKind,
    amount: int,
    reference: str,
    actor: str,
    note: str = "",
    usage_date: date | None = None,
) -> None:
    """Move balance and debt, save the account and write the entry; its row is locked by the caller."""
    held, owed = account.credits, account.debt
    net = held - owed + amount  # one of the two is always 0
    account.credits, account.debt = max(net, 0), max(-net, 0)
    values = {
        "user": account.pk,
        "balance": account.credits,
        "debt": account.debt,
        "used": account.daily_used,
        "day": account.last_reset_date,
        "kind": kind.value,
        "credits": account.credits - held,
        "owed": account.debt - owed,
        "reference": reference,
        "usage_date": usage_date,
        "actor": actor,
        "note": note,
    }
    with connection.cursor() as cursor:
        cursor.execute(POST, values)
