"""The audit by beat: its verdict is kept, and whoever looks after the installation hears of it."""

from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from billing import verdicts
from billing.models import LedgerAudit
from jobs import tasks
from socialsaas.celery import app
from socialsaas.health import stores
from socialsaas.health.examination import Doubtful, Unwell
from tests import factories

DAY = timedelta(days=1)
COUNTS = "1 accounts, 1 entries, 0 jobs"


def bend_account() -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_accounts SET credits = credits + 1")


def record(*, days_ago: float, faults: tuple[str, ...] = ()) -> LedgerAudit:
    at = timezone.now() - DAY * days_ago
    return verdicts.record(faults=faults, counts=COUNTS, began_at=at, ended_at=at)


def alarms() -> list[tuple[str, str]]:
    """What the system check says of the ledger."""
    ours = (message for message in run_checks(databases=["default"]) if "ledger" in message.msg)
    return [(message.id, message.msg) for message in ours]


@pytest.mark.django_db(transaction=True)
def test_audit_by_beat_keeps_its_verdict():
    factories.user()

    assert tasks.audit_ledger() == 0

    audit = LedgerAudit.objects.get()
    assert (audit.faults, audit.lines, audit.counts) == (0, [], COUNTS)
    assert timezone.now() - audit.at < timedelta(minutes=1)
    assert stores.ledger() == f"right at {audit.at:%Y-%m-%d %H:%M}: {COUNTS}"
    assert alarms() == []


@pytest.mark.django_db(transaction=True)
def test_faults_are_kept_logged_and_alarm_until_an_audit_finds_none(caplog):
    user = factories.user()
    bend_account()
    line = f"account {user.pk}: holds 11 credits, its entries add up to 10"

    assert tasks.audit_ledger() == 1

    audit = LedgerAudit.objects.get()
    assert (audit.faults, audit.lines) == (1, [line])
    errors = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert errors == [f"the ledger is not right: {line}"]
    says = f"1 faults at {audit.at:%Y-%m-%d %H:%M}, the first: {line}"
    assert alarms() == [("socialsaas.W004", f"The ledger is not right: {says}.")]
    with pytest.raises(Unwell) as raised:
        stores.ledger()
    assert (type(raised.value), str(raised.value)) == (Unwell, says)

    with connection.cursor() as cursor:
        cursor.execute("UPDATE billing_accounts SET credits = 10")
    call_command("audit_ledger")

    assert alarms() == []


@pytest.mark.django_db(transaction=True)
def test_command_keeps_its_verdict_too():
    factories.user()
    bend_account()

    with pytest.raises(CommandError):
        call_command("audit_ledger")

    assert LedgerAudit.objects.get().faults == 1


def test_first_lines_are_kept_and_all_are_counted(db):
    audit = record(days_ago=0, faults=tuple(f"line {number}" for number in range(250)))

    assert (audit.faults, len(audit.lines), audit.lines[-1]) == (250, 100, "line 99")


def test_installation_without_entries_has_nothing_to_prove(db):
    assert stores.ledger() == "nothing to audit yet"
    assert alarms() == []


def test_new_installation_has_time_for_its_first_audit(user):
    assert stores.ledger() == "nothing to audit yet"
    assert alarms() == []


@pytest.mark.parametrize(("days_ago", "is_missing"), [(1.9, False), (2.1, True)])
def test_audit_that_stays_away_for_two_days_is_missed(user, days_ago, is_missing):
    audit = record(days_ago=days_ago)

    if not is_missing:
        assert (stores.ledger().startswith("right at"), alarms()) == (True, [])
        return
    says = f"not audited since {audit.at:%Y-%m-%d %H:%M}"
    assert alarms() == [("socialsaas.W005", f"The ledger is {says}.")]
    with pytest.raises(Doubtful, match=says):
        stores.ledger()


def test_audit_that_never_came_is_missed_from_the_first_entry_on(user):
    with pytest.raises(verdicts.AuditMissing):
        verdicts.check(now=timezone.now() + DAY * 3)


def test_last_verdict_counts_and_not_the_ones_before(user):
    record(days_ago=1, faults=("a line",))
    record(days_ago=0.5)

    assert alarms() == []


def test_check_asks_no_database_unless_it_is_told_to(db, django_assert_num_queries):
    record(days_ago=0, faults=("a line",))

    with django_assert_num_queries(0):
        run_checks()


def test_check_says_nothing_before_the_table_is_there(db):
    record(days_ago=0, faults=("a line",))
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_audits RENAME TO gone")

    assert alarms() == []


def test_audits_are_shown_to_operators_and_edited_by_nobody(operator, db):
    audit = record(days_ago=0, faults=("a line",))
    pages = [reverse("admin:billing_ledgeraudit_changelist")]
    pages.append(reverse("admin:billing_ledgeraudit_change", args=[audit.pk]))

    assert [b"a line" in operator.get(page).content for page in pages] == [False, True]
    assert operator.post(pages[1], {"faults": "0"}).status_code == 403
    assert LedgerAudit.objects.get().faults == 1


def test_errands_over_many_rows_are_not_in_the_sweep_s_way():
    queues = {name: entry["options"]["queue"] for name, entry in app.conf.beat_schedule.items()}

    assert queues["sweep"] == "control"
    assert {queues[name] for name in ("reset-daily-limits", "give-monthly-grants", "audit-ledger")} == {
        "webhooks"
    }
