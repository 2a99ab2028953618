"""Stripe delivers one event to two processes at once, or several events of one payment: credits come once.

Each proof has a twin without the lock, which shows the race.
"""

import threading

import pytest
from django.db import connection

from billing import audit
from billing.models import Account, Customer, LedgerEntry, Payment, StripeEvent
from billing.payments import client, events, settlement
from tests import factories
from tests.billing.payments.server import KEY, Stripe, running
from tests.billing.payments.shop import SECRET, Shop, entries_of, money
from tests.concurrency.threads import PATIENCE, at_once

pytestmark = pytest.mark.django_db(transaction=True)

DELIVERIES = 8


@pytest.fixture
def shop(settings):
    stripe = Stripe()
    with running(stripe) as address:
        settings.STRIPE_API_BASE = address
        settings.STRIPE_SECRET_KEY, settings.STRIPE_WEBHOOK_SECRET = KEY, SECRET
        yield Shop(stripe)


@pytest.fixture
def user():
    return factories.user()


def deliveries(shop, *told: dict):
    return [lambda event=event: shop.send(event).status_code for event in told]


def test_one_event_delivered_at_once_gives_once(shop, user):
    paid = shop.pay(shop.open(user))

    answers = at_once(*deliveries(shop, *[paid] * DELIVERIES))

    assert answers == [200] * DELIVERIES
    assert (money(user), entries_of(user)) == ((110, 0), [("purchase", 100)])
    assert StripeEvent.objects.count() == 1
    assert audit.faults() == []


def test_two_refunds_told_at_once_take_the_larger(shop, user):
    bought = shop.buy(user)
    refunds = [shop.refund(bought, amount=amount) for amount in (300, 450, 600, 900)]

    answers = at_once(*deliveries(shop, *refunds))

    assert answers == [200] * 4
    assert money(user) == (10, 0)
    assert sum(amount for kind, amount in entries_of(user) if kind == "reclaim") == -100


def test_purchase_and_its_refund_told_at_once_cancel_out(shop, user):
    paid = shop.pay(shop.open(user))
    refund = shop.refund(paid["data"]["object"]["payment_intent"], amount=900)

    answers = at_once(*deliveries(shop, paid, refund))

    assert (answers, money(user)) == ([200, 200], (10, 0))
    assert audit.faults() == []


def test_parallel_checkouts_of_a_new_buyer_make_one_customer(shop, user):
    sessions = at_once(*[lambda: shop.open(user)] * DELIVERIES)

    assert {session["customer"] for session in sessions} == {Customer.objects.get().customer_id}
    made = [path for method, path, _ in shop.stripe.requests if path == "/v1/customers"]
    assert 1 <= len(made) <= DELIVERIES
    assert sum(name.startswith("cus_") for name in shop.stripe.objects) == 1


def test_stripe_is_never_asked_inside_a_transaction(shop, user, monkeypatch):
    asked, inside = client._client, []

    def ask():
        inside.append(connection.in_atomic_block)
        return asked()

    monkeypatch.setattr(client, "_client", ask)
    shop.buy(user)
    shop.send(shop.invoice(user))

    assert inside == [False] * 4  # customer, page, session, invoice


def test_without_the_payment_s_lock_a_refund_told_in_two_events_is_taken_twice(shop, user, monkeypatch):
    """The twin: both read the payment before either has written it."""
    bought = shop.buy(user)
    both_have_read = threading.Barrier(2)

    def read(payment_id: str) -> Payment:
        payment = Payment.objects.select_related("account__user").get(pk=payment_id)
        both_have_read.wait(PATIENCE)
        return payment

    monkeypatch.setattr(settlement, "_lock", read)
    first, second = (shop.refund(bought, amount=900) for _ in range(2))
    second["data"]["object"]["id"] = "ch_told_beside"
    first["data"]["object"]["amount_refunded"] = second["data"]["object"]["amount_refunded"] = 450

    at_once(*deliveries(shop, first, second))

    reclaimed = -sum(amount for kind, amount in entries_of(user) if kind == "reclaim")
    assert Payment.objects.get(pk=bought).reclaimed != reclaimed


def test_without_the_event_s_claim_the_ledger_still_gives_once(shop, user, monkeypatch):
    """The second guard: the payment's row and the reference, should an event ever be let in twice."""
    paid = shop.pay(shop.open(user))
    row = StripeEvent(event_id="x", outcome="received")
    monkeypatch.setattr(events, "_claim", lambda event: row)
    monkeypatch.setattr(StripeEvent, "save", lambda self, **_: None)

    answers = at_once(*deliveries(shop, *[paid] * DELIVERIES))

    assert answers == [200] * DELIVERIES
    assert (Account.objects.get(pk=user.pk).credits, LedgerEntry.objects.filter(kind="purchase").count()) == (
        110,
        1,
    )
