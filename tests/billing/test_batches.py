"""What goes over all accounts goes by an index, batch by batch, whatever the table holds."""

import json

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import grants, terms
from billing.models import Plan

CROWD = """
WITH made AS (
    INSERT INTO users (email, password, is_superuser)
    SELECT concat('crowd', number, '@example.com'), '', false FROM generate_series(1, 20000) AS number
    RETURNING id, email
)
INSERT INTO billing_accounts (user_id, last_reset_date, daily_used, plan, timezone)
SELECT id, '2020-01-01',
    CASE WHEN email LIKE 'crowd1%' THEN 1 ELSE 0 END,
    CASE WHEN email LIKE 'crowd1%' THEN 'pro' ELSE 'free' END,
    CASE WHEN email LIKE '%5@example.com' THEN 'Asia/Tokyo' ELSE 'UTC' END
FROM made
"""


@pytest.fixture
def crowd(db):
    """20,000 accounts: every second one has used something, in two zones, and is on a plan that gives."""
    with connection.cursor() as cursor:
        cursor.execute(CROWD)
        cursor.execute("ANALYZE billing_accounts, users")


def asked(run) -> list[str]:
    """The statements that look for accounts."""
    with CaptureQueriesContext(
        connection,
    ) as captured:
        run()
    return [
        query["sql"]
        for query in captured.captured_queries
        if query["sql"].startswith("SELECT")
        and "LIMIT" in query["sql"]
        and "billing_accounts" in query["sql"]
    ]


def nodes_of(sql: str) -> list[tuple[str, str | None]]:
    """Of the statement's plan: what each node does, and by which index."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        (answer,) = cursor.fetchone()
    found, left = [], [(json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]]
    while left:
        node = left.pop()
        found.append((node["Node Type"], node.get("Index Name")))
        left += node.get("Plans", [])
    return found


def indexes_of(statements: list[str]) -> set[str | None]:
    nodes = [node for sql in statements for node in nodes_of(sql)]
    return {index for node, index in nodes if "Scan" in node and node != "Bitmap Heap Scan"}


def test_reset_finds_zones_and_accounts_by_index(crowd):
    statements = asked(lambda: terms.reset_days(now=timezone.now()))

    assert len(statements) > 20
    assert indexes_of(statements) == {"idx_accounts_used"}


def test_grants_find_accounts_by_index(crowd, monkeypatch):
    monkeypatch.setattr(grants, "_give_to", lambda pk, now: True)
    Plan.objects.filter(pk="premium").delete()

    statements = asked(lambda: grants.give_due(now=timezone.now()))

    assert len(statements) > 20
    assert indexes_of(statements) == {"idx_accounts_plan"}
