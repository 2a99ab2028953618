"""GET /api/credits/ledger: one's own entries as pages and as CSV, with nothing of a colleague's words."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from billing import ledger, statements, terms
from billing.models import Account, LedgerEntry
from jobs import queue
from rest import pages
from tests import factories
from tests.conftest import api_of
from tests.rest.world import body_of

PATH = "/api/credits/ledger"


def ask(api, **query) -> dict:
    return body_of(api.get(PATH, query))["data"]


def rows_of(response) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(response.getvalue().decode())))


def adjust(user, credits: int, *, reference: str = "adjust:1", note: str = "a rude customer") -> None:
    ledger.adjust(
        user=user,
        credits=credits,
        reference=reference,
        now=timezone.now(),
        actor="operator:ann@example.com",
        note=note,
    )


@pytest.fixture
def cancelled(user):
    """A job that was charged and paid back, after a correction."""
    adjust(user, 5)
    job = factories.job(user)
    queue.cancel(job_id=job.pk, by="test", now=timezone.now())
    return job


def test_entries_are_told_newest_first_with_their_job_and_balance(api, user, cancelled):
    data = ask(api)

    told = [
        (row["kind"], row["credits"], row["balanceBefore"], row["balanceAfter"], row["jobId"], row["run"])
        for row in data["entries"]
    ]
    assert told == [
        ("refund", 1, 14, 15, str(cancelled.pk), 1),
        ("charge", -1, 15, 14, str(cancelled.pk), 1),
        ("adjust", 5, 10, 15, None, None),
        ("signup", 10, 0, 10, None, None),
    ]
    assert (data["openingBalance"], data["closingBalance"], data["nextCursor"]) == (0, 15, None)
    assert data["totals"] == {"debits": -1, "reversals": 1, "others": 15, "net": 15}


def test_entry_has_these_names_and_no_colleague_s_words(api, user, cancelled):
    entry = LedgerEntry.objects.get(kind="adjust")

    assert ask(api, kind="adjust")["entries"] == [
        {
            "id": entry.pk,
            "at": entry.created_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "kind": "adjust",
            "description": "Correction by support",
            "credits": 5,
            "balanceBefore": 10,
            "balanceAfter": 15,
            "debt": 0,
            "debtAfter": 0,
            "reference": "adjust:1",
            "jobId": None,
            "run": None,
        }
    ]


def test_monthly_grant_names_its_plan(api, user):
    terms.set_plan(user=user, plan="pro", now=timezone.now())

    (entry,) = ask(api, kind="grant")["entries"]

    assert entry["description"] == "Monthly credits of the plan pro"


def test_debt_is_told_beside_the_balance(api, user):
    ledger.reclaim(user=user, credits=12, reference="dispute", now=timezone.now(), actor="test")

    (entry,) = ask(api, kind="reclaim")["entries"]

    assert (entry["credits"], entry["balanceAfter"], entry["debt"], entry["debtAfter"]) == (-10, 0, 2, 2)


def test_pages_follow_each_other_while_entries_come(api, user):
    for number in range(6):
        adjust(user, 1, reference=f"adjust:{number}")
    first = ask(api, limit=3)
    adjust(user, 1, reference="adjust:later")

    second = ask(api, limit=3, cursor=first["nextCursor"])
    third = ask(api, limit=3, cursor=second["nextCursor"])

    told = [row["reference"] for data in (first, second, third) for row in data["entries"]]
    assert told == [*(f"adjust:{number}" for number in reversed(range(6))), "signup"]
    assert third["nextCursor"] is None
    assert first["openingBalance"] == second["closingBalance"]
    assert second["openingBalance"] == third["closingBalance"]


def test_page_that_is_just_full_is_the_last(api, user, cancelled):
    assert ask(api, limit=4)["nextCursor"] is None


def test_page_without_entries_has_no_balances(api, user):
    assert ask(api, kind="purchase") == {
        "entries": [],
        "nextCursor": None,
        "openingBalance": None,
        "closingBalance": None,
        "totals": {"debits": 0, "reversals": 0, "others": 0, "net": 0},
    }


@pytest.mark.parametrize(
    ("query", "kinds"),
    [
        ({"kind": "charge"}, ["charge"]),
        ({"reference": "adjust:1"}, ["adjust"]),
        ({"jobId": "{job}"}, ["refund", "charge"]),
        ({"reference": "job:{job}:1", "kind": "refund"}, ["refund"]),
        ({"jobId": "00000000-0000-4000-8000-000000000000"}, []),
    ],
)
def test_entries_are_filtered_by_kind_reference_and_job(api, user, cancelled, query, kinds):
    factories.job(user)

    asked = {name: value.format(job=cancelled.pk) for name, value in query.items()}
    told = [row["kind"] for row in ask(api, **asked)["entries"]]

    assert told == (["charge", "charge"] if query == {"kind": "charge"} else kinds)


def backdate(user, *moments: datetime) -> None:
    """Entries of those moments, past the trigger that refuses every change."""
    LedgerEntry.objects.bulk_create(
        LedgerEntry(
            account_id=user.pk,
            kind="adjust",
            credits=1,
            balance_after=10 + number,
            reference=f"at:{number}",
            actor="test",
            created_at=moment,
        )
        for number, moment in enumerate(moments, 1)
    )


def test_days_are_the_account_s_own_and_both_are_included(api, user):
    Account.objects.filter(pk=user.pk).update(timezone="Asia/Tokyo")
    midnight = datetime(2026, 11, 2, 15, 0, tzinfo=UTC)  # 3 November in Tokyo
    second = timedelta(seconds=1)
    backdate(
        user, midnight - second, midnight, midnight + timedelta(days=1) - second, midnight + timedelta(days=1)
    )

    told = [row["reference"] for row in ask(api, **{"from": "2026-11-03", "to": "2026-11-03"})["entries"]]

    assert told == ["at:3", "at:2"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"kind": "gift"}, "kind"),
        ({"from": "yesterday"}, "from"),
        ({"to": "9999-12-31"}, "to"),
        ({"from": "0001-01-01"}, "from"),
        ({"jobId": "5"}, "jobId"),
        ({"limit": "0"}, "limit"),
        ({"limit": "101"}, "limit"),
        ({"cursor": "!"}, "cursor"),
        ({"cursor": "bm9uZQ=="}, "cursor"),
        ({"form": "2026-11-01"}, "form"),
        ({"format": "xml"}, "format"),
        ({"reference": "\x00"}, "reference"),
    ],
)
def test_wrong_question_is_told_by_its_field(api, user, query, field):
    answer = api.get(PATH, query)

    body = body_of(answer)
    assert (answer.status_code, body["error"]) == (400, "VALIDATION_ERROR")
    assert [fault["path"] for fault in body["details"]] == [[field]]


def test_cursor_beyond_everything_is_an_empty_or_a_first_page(api, user):
    assert ask(api, cursor=pages._cursor_at(10**30))["entries"][0]["kind"] == "signup"
    assert ask(api, cursor=pages._cursor_at(0))["entries"] == []


def test_nobody_sees_another_s_entries(api, user, cancelled):
    stranger = api_of(factories.user())

    assert [row["kind"] for row in ask(stranger)["entries"]] == ["signup"]
    assert ask(stranger, jobId=str(cancelled.pk))["entries"] == []
    assert ask(stranger, cursor=pages._cursor_at(10**9))["entries"] == ask(stranger)["entries"]


def test_ledger_needs_a_key(client, db):
    assert client.get(PATH).status_code == 401


# --- CSV ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [{"data": {"format": "csv"}}, {"HTTP_ACCEPT": "text/csv"}])
def test_csv_says_what_the_pages_say(api, user, cancelled, how):
    response = api.get(PATH, **how)

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="credits.csv"'
    expected = [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in ask(api)["entries"]
    ]
    assert rows_of(response) == expected


def test_csv_takes_the_same_filters(api, user, cancelled):
    rows = rows_of(api.get(PATH, {"format": "csv", "jobId": str(cancelled.pk)}))

    assert [row["kind"] for row in rows] == ["refund", "charge"]


def test_format_goes_before_what_is_accepted(api, user):
    answer = api.get(PATH, {"format": "json"}, HTTP_ACCEPT="text/csv")

    assert body_of(answer)["success"] is True


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_csv_text_is_never_a_formula_and_numbers_stay_numbers(api, user, text):
    adjust(user, -3, reference=text)

    row = rows_of(api.get(PATH, {"format": "csv"}))[0]

    assert (row["reference"], row["credits"]) == (f"'{text}", "-3")


def test_csv_quotes_what_would_break_a_line(api, user):
    adjust(user, 1, reference='a "b", c\nd')

    assert rows_of(api.get(PATH, {"format": "csv"}))[0]["reference"] == 'a "b", c\nd'


def test_csv_is_read_in_chunks_and_misses_nothing(api, user, monkeypatch):
    monkeypatch.setattr(statements, "CHUNK", 3)
    for number in range(7):
        adjust(user, 1, reference=f"adjust:{number}")
    response = api.get(PATH, {"format": "csv"})

    with CaptureQueriesContext(connection) as captured:
        rows = rows_of(response)

    assert [row["balanceAfter"] for row in rows] == [str(balance) for balance in range(17, 9, -1)]
    assert len(captured) == 4


# --- cost -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [1, 3])
def test_page_costs_three(api, user, cancelled, django_assert_num_queries, limit):
    api.get(PATH)

    with django_assert_num_queries(3):  # key, account, entries
        ask(api, limit=limit)


def test_page_goes_by_the_account_s_index(api, user):
    other = factories.user()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO billing_ledger (account_id, kind, credits, balance_after, reference, actor)"
            " SELECT CASE WHEN nr %% 60 > 0 THEN %s ELSE %s END, 'adjust', 1, 1, concat('bulk:', nr), 'test'"
            " FROM generate_series(1, 40000) AS nr",
            [other.pk, user.pk],
        )
        cursor.execute("ANALYZE billing_ledger")

    with CaptureQueriesContext(connection) as captured:
        ask(api, cursor=ask(api)["nextCursor"])

    pages_asked = [query["sql"] for query in captured.captured_queries if "LIMIT 51" in query["sql"]]
    plans = [plan_of(sql) for sql in pages_asked]
    assert [("idx_ledger_account_newest" in plan, "Sort" in plan) for plan in plans] == [(True, False)] * 2


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}")
        return " ".join(line for (line,) in cursor.fetchall())
