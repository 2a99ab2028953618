"""A user's own ledger, as they may see it: read, filtered, in words that are theirs. Nothing is written here.

An operator's reason and name are for colleagues; what an entry was for is said by its kind and reference.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from billing.models import Account, EntryKind, LedgerEntry
from rest.envelope import moment

CHUNK = 1000  # entries read at a time for a CSV
COLUMNS = (
    "id",
    "at",
    "kind",
    "description",
    "credits",
    "balanceBefore",
    "balanceAfter",
    "debt",
    "debtAfter",
    "reference",
    "jobId",
    "run",
)
DESCRIPTIONS = {
    EntryKind.SIGNUP: "Credits to start with",
    EntryKind.GRANT: "Credits given",
    EntryKind.CHARGE: "Generation",
    EntryKind.REFUND: "Generation paid back",
    EntryKind.ADJUST: "Correction by support",
    EntryKind.PURCHASE: "Purchase",
    EntryKind.RECLAIM: "Purchase taken back",
}


@dataclass(frozen=True)
class Selection:
    """Which entries are asked for; days are the account's own, the first and the last one included."""

    kind: str | None = None
    since: date | None = None
    until: date | None = None
    reference: str | None = None
    job_id: str | None = None


def select(*, account: Account, selection: Selection) -> QuerySet[LedgerEntry]:
    entries = account.entries.all()
    if selection.kind:
        entries = entries.filter(kind=selection.kind)
    if selection.since:
        entries = entries.filter(created_at__gte=_midnight(account, selection.since))
    if selection.until:
        entries = entries.filter(created_at__lt=_midnight(account, selection.until + timedelta(days=1)))
    if selection.reference:
        entries = entries.filter(reference=selection.reference)
    if selection.job_id:
        entries = entries.filter(reference__startswith=f"job:{selection.job_id}:")
    return entries


def describe(entry: LedgerEntry) -> dict[str, Any]:
    """The entry, named as the API and the CSV name it."""
    job_id, run = entry.job_run
    values = (
        entry.pk,
        moment(entry.created_at),
        entry.kind,
        _description(entry),
        entry.credits,
        entry.balance_after - entry.credits,
        entry.balance_after,
        entry.debt,
        entry.debt_after,
        entry.reference,
        job_id,
        run,
    )
    return dict(zip(COLUMNS, values, strict=True))


def summary(entries: Sequence[LedgerEntry]) -> dict[str, Any]:
    """Of entries that follow each other, newest first: the balance before and after, and what moved it."""
    moved = {"debits": 0, "reversals": 0, "others": 0}
    groups = {EntryKind.CHARGE: "debits", EntryKind.REFUND: "reversals"}
    for entry in entries:
        moved[groups.get(entry.kind, "others")] += entry.credits
    return {
        "openingBalance": entries[-1].balance_after - entries[-1].credits if entries else None,
        "closingBalance": entries[0].balance_after if entries else None,
        "totals": moved | {"net": sum(moved.values())},
    }


def table(entries: QuerySet[LedgerEntry]) -> Iterator[Sequence[Any]]:
    """The head and all entries, newest first, read in chunks while they are sent."""
    yield COLUMNS
    for entry in _in_chunks(entries.order_by("-pk")):
        yield tuple(describe(entry).values())


def _in_chunks(entries: QuerySet[LedgerEntry]) -> Iterator[LedgerEntry]:
    chunk = list(entries[:CHUNK])
    while chunk:
        yield from chunk
        chunk = list(entries.filter(pk__lt=chunk[-1].pk)[:CHUNK])


def _midnight(account: Account, day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(account.timezone)).astimezone(UTC)


def _description(entry: LedgerEntry) -> str:
    if entry.kind == EntryKind.GRANT and entry.reference.startswith("month:"):
        return f"Monthly credits of the plan {entry.reference.rpartition(':')[2]}"
    return DESCRIPTIONS[EntryKind(entry.kind)]
