"""Refunds and disputes: credits go back in proportion, in whatever order and however often it is told."""

from itertools import permutations

import pytest

from billing import audit, ledger
from billing.models import MoneyBack, Payment
from tests import factories
from tests.billing.payments.shop import entries_of, money


def spend(user, credits: int) -> None:
    ledger.charge(user=user, credits=credits, reference="job:1:1", now=factories.NOON, counts_for_day=False)


@pytest.fixture
def bought(shop, user):
    """The id of a payment of 900 for 100 credits."""
    return shop.buy(user)


def test_full_refund_takes_the_pack_s_credits_back(shop, user, bought):
    shop.send(shop.refund(bought, amount=900))

    assert (money(user), entries_of(user)) == ((10, 0), [("purchase", 100), ("reclaim", -100)])
    assert audit.faults() == []


def test_partial_refunds_take_only_what_is_new(shop, user, bought):
    for refunded in (90, 450, 900):
        shop.send(shop.refund(bought, amount=refunded))

    assert entries_of(user) == [("purchase", 100), ("reclaim", -10), ("reclaim", -40), ("reclaim", -50)]
    assert money(user) == (10, 0)


def test_shares_are_rounded_for_the_buyer_and_the_last_refund_takes_the_rest(shop, user, bought):
    for refunded in (1, 17, 899, 900):
        shop.send(shop.refund(bought, amount=refunded))

    assert entries_of(user)[1:] == [("reclaim", -1), ("reclaim", -98), ("reclaim", -1)]


def test_refunds_told_in_the_wrong_order_take_what_was_refunded_in_all(shop, user, bought):
    early, late = shop.refund(bought, amount=450), shop.refund(bought, amount=900)

    for event in (late, early):
        shop.send(event)

    assert (money(user), entries_of(user)) == ((10, 0), [("purchase", 100), ("reclaim", -100)])


def test_refund_of_spent_credits_becomes_a_debt_which_the_next_purchase_pays(shop, user, bought):
    spend(user, 80)

    shop.send(shop.refund(bought, amount=900))

    assert money(user) == (0, 70)
    shop.buy(user)
    assert money(user) == (30, 0)
    assert entries_of(user)[2:] == [("reclaim", -100), ("purchase", 100)]
    assert audit.faults() == []


def test_dispute_takes_and_its_victory_gives_back(shop, user, bought):
    shop.send(shop.dispute(bought, "created", status="needs_response"))
    shop.send(shop.dispute(bought, "funds_withdrawn", status="needs_response"))
    during = money(user)
    shop.send(shop.dispute(bought, "closed", status="won"))
    shop.send(shop.dispute(bought, "funds_reinstated", status="won"))

    assert (during, money(user)) == ((10, 0), (110, 0))
    assert entries_of(user) == [("purchase", 100), ("reclaim", -100), ("purchase", 100)]
    assert audit.faults() == []


def test_lost_dispute_stays_taken(shop, user, bought):
    shop.send(shop.dispute(bought, "funds_withdrawn", status="needs_response"))
    shop.send(shop.dispute(bought, "closed", status="lost"))

    assert (money(user), entries_of(user)) == ((10, 0), [("purchase", 100), ("reclaim", -100)])


def test_second_dispute_after_a_won_one_takes_again(shop, user, bought):
    for number, kind, status in (
        (1, "funds_withdrawn", "needs_response"),
        (1, "funds_reinstated", "won"),
        (2, "funds_withdrawn", "needs_response"),
    ):
        shop.send(shop.dispute(bought, kind, status=status, number=number))

    assert money(user) == (10, 0)
    assert audit.faults() == []


def test_inquiry_moves_nothing(shop, user, bought):
    for kind in ("created", "closed"):
        shop.send(shop.dispute(bought, kind, status=f"warning_{kind}"))

    assert (money(user), MoneyBack.objects.count()) == ((110, 0), 0)


def test_refund_and_dispute_together_take_no_more_than_was_bought(shop, user, bought):
    shop.send(shop.refund(bought, amount=450))
    shop.send(shop.dispute(bought, "funds_withdrawn", status="needs_response", amount=900))

    assert (money(user), entries_of(user)[1:]) == ((10, 0), [("reclaim", -50), ("reclaim", -50)])


def test_dispute_in_another_currency_takes_all(shop, user, bought):
    event = shop.dispute(bought, "funds_withdrawn", status="needs_response", amount=100)
    event["data"]["object"]["currency"] = "eur"

    shop.send(event)

    assert money(user) == (10, 0)


def test_refund_that_is_no_payment_of_ours_is_kept_and_takes_nothing(shop, user):
    shop.send(shop.refund("pi_of_another_shop", amount=900))

    assert (money(user), entries_of(user)) == ((10, 0), [])
    assert list(Payment.objects.values_list("payment_id", "account")) == [("pi_of_another_shop", None)]
    assert audit.faults() == []


def test_charge_without_a_payment_intent_is_ignored(shop, user):
    event = shop.refund("pi_1", amount=900)
    event["data"]["object"]["payment_intent"] = None

    shop.send(event)

    assert (money(user), Payment.objects.count()) == ((10, 0), 0)


STORY = ["paid", "paid again", "refunded a third", "refunded", "disputed", "won"]


def events_of(shop, user) -> dict[str, dict]:
    """A purchase that is partly refunded, disputed, the dispute won, and then refunded whole."""
    paid = shop.pay(shop.open(user))
    session = paid["data"]["object"]
    bought = session["payment_intent"]
    return {
        "paid": paid,
        "paid again": shop.event("checkout.session.async_payment_succeeded", session),
        "refunded a third": shop.refund(bought, amount=300),
        "disputed": shop.dispute(bought, "funds_withdrawn", status="needs_response", amount=600),
        "won": shop.dispute(bought, "funds_reinstated", status="won", amount=600),
        "refunded": shop.refund(bought, amount=630),
    }


@pytest.mark.parametrize("start", range(6))
def test_every_order_of_a_purchase_s_events_ends_in_the_same_balance(shop, start):
    """A sixth of all 720 orders each, every event delivered twice: 100 bought, 70 % refunded."""
    user = factories.user()
    for order in [order for order in permutations(STORY) if order[0] == STORY[start]][::6]:
        before = money(user)
        events = events_of(shop, user)
        for name in order:
            for _ in range(2):
                assert shop.send(events[name]).status_code == 200, order
        assert money(user) == (before[0] + 30, 0), order
    assert audit.faults() == []
