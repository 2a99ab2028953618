"""What a finished job leaves in the database, without its ids and its clock: the same for every contestant.

That is what keeps the floor honest: rows of SQL written by hand are checked against the product's.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

from django.db import connection

# In an order that does not depend on which slide came first. Event data go by sequence: the k-th settled
# slide says k/n, whichever it is.
ROWS = {
    "job": "SELECT to_jsonb(t) FROM generation_jobs t WHERE id = %(job)s",
    "carousel": "SELECT to_jsonb(t) FROM carousels t WHERE id = %(carousel)s",
    "slides": "SELECT to_jsonb(t) FROM slides t WHERE carousel_id = %(carousel)s ORDER BY number",
    "steps": "SELECT to_jsonb(t) FROM job_steps t WHERE job_id = %(job)s ORDER BY kind, slide_number",
    "calls": (
        "SELECT to_jsonb(t) FROM provider_calls t WHERE job_id = %(job)s ORDER BY step_kind, slide_number"
    ),
    "events": (
        "SELECT to_jsonb(t) - 'sequence' - 'data' || jsonb_build_object('preview', data -> 'previewKey') "
        "FROM job_events t WHERE job_id = %(job)s "
        "ORDER BY step_kind, slide_number, to_status"
    ),
    "progress": (
        "SELECT to_jsonb(t) FROM (SELECT sequence, data - 'previewKey' FROM job_events "
        "WHERE job_id = %(job)s) t ORDER BY sequence"
    ),
    "entries": "SELECT to_jsonb(t) FROM billing_ledger t WHERE account_id = %(user)s ORDER BY kind",
    "account": "SELECT to_jsonb(t) FROM billing_accounts t WHERE user_id = %(user)s",
}
TIME = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+\+00:00)?")
OWN = ("id", "processingTime")  # of each row alone


class OtherRows(AssertionError):
    """A contestant's job left other rows than the product's functions do."""


def of_job(job_id: Any) -> dict[str, list[Any]]:
    """By what the rows are. A time becomes TIME, an id the name of what it points at."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT carousel_id, user_id FROM generation_jobs WHERE id = %s", [job_id])
        carousel_id, user_id = cursor.fetchone()
        ids = {"job": job_id, "carousel": carousel_id, "user": user_id}
        return {what: _read(cursor, sql, ids) for what, sql in ROWS.items()}


def check(*, name: str, job_id: Any, expected: dict[str, list[Any]]) -> None:
    """OtherRows, naming every place, unless the job left the expected rows."""
    if other := list(_differences("", of_job(job_id), expected)):
        raise OtherRows("\n".join([f"{name} leaves other rows:", *other]))


def _differences(place: str, found: Any, expected: Any) -> Iterator[str]:
    if isinstance(found, dict) and isinstance(expected, dict):
        for key in {**found, **expected}:
            yield from _differences(f"{place}/{key}", found.get(key), expected.get(key))
    elif isinstance(found, list) and isinstance(expected, list) and len(found) == len(expected):
        for number, (theirs, ours) in enumerate(zip(found, expected, strict=True)):
            yield from _differences(f"{place}/{number}", theirs, ours)
    elif found != expected:
        yield f"{place}: {found!r} instead of {expected!r}"


def _read(cursor: Any, sql: str, ids: dict[str, Any]) -> list[Any]:
    cursor.execute(sql, ids)
    names = {str(value): what.upper() for what, value in ids.items()}
    return [_plain(json.loads(row) if isinstance(row, str) else row, names) for (row,) in cursor.fetchall()]


def _plain(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item, names) for key, item in value.items() if key not in OWN}
    if isinstance(value, list):
        return [_plain(item, names) for item in value]
    if not isinstance(value, str):
        return value
    for written, name in names.items():
        value = value.replace(written, name)
    return TIME.sub("TIME", value)
