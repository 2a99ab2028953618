"""Each rule between sales and ledger, bent by SQL: the audit names the row that was bent, and no other."""

import pytest

from billing import audit
from billing.models import LedgerEntry, MoneyBack, Payment
from tests import factories
from tests.billing.bending import bend


@pytest.fixture
def half_back(shop, user):
    """A payment of which half went back, beside another that is never bent."""
    shop.buy(factories.user())
    bought = shop.buy(user)
    shop.send(shop.refund(bought, amount=450))
    assert audit.faults() == []
    return f"payment {bought} of account {user.pk}"


def payment(user) -> Payment:
    return Payment.objects.get(account=user.pk)


def entry(user, kind: str) -> str:
    return f"entry {LedgerEntry.objects.get(account=user.pk, kind=kind).pk} of account {user.pk}"


def test_payment_that_gave_more_than_its_entries_say_is_named(half_back, user):
    Payment.objects.filter(account=user.pk).update(credits=101)

    assert audit.faults() == [f"{half_back}: has given 51 credits, its entries add up to 50"]


def test_purchase_that_was_bent_to_more_is_named_by_its_payment(half_back, user):
    bend(
        "UPDATE billing_ledger SET credits = credits + 5, balance_after = balance_after + 5"
        " WHERE kind = 'purchase' AND account_id = %s",
        user.pk,
    )
    bend("UPDATE billing_ledger SET balance_after = balance_after + 5 WHERE kind = 'reclaim'")
    bend("UPDATE billing_accounts SET credits = credits + 5 WHERE user_id = %s", user.pk)

    assert audit.faults() == [f"{half_back}: has given 50 credits, its entries add up to 55"]


def test_purchase_that_nobody_paid_is_named(half_back, user):
    bend("UPDATE billing_accounts SET credits = credits + 7 WHERE user_id = %s", user.pk)
    bend(
        "INSERT INTO billing_ledger (account_id, kind, credits, balance_after, reference, actor)"
        " SELECT user_id, 'purchase', 7, credits, 'stripe:pi_forged', 'x' FROM billing_accounts"
        " WHERE user_id = %s",
        user.pk,
    )

    forged = LedgerEntry.objects.get(reference="stripe:pi_forged")
    assert audit.faults() == [
        f"entry {forged.pk} of account {user.pk}: is a purchase for stripe:pi_forged,"
        " which this account never paid"
    ]


def test_refund_that_was_not_taken_back_whole_is_named(half_back, user):
    MoneyBack.objects.update(amount=900)

    assert audit.faults() == [f"{half_back}: has taken back 50 credits where 100 are due"]


@pytest.mark.parametrize(
    ("columns", "due"), [({"is_returned": True}, 0), ({"currency": "eur"}, 100), ({"amount": 899}, 99)]
)
def test_share_is_reckoned_by_itself(half_back, user, columns, due):
    MoneyBack.objects.update(**columns)

    assert audit.faults() == [f"{half_back}: has taken back 50 credits where {due} are due"]
