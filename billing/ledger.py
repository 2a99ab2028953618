"""Credits move here and nowhere else: the only writer of balances and LedgerEntry.

Every verb is one transaction: lock the account, decide, write the balance and its entry together.
The account is the last lock anyone takes (`docs/pipeline.md`), so callers lock theirs first.
A reference is used once per kind: that is what makes every verb safe to repeat.
"""

from datetime import date, datetime

from django.db import transaction

from accounts.models import User
from billing import limits
from billing.models import SIGNUP_CREDITS, Account, EntryKind, LedgerEntry

SYSTEM = "system"
MOVED = ["credits", "daily_used", "last_reset_date"]  # what a verb may change, in one UPDATE


class InsufficientCredits(Exception):
    def __init__(self, *, needed: int, available: int) -> None:
        super().__init__(f"{needed} credits needed, {available} available")
        self.needed, self.available = needed, available


class DailyLimitReached(Exception):
    def __init__(self, *, limit: int, resets_at: datetime, now: datetime) -> None:
        super().__init__(f"{limit} a day")
        self.limit, self.resets_at = limit, resets_at
        self.retry_after = max(1, int((resets_at - now).total_seconds()) + 1)  # seconds


@transaction.atomic
def open_account(*, user: User, now: datetime) -> Account:
    """The user's account, made on first sight with its signup credits; not locked."""
    return Account.objects.filter(pk=user.pk).first() or _open(user=user, now=now)


@transaction.atomic
def charge(*, user: User, credits: int, reference: str, now: datetime, counts_for_day: bool) -> Account:
    """Take `credits` and, for work that counts, one of the day's uses. A price of 0 writes no entry."""
    account = _lock(user=user) or _open(user=user, now=now)
    if account.credits < credits:
        raise InsufficientCredits(needed=credits, available=account.credits)
    usage_date = _use_day(account=account, now=now) if counts_for_day else None
    if credits:
        _post(
            account=account,
            kind=EntryKind.CHARGE,
            credits=-credits,
            reference=reference,
            actor=SYSTEM,
            usage_date=usage_date,
        )
    elif counts_for_day:
        account.save(update_fields=MOVED)
    return account


@transaction.atomic
def refund(*, user: User, reference: str, gives_day_back: bool, actor: str = SYSTEM, note: str = "") -> int:
    """Pay back what the charge of this reference took, once. Returns the credits given back.

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
        credits=-charged.credits,
        reference=reference,
        actor=actor,
        note=note,
    )
    return -charged.credits


@transaction.atomic
def grant(*, user: User, credits: int, reference: str, now: datetime, actor: str, note: str = "") -> Account:
    """Give credits, once per reference."""
    return _add_once(
        EntryKind.GRANT, user=user, credits=credits, reference=reference, now=now, actor=actor, note=note
    )


@transaction.atomic
def adjust(*, user: User, credits: int, reference: str, now: datetime, actor: str, note: str) -> Account:
    """Support staff's correction. A form drawn once has one reference: a double click is one entry."""
    return _add_once(
        EntryKind.ADJUST, user=user, credits=credits, reference=reference, now=now, actor=actor, note=note
    )


def _lock(*, user: User) -> Account | None:
    return Account.objects.select_for_update(no_key=True).filter(pk=user.pk).first()


def _open(*, user: User, now: datetime) -> Account:
    """Make the account, with its signup credits, and lock it."""
    # Two first requests at once: the unique key lets one insert, the other reads what it wrote.
    day = now.date()
    Account.objects.bulk_create([Account(user=user, credits=0, last_reset_date=day)], ignore_conflicts=True)
    account = _lock(user=user)
    if not account.entries.filter(kind=EntryKind.SIGNUP).exists():
        _post(
            account=account, kind=EntryKind.SIGNUP, credits=SIGNUP_CREDITS, reference="signup", actor=SYSTEM
        )
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


def _add_once(kind: EntryKind, *, user, credits, reference, now, actor, note) -> Account:
    account = _lock(user=user) or _open(user=user, now=now)
    if account.entries.filter(kind=kind, reference=reference).exists():
        return account
    if account.credits + credits < 0:
        raise InsufficientCredits(needed=-credits, available=account.credits)
    _post(account=account, kind=kind, credits=credits, reference=reference, actor=actor, note=note)
    return account


def _post(
    *,
    account: Account,
    kind: EntryKind,
    credits: int,
    reference: str,
    actor: str,
    note: str = "",
    usage_date: date | None = None,
) -> None:
    """Move the balance, save the account and write the entry; its row is locked by the caller."""
    account.credits += credits
    account.save(update_fields=MOVED)
    LedgerEntry.objects.create(
        account=account,
        kind=kind,
        credits=credits,
        balance_after=account.credits,
        reference=reference,
        usage_date=usage_date,
        actor=actor,
        note=note,
    )
