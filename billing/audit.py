"""The proof that no credit was lost and none was made up: one query per rule, for the rows that break it.

Nothing is written here, and nothing known of jobs: a reference is a text. What a run should have
cost is asked in `jobs/audit.py`. In SQL, and not by the code that moves the credits: it may be wrong.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import connection, transaction

from billing.payments import audit as sales

BALANCES = """
SELECT concat('account ', user_id, ': holds ', credits, ' credits, its entries add up to ',
    COALESCE(total, 0))
FROM billing_accounts
LEFT JOIN (SELECT account_id, SUM(credits) AS total FROM billing_ledger GROUP BY account_id) AS entries
    ON account_id = user_id
WHERE credits <> COALESCE(total, 0)
ORDER BY user_id
"""

# One wrong row would make every later one wrong too: named is the row with which a wrong stretch begins,
# which fits neither the sum up to it nor the row before it.
RUNNING_BALANCES = """
SELECT concat('entry ', id, ' of account ', account_id, ': says a balance of ', balance_after,
    ' where its entries add up to ', total)
FROM (
    SELECT id, account_id, credits, balance_after, SUM(credits) OVER account AS total,
        LAG(balance_after, 1, 0) OVER account AS balance_before
    FROM billing_ledger
    WINDOW account AS (PARTITION BY account_id ORDER BY id)
) AS entries
WHERE balance_after <> total AND balance_after <> balance_before + credits
ORDER BY id
"""

# What came in may have gone to the balance, to a debt, or to both: an entry's amount is one less the other.
DIRECTIONS = """
SELECT concat('entry ', id, ' of account ', account_id, ': is a ', kind, ' of ', credits - debt)
FROM billing_ledger
WHERE kind <> 'adjust' AND (kind IN ('charge', 'reclaim')) <> (credits - debt < 0)
ORDER BY id
"""

REFUNDS = """
SELECT concat('entry ', refund.id, ' of account ', refund.account_id, ': pays back ',
    refund.credits - refund.debt, ' for ', refund.reference, ', which had charged ',
    CASE WHEN charge.id < refund.id THEN -charge.credits ELSE 0 END)
FROM billing_ledger AS refund
LEFT JOIN billing_ledger AS charge ON charge.kind = 'charge'
    AND charge.account_id = refund.account_id AND charge.reference = refund.reference
WHERE refund.kind = 'refund'
    AND (charge.id IS NULL OR charge.id > refund.id OR charge.credits + refund.credits - refund.debt <> 0)
ORDER BY refund.id
"""

# Not every refund gives the day's use back, but nothing else does.
DAYS = """
SELECT concat('account ', user_id, ': has used ', daily_used, ' of ', last_reset_date, ', on which ',
    COUNT(charge.id), ' charges counted and ', COUNT(refund.id), ' of them were paid back')
FROM billing_accounts
LEFT JOIN billing_ledger AS charge ON charge.kind = 'charge'
    AND charge.account_id = user_id AND charge.usage_date = last_reset_date
LEFT JOIN billing_ledger AS refund ON refund.kind = 'refund'
    AND refund.account_id = user_id AND refund.reference = charge.reference
GROUP BY user_id
HAVING daily_used NOT BETWEEN COUNT(charge.id) - COUNT(refund.id) AND COUNT(charge.id)
ORDER BY user_id
"""

DAYS_TO_COME = """
SELECT concat('entry ', id, ' of account ', account_id, ': counts on ', usage_date,
    ', but the account''s last day is ', last_reset_date)
FROM billing_ledger
JOIN billing_accounts ON user_id = account_id
WHERE usage_date > last_reset_date
ORDER BY id
"""

DEBTS = """
SELECT concat('account ', user_id, ': owes ', debt, ' credits, its entries add up to ', COALESCE(total, 0))
FROM billing_accounts
LEFT JOIN (SELECT account_id, SUM(debt) AS total FROM billing_ledger GROUP BY account_id) AS entries
    ON account_id = user_id
WHERE debt <> COALESCE(total, 0)
ORDER BY user_id
"""

RUNNING_DEBTS = """
SELECT concat('entry ', id, ' of account ', account_id, ': says a debt of ', debt_after,
    ' where its entries add up to ', total)
FROM (
    SELECT id, account_id, debt, debt_after, SUM(debt) OVER account AS total,
        LAG(debt_after, 1, 0) OVER account AS debt_before
    FROM billing_ledger
    WINDOW account AS (PARTITION BY account_id ORDER BY id)
) AS entries
WHERE debt_after <> total AND debt_after <> debt_before + debt
ORDER BY id
"""

# Credits that came in went to the debt first, and what was there was taken before anything was owed.
HELD_WHILE_OWING = """
SELECT concat('entry ', id, ' of account ', account_id, ': leaves ', balance_after,
    ' credits beside a debt of ', debt_after)
FROM billing_ledger
WHERE balance_after > 0 AND debt_after > 0
ORDER BY id
"""

# A month is four weeks at least: two that begin closer to each other were given for one time.
MONTHS = r"""
SELECT concat('entry ', id, ' of account ', account_id, ': is for the month from ', start,
    ', which overlaps the one from ', start_before)
FROM (
    SELECT id, account_id, start, LAG(start) OVER (PARTITION BY account_id ORDER BY start, id) AS start_before
    FROM (
        SELECT id, account_id, split_part(reference, ':', 2)::date AS start
        FROM billing_ledger
        WHERE kind = 'grant' AND reference ~ '^month:\d{4}-\d{2}-\d{2}:'
    ) AS months
) AS months
WHERE start_before < start AND start < start_before + 28
ORDER BY id
"""

RULES = (
    BALANCES,
    RUNNING_BALANCES,
    DEBTS,
    RUNNING_DEBTS,
    HELD_WHILE_OWING,
    DIRECTIONS,
    REFUNDS,
    DAYS,
    DAYS_TO_COME,
    MONTHS,
    *sales.RULES,
)


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything asked inside is of one moment, however busy the system is; nobody waits for it."""
    with transaction.atomic(durable=True):
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def faults() -> list[str]:
    """One line for each row that is off, naming it; none when all is well."""
    return [line for rule in RULES for line in select_lines(rule)]


def select_lines(query: str, values: Sequence[object] | None = None) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [line for (line,) in cursor.fetchall()]
