"""What only jobs can say of the ledger: a run that gave something cost its charge, any other cost nothing.

Nothing is written here but the verdict. What holds for every entry, whatever it was for, is asked in
`billing/audit.py`.
"""

from datetime import datetime

from django.utils import timezone

from billing import audit, verdicts
from billing.models import LedgerAudit
from jobs import prices
from jobs.states import JobType

# A job that is gone with its carousel says no more how its runs ended.
RUNS = """
WITH charges AS MATERIALIZED (
    SELECT id, account_id, reference,
        reference ~ '^job:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}:[1-9][0-9]{0,8}$' AS names_a_run
    FROM billing_ledger
    WHERE kind = 'charge'
), runs AS MATERIALIZED (
    SELECT charges.id, charges.account_id, charges.reference, refund.id IS NOT NULL AS is_paid_back,
        CASE WHEN names_a_run THEN split_part(charges.reference, ':', 2)::uuid END AS job_id,
        CASE WHEN names_a_run THEN split_part(charges.reference, ':', 3)::int END AS run
    FROM charges
    LEFT JOIN billing_ledger AS refund ON refund.kind = 'refund'
        AND refund.account_id = charges.account_id AND refund.reference = charges.reference
), judged AS (
    SELECT runs.id, account_id, reference, CASE
        WHEN job_id IS NULL THEN 'names no run of a job'
        WHEN user_id <> account_id THEN concat('is for a job of account ', user_id)
        WHEN runs.run > job.run THEN concat('is for a job that is at run ', job.run)
        WHEN runs.run < job.run AND NOT is_paid_back THEN 'is for a run that gave nothing, and not paid back'
        WHEN runs.run < job.run THEN NULL
        WHEN status IN ('failed', 'cancelled') AND NOT is_paid_back
            THEN concat('is for a run that is ', status, ', and not paid back')
        WHEN status NOT IN ('failed', 'cancelled') AND is_paid_back
            THEN concat('is for a run that is ', status, ', and paid back')
        END AS fault
    FROM runs
    LEFT JOIN generation_jobs AS job ON job.id = job_id
)
SELECT concat('entry ', id, ' of account ', account_id, ' (', reference, '): ', fault)
FROM judged
WHERE fault IS NOT NULL
ORDER BY id
"""

# An operator's run may be free, and a row that was inserted past the API has no such event.
ASKED_FOR = """
WITH asked AS MATERIALIZED (
    SELECT event.id, event.run, job_id, user_id,
        'job:' || job_id::text || ':' || event.run::text AS reference
    FROM job_events AS event
    JOIN generation_jobs AS job ON job.id = job_id AND event.by = 'user:' || user_id::text
    WHERE step_kind IS NULL AND to_status = 'queued' AND job_type = ANY(%s)
)
SELECT concat('run ', run, ' of job ', job_id, ': asked for by its owner, not charged')
FROM asked
LEFT JOIN billing_ledger AS charge ON kind = 'charge'
    AND account_id = user_id AND charge.reference = asked.reference
WHERE charge.id IS NULL
ORDER BY asked.id
"""

COUNTS = """
SELECT concat((SELECT COUNT(*) FROM billing_accounts), ' accounts, ',
    (SELECT COUNT(*) FROM billing_ledger), ' entries, ',
    (SELECT COUNT(*) FROM generation_jobs), ' jobs')
"""


def prove(*, now: datetime) -> tuple[LedgerAudit, list[str]]:
    """The whole audit, of one moment, and its verdict on record; with a line for each row that is off."""
    with audit.snapshot():
        found, proven = faults(), counts()
    verdict = verdicts.record(faults=found, counts=proven, began_at=now, ended_at=timezone.now())
    return verdict, found


def faults() -> list[str]:
    """One line for each row that is off, the ledger's own first; none when all is well."""
    priced = [kind for kind in JobType if kind not in prices.FREE]
    return [*audit.faults(), *audit.select_lines(RUNS), *audit.select_lines(ASKED_FOR, [priced])]


def counts() -> str:
    """What there was to be proven, in words."""
    (line,) = audit.select_lines(COUNTS)
    return line
