"""What the audits of the ledger found, one row each: the only writer of LedgerAudit.

How it is proven stands in `billing/audit.py` and `jobs/audit.py`; who is alarmed, in `socialsaas/`.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from billing.models import LedgerAudit, LedgerEntry

LINES_KEPT = 100  # a broken rule may name every account there is
PATIENCE = timedelta(days=2)  # the audit is nightly; one night may be missed


class LedgerNotRight(Exception):
    """The last audit found rows that are off."""


class AuditMissing(Exception):
    """There is something to prove, and it was not proven for PATIENCE."""


def record(*, faults: Sequence[str], counts: str, began_at: datetime, ended_at: datetime) -> LedgerAudit:
    return LedgerAudit.objects.create(
        at=began_at,
        seconds=(ended_at - began_at).total_seconds(),
        faults=len(faults),
        lines=list(faults[:LINES_KEPT]),
        counts=counts,
    )


def check(*, now: datetime) -> LedgerAudit | None:
    """The last audit, which was right and not long ago; None where there is nothing to prove yet.

    Raises LedgerNotRight or AuditMissing, in an operator's words.
    """
    last = LedgerAudit.objects.order_by("-pk").first()
    if last is not None and last.faults:
        raise LedgerNotRight(f"{last.faults} faults at {last.at:%Y-%m-%d %H:%M}, the first: {last.lines[0]}")
    since = last.at if last else _first_entry_at()
    if since is not None and since < now - PATIENCE:
        raise AuditMissing(f"not audited since {since:%Y-%m-%d %H:%M}")
    return last


def _first_entry_at() -> datetime | None:
    return LedgerEntry.objects.order_by("pk").values_list("created_at", flat=True).first()
