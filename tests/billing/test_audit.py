"""Each rule of the ledger, bent by SQL: the audit names the row that was bent, and no other."""

from datetime import timedelta

import pytest
from django.utils import timezone

from billing import audit, ledger, terms
from billing.models import Account, LedgerEntry
from tests import factories
from tests.billing.bending import bend

ENTRIES = 6


@pytest.fixture
def owner(db):
    """An account of six entries, five of them one day's, beside another that is never bent."""
    factories.user(credits=3)
    made = factories.user()
    for number in (1, 2, 3):
        charge(made, f"r{number}")
    refund(made, "r1", gives_day_back=True)
    refund(made, "r2", gives_day_back=False)
    assert LedgerEntry.objects.filter(account=made.pk).count() == ENTRIES
    return made


def charge(user, reference: str) -> None:
    ledger.charge(user=user, credits=1, reference=reference, now=timezone.now(), counts_for_day=True)


def refund(user, reference: str, *, gives_day_back: bool) -> None:
    ledger.refund(user=user, reference=reference, gives_day_back=gives_day_back)


def entry(user, kind: str, reference: str) -> str:
    """How the audit names it."""
    found = LedgerEntry.objects.get(account=user.pk, kind=kind, reference=reference)
    return f"entry {found.pk} of account {user.pk}"


def insert(user, *, kind: str, credits: int, reference: str) -> None:
    """A row past `billing/ledger.py`, its balances as they should be."""
    bend("UPDATE billing_accounts SET credits = credits + %s WHERE user_id = %s", credits, user.pk)
    bend(
        "INSERT INTO billing_ledger (account_id, kind, credits, balance_after, reference, actor)"
        " SELECT user_id, %s, %s, credits, %s, 'test' FROM billing_accounts WHERE user_id = %s",
        kind,
        credits,
        reference,
        user.pk,
    )


def test_whatever_the_ledger_wrote_is_right(owner):
    assert audit.faults() == []


def test_balance_that_is_not_the_sum_is_named(owner):
    bend("UPDATE billing_accounts SET credits = credits + 5 WHERE user_id = %s", owner.pk)

    assert audit.faults() == [f"account {owner.pk}: holds 14 credits, its entries add up to 9"]


def test_account_whose_entries_are_gone_is_named(owner):
    bend("DELETE FROM billing_ledger WHERE account_id = %s", owner.pk)
    Account.objects.filter(pk=owner.pk).update(daily_used=0)

    assert audit.faults() == [f"account {owner.pk}: holds 9 credits, its entries add up to 0"]


@pytest.mark.parametrize(("reference", "right"), [("r1", 9), ("r2", 8), ("r3", 7)])
def test_running_balance_that_was_bent_is_named_and_not_the_row_after(owner, reference, right):
    name = entry(owner, "charge", reference)

    bend("UPDATE billing_ledger SET balance_after = 77 WHERE kind = 'charge' AND reference = %s", reference)

    assert audit.faults() == [f"{name}: says a balance of 77 where its entries add up to {right}"]


def test_two_bent_rows_in_one_account_are_two_lines(owner):
    first, last = entry(owner, "charge", "r1"), entry(owner, "refund", "r2")

    bend("UPDATE billing_ledger SET balance_after = 50 WHERE kind = 'charge' AND reference = 'r1'")
    bend("UPDATE billing_ledger SET balance_after = 60 WHERE kind = 'refund' AND reference = 'r2'")

    assert audit.faults() == [
        f"{first}: says a balance of 50 where its entries add up to 9",
        f"{last}: says a balance of 60 where its entries add up to 9",
    ]


def test_signup_bent_to_more_is_named_with_the_account_it_no_longer_fits(owner):
    bend("UPDATE billing_ledger SET credits = 20 WHERE kind = 'signup' AND account_id = %s", owner.pk)

    assert audit.faults() == [
        f"account {owner.pk}: holds 9 credits, its entries add up to 19",
        f"{entry(owner, 'signup', 'signup')}: says a balance of 10 where its entries add up to 20",
    ]


def test_row_after_a_deleted_one_is_named(owner):
    bend("DELETE FROM billing_ledger WHERE kind = 'signup' AND account_id = %s", owner.pk)

    assert audit.faults() == [
        f"account {owner.pk}: holds 9 credits, its entries add up to -1",
        f"{entry(owner, 'charge', 'r1')}: says a balance of 9 where its entries add up to -1",
    ]


@pytest.mark.parametrize(("kind", "credits"), [("charge", 2), ("grant", -2), ("signup", -2)])
def test_entry_in_the_wrong_direction_is_named(owner, kind, credits):
    insert(owner, kind=kind, credits=credits, reference="wrong way")

    assert audit.faults() == [f"{entry(owner, kind, 'wrong way')}: is a {kind} of {credits}"]


@pytest.mark.parametrize("credits", [3, -3])
def test_adjustment_may_go_either_way(owner, credits):
    insert(owner, kind="adjust", credits=credits, reference="a correction")

    assert audit.faults() == []


def test_refund_without_a_charge_is_named(owner):
    insert(owner, kind="refund", credits=1, reference="never charged")

    name = entry(owner, "refund", "never charged")
    assert audit.faults() == [f"{name}: pays back 1 for never charged, which had charged 0"]


def test_refund_of_another_s_charge_is_named(owner):
    other = factories.user()
    insert(other, kind="refund", credits=1, reference="r3")

    assert audit.faults() == [f"{entry(other, 'refund', 'r3')}: pays back 1 for r3, which had charged 0"]


@pytest.mark.parametrize("credits", [1, 3])
def test_refund_of_more_or_less_than_its_charge_is_named(owner, credits):
    insert(owner, kind="charge", credits=-2, reference="r4")
    insert(owner, kind="refund", credits=credits, reference="r4")

    name = entry(owner, "refund", "r4")
    assert audit.faults() == [f"{name}: pays back {credits} for r4, which had charged 2"]


def test_refund_before_its_charge_is_named(owner):
    insert(owner, kind="refund", credits=2, reference="r4")
    insert(owner, kind="charge", credits=-2, reference="r4")

    name = entry(owner, "refund", "r4")
    assert audit.faults() == [f"{name}: pays back 2 for r4, which had charged 0"]


@pytest.mark.parametrize("used", [0, 4])
def test_day_that_counted_too_little_or_too_much_is_named(owner, used):
    """Three charges, two of them paid back: one to three uses; the ledger counted two."""
    Account.objects.filter(pk=owner.pk).update(daily_used=used)

    day = Account.objects.get(pk=owner.pk).last_reset_date
    assert audit.faults() == [
        f"account {owner.pk}: has used {used} of {day},"
        " on which 3 charges counted and 2 of them were paid back"
    ]


@pytest.mark.parametrize("used", [1, 2, 3])
def test_refund_may_or_may_not_give_the_day_back(owner, used):
    Account.objects.filter(pk=owner.pk).update(daily_used=used)

    assert audit.faults() == []


def test_day_set_back_for_a_fresh_limit_is_named_by_the_charges_of_the_real_one(owner):
    day = Account.objects.get(pk=owner.pk).last_reset_date
    yesterday = day - timedelta(days=1)
    Account.objects.filter(pk=owner.pk).update(last_reset_date=yesterday, daily_used=0)

    assert audit.faults() == [
        f"{entry(owner, 'charge', f'r{number}')}: counts on {day}, but the account's last day is {yesterday}"
        for number in (1, 2, 3)
    ]


def test_new_day_starts_from_nothing(owner):
    tomorrow = timezone.now() + timedelta(days=1)
    terms.reset_days(now=tomorrow)
    ledger.charge(user=owner, credits=1, reference="r4", now=tomorrow, counts_for_day=True)

    assert Account.objects.get(pk=owner.pk).daily_used == 1
    assert audit.faults() == []


def test_months_that_overlap_are_named(owner):
    now = timezone.now()
    for start in ("2026-01-31", "2026-02-28", "2026-03-15"):
        ledger.grant(user=owner, credits=1, reference=f"month:{start}:pro", now=now, actor="test")
    ledger.grant(user=owner, credits=1, reference="month:2026-02-28:premium", now=now, actor="test")
    wrong = LedgerEntry.objects.get(reference="month:2026-03-15:pro")

    assert audit.faults() == [
        f"entry {wrong.pk} of account {owner.pk}: is for the month from 2026-03-15,"
        " which overlaps the one from 2026-02-28"
    ]


@pytest.mark.parametrize("accounts", [1, 3])
def test_audit_asks_once_per_rule_however_many_rows(db, accounts, django_assert_num_queries):
    for _ in range(accounts):
        charge(factories.user(), "r1")

    with django_assert_num_queries(13):
        assert audit.faults() == []
