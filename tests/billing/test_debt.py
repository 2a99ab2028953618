"""Purchases, reclaims and what is owed between them: debt is paid first, whatever comes in."""

import pytest
from django.db import IntegrityError, transaction

from billing import audit, ledger
from billing.models import Account, LedgerEntry
from tests import factories
from tests.billing.bending import bend

NOW = factories.NOON

# What a user who owes 20 holds and owes once `amount` has come in.
INCOMING = [(5, 0, 15), (20, 0, 0), (50, 30, 0)]


def purchase(user, credits: int, *, reference: str = "bought") -> Account:
    return ledger.purchase(user=user, credits=credits, reference=reference, now=NOW, actor="stripe")


def reclaim(user, credits: int, *, reference: str = "disputed") -> Account:
    return ledger.reclaim(user=user, credits=credits, reference=reference, now=NOW, actor="stripe")


def charge(user, credits: int) -> None:
    ledger.charge(user=user, credits=credits, reference="job:1:1", now=NOW, counts_for_day=False)


def money(user) -> tuple[int, int]:
    """Held, owed."""
    return Account.objects.values_list("credits", "debt").get(pk=user.pk)


def last_entry(user) -> tuple[str, int, int, int, int]:
    entries = LedgerEntry.objects.filter(account_id=user.pk).order_by("pk")
    return entries.values_list("kind", "credits", "balance_after", "debt", "debt_after").last()


def entry(user, kind: str) -> str:
    return f"entry {LedgerEntry.objects.get(account=user.pk, kind=kind).pk} of account {user.pk}"


@pytest.fixture
def debtor(db):
    """Ten to start with, of which nothing is left, and 20 owed."""
    made = factories.user()
    reclaim(made, 30)
    assert money(made) == (0, 20)
    return made


def test_purchase_adds_credits_once_per_reference(user):
    purchase(user, 100)
    purchase(user, 100)

    assert money(user) == (110, 0)
    assert last_entry(user) == ("purchase", 100, 110, 0, 0)


def test_reclaim_takes_what_is_there_once_per_reference(user):
    reclaim(user, 4)
    reclaim(user, 4)

    assert money(user) == (6, 0)
    assert last_entry(user) == ("reclaim", -4, 6, 0, 0)


def test_reclaim_of_more_than_is_there_books_the_rest_as_debt(user):
    reclaim(user, 30)

    assert money(user) == (0, 20)
    assert last_entry(user) == ("reclaim", -10, 0, 20, 20)


def test_reclaim_from_a_debtor_is_owed_whole(debtor):
    reclaim(debtor, 7, reference="another")

    assert money(debtor) == (0, 27)
    assert last_entry(debtor) == ("reclaim", 0, 0, 7, 27)


@pytest.mark.parametrize("verb", [ledger.purchase, ledger.grant, ledger.adjust])
@pytest.mark.parametrize(("amount", "held", "owed"), INCOMING)
def test_whatever_comes_in_pays_the_debt_first(debtor, verb, amount, held, owed):
    verb(user=debtor, credits=amount, reference="in", now=NOW, actor="test", note="")

    assert money(debtor) == (held, owed)
    assert last_entry(debtor) == (verb.__name__, held, held, owed - 20, owed)
    assert LedgerEntry.objects.get(reference="in").amount == amount


@pytest.mark.parametrize(("amount", "held", "owed"), INCOMING)
def test_refund_of_what_was_running_pays_the_debt_first(db, amount, held, owed):
    """Else one could buy, start jobs, dispute the payment, and cancel the jobs for free credits."""
    user = factories.user(credits=amount)
    charge(user, amount)
    reclaim(user, 20)

    paid_back = ledger.refund(user=user, reference="job:1:1", gives_day_back=False)

    assert (paid_back, money(user)) == (amount, (held, owed))
    assert last_entry(user) == ("refund", held, held, owed - 20, owed)
    assert audit.faults() == []


def test_charge_while_in_debt_is_refused_and_moves_nothing(debtor):
    before = last_entry(debtor)

    with pytest.raises(ledger.InsufficientCredits) as refused:
        charge(debtor, 1)

    assert (refused.value.needed, refused.value.available) == (1, 0)
    assert (money(debtor), last_entry(debtor)) == ((0, 20), before)


def test_adjustment_never_makes_a_debt(debtor):
    before = last_entry(debtor)

    with pytest.raises(ledger.InsufficientCredits):
        ledger.adjust(user=debtor, credits=-1, reference="in", now=NOW, actor="test", note="")

    assert (money(debtor), last_entry(debtor)) == ((0, 20), before)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"credits": 1}, "account_holds_nothing_while_it_owes"),
        ({"debt": -1}, "account_debt_not_negative"),
    ],
)
def test_database_itself_refuses_a_debt_that_cannot_be(debtor, columns, constraint):
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Account.objects.filter(pk=debtor.pk).update(**columns)

    assert money(debtor) == (0, 20)


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ("debt_after = -1", "ledger_debt_not_negative"),
        ("kind = 'charge'", "ledger_only_reclaim_makes_debt"),
        ("credits = 0, debt = 0", "ledger_moves_something"),
        ("kind = 'gift'", "ledger_kind_known"),
    ],
)
def test_database_itself_refuses_an_entry_that_cannot_be(debtor, columns, constraint):
    before = last_entry(debtor)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        bend(f"UPDATE billing_ledger SET {columns} WHERE kind = 'reclaim'")

    assert last_entry(debtor) == before


def test_whatever_the_ledger_wrote_of_debts_is_right(debtor):
    purchase(debtor, 100)
    reclaim(debtor, 90, reference="another")

    assert audit.faults() == []


@pytest.mark.parametrize("owed", [0, 4, 25])
def test_debt_that_is_not_the_sum_is_named(debtor, owed):
    bend("UPDATE billing_accounts SET debt = %s WHERE user_id = %s", owed, debtor.pk)

    assert audit.faults() == [f"account {debtor.pk}: owes {owed} credits, its entries add up to 20"]


def test_debt_of_an_account_without_entries_is_named(user):
    bend("DELETE FROM billing_ledger WHERE account_id = %s", user.pk)
    bend("UPDATE billing_accounts SET credits = 0, debt = 4 WHERE user_id = %s", user.pk)

    assert audit.faults() == [f"account {user.pk}: owes 4 credits, its entries add up to 0"]


def test_running_debt_that_was_bent_is_named_and_not_the_row_after(debtor):
    purchase(debtor, 5)

    bend("UPDATE billing_ledger SET debt_after = 77 WHERE kind = 'reclaim'")

    assert audit.faults() == [f"{entry(debtor, 'reclaim')}: says a debt of 77 where its entries add up to 20"]


def test_debt_left_unpaid_beside_credits_is_named(debtor):
    """A purchase of 5 that went to the balance instead, and credits spent since."""
    bend(
        "INSERT INTO billing_ledger (account_id, kind, credits, balance_after, debt_after, reference, actor)"
        " VALUES (%s, 'purchase', 5, 5, 20, 'in', 'x'), (%s, 'charge', -5, 0, 20, 'job:1:1', 'x')",
        debtor.pk,
        debtor.pk,
    )

    assert audit.faults() == [f"{entry(debtor, 'purchase')}: leaves 5 credits beside a debt of 20"]


@pytest.mark.parametrize(("kind", "credits"), [("purchase", -2), ("reclaim", 2)])
def test_entry_of_purchase_or_reclaim_in_the_wrong_direction_is_named(user, kind, credits):
    bend("UPDATE billing_accounts SET credits = 10 + %s WHERE user_id = %s", credits, user.pk)
    bend(
        "INSERT INTO billing_ledger (account_id, kind, credits, balance_after, reference, actor)"
        " VALUES (%s, %s, %s, 10 + %s, 'wrong way', 'x')",
        user.pk,
        kind,
        credits,
        credits,
    )

    assert audit.faults() == [f"{entry(user, kind)}: is a {kind} of {credits}"]
