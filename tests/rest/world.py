"""What an answer must look like, and what a refusal must leave as it was."""

import json
from typing import Any

from django.db import connection
from django.http import HttpResponseBase

from billing.models import Account

ENVELOPES = {True: {"success", "data"}, False: {"success", "error", "message"}}
EXTRAS = {True: {"message"}, False: {"code", "details"}}


def body_of(response: HttpResponseBase) -> dict[str, Any]:
    """The answer's body, held to the one envelope."""
    assert response.headers["Content-Type"] == "application/json"
    body = json.loads(response.content)
    assert set(body) - EXTRAS[body["success"]] == ENVELOPES[body["success"]]
    assert body["success"] == (response.status_code < 300)

    return body


def snapshot() -> dict[str, Any]:
    """Rows of every table, every balance, and how many messages would leave with the commit."""
    balances = dict(Account.objects.values_list("user_id", "credits"))
    used = dict(Account.objects.values_list("user_id", "daily_used"))

    return {"rows": _counts(), "credits": balances, "used": used, "messages": len(connection.run_on_commit)}


def added(*, before: dict[str, Any], after: dict[str, Any]) -> dict[str, int]:
    """How many rows each table has gained or lost, tables without a change left out."""
    return {
        table: after["rows"][table] - count
        for table, count in before["rows"].items()
        if after["rows"][table] != count
    }


def _counts() -> dict[str, int]:
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}', count(*) FROM \"{table}\"" for table in tables))

        return dict(cursor.fetchall())
