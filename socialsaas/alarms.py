"""System checks that ask rows, for `manage.py check --database default`: read once the models are there.

Warnings, not errors: an error would keep `migrate`, which asks them too, from bringing the remedy.
"""

from collections.abc import Sequence

from django.core.checks import Tags, Warning, register
from django.db import connection
from django.utils import timezone

from billing import verdicts
from billing.models import LedgerAudit

HINT = "manage.py audit_ledger says it anew, and names every row that is off (docs/plans.md)."


@register(Tags.database)
def ledger_audit(app_configs, databases: Sequence[str] | None = None, **kwargs) -> list[Warning]:
    if not databases or LedgerAudit._meta.db_table not in connection.introspection.table_names():
        return []
    try:
        verdicts.check(now=timezone.now())
    except verdicts.LedgerNotRight as fault:
        return [Warning(f"The ledger is not right: {fault}.", hint=HINT, id="socialsaas.W004")]
    except verdicts.AuditMissing as missing:
        return [Warning(f"The ledger is {missing}.", hint=HINT, id="socialsaas.W005")]
    return []
