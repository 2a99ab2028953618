"""The proof that sales and ledger say the same: one query per rule, for the rows that break it.

In SQL, and not by `settlement.py`, which may be wrong. Asked by `billing/audit.py` with its own rules.
"""

# A payment's entries are named `stripe:<payment>` and, for what went back, `stripe:<payment>:<event>`.
PAYMENTS = """
WITH posted AS (
    SELECT account_id, split_part(reference, ':', 2) AS payment_id, SUM(credits - debt) AS credits
    FROM billing_ledger
    WHERE starts_with(reference, 'stripe:') AND kind IN ('purchase', 'reclaim')
    GROUP BY account_id, split_part(reference, ':', 2)
)
SELECT concat('payment ', paid.payment_id, ' of account ', paid.account_id, ': has given ',
    paid.credits - paid.reclaimed, ' credits, its entries add up to ', COALESCE(posted.credits, 0))
FROM billing_payments AS paid
LEFT JOIN posted ON posted.account_id = paid.account_id AND posted.payment_id = paid.payment_id
WHERE paid.account_id IS NOT NULL AND paid.credits - paid.reclaimed <> COALESCE(posted.credits, 0)
ORDER BY paid.payment_id
"""

ENTRIES = """
SELECT concat('entry ', entry.id, ' of account ', entry.account_id, ': is a ', kind, ' for ', reference,
    ', which this account never paid')
FROM billing_ledger AS entry
LEFT JOIN billing_payments AS paid
    ON paid.payment_id = split_part(reference, ':', 2) AND paid.account_id = entry.account_id
WHERE starts_with(reference, 'stripe:') AND kind IN ('purchase', 'reclaim') AND paid.payment_id IS NULL
ORDER BY entry.id
"""

SHARES = """
WITH back AS (
    SELECT payment_id, SUM(money.amount) AS amount, bool_or(money.currency <> paid.currency) AS is_foreign
    FROM billing_money_back AS money
    JOIN billing_payments AS paid USING (payment_id)
    WHERE NOT is_returned
    GROUP BY payment_id
), judged AS (
    SELECT paid.payment_id, paid.account_id, paid.reclaimed, CASE
        WHEN is_foreign THEN paid.credits
        WHEN back.amount IS NULL OR paid.amount = 0 THEN 0
        ELSE div(paid.credits * LEAST(back.amount, paid.amount), paid.amount)
        END AS due
    FROM billing_payments AS paid
    LEFT JOIN back USING (payment_id)
    WHERE paid.account_id IS NOT NULL
)
SELECT concat('payment ', payment_id, ' of account ', account_id, ': has taken back ', reclaimed,
    ' credits where ', due, ' are due')
FROM judged
WHERE reclaimed <> due
ORDER BY payment_id
"""

RULES = (PAYMENTS, ENTRIES, SHARES)
