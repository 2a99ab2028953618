"""Stripe's word of what was paid: who is believed, what is given, and that it is given once."""

import json
import logging
import time

import pytest

from billing import audit
from billing.models import CreditPack, Customer, LedgerEntry, Payment, StripeEvent
from billing.payments import settlement
from socialsaas.health import configuration
from socialsaas.health.examination import Doubtful
from tests import factories
from tests.billing.payments.shop import entries_of, money, signature
from tests.conftest import api_of
from tests.rest.world import body_of


def outcome_of(response) -> str:
    assert response.status_code == 200, response.content
    return body_of(response)["data"]["outcome"]


def refusal(response) -> tuple[int, str]:
    return response.status_code, body_of(response)["error"]


def told() -> list[tuple[str, str]]:
    return list(StripeEvent.objects.order_by("received_at").values_list("kind", "outcome"))


@pytest.fixture
def paid(shop, user):
    """The event of a session that was paid, not delivered yet."""
    return shop.pay(shop.open(user))


def test_payment_gives_the_pack_s_credits(shop, user, paid):
    assert outcome_of(shop.send(paid)) == "applied"

    assert money(user) == (110, 0)
    entry = LedgerEntry.objects.get(kind="purchase")
    intent = paid["data"]["object"]["payment_intent"]
    assert (entry.credits, entry.reference, entry.actor) == (100, f"stripe:{intent}", "stripe")
    payment = Payment.objects.get()
    assert (payment.pk, payment.account_id, payment.credits, payment.amount, payment.currency) == (
        intent,
        user.pk,
        100,
        900,
        "usd",
    )
    assert told() == [("checkout.session.completed", "applied")]
    assert audit.faults() == []


def test_event_sent_again_gives_nothing_more_and_asks_stripe_nothing(shop, user, paid):
    shop.send(paid)
    asked = len(shop.stripe.requests)

    again = [outcome_of(shop.send(paid)) for _ in range(3)]

    assert (again, len(shop.stripe.requests)) == (["applied"] * 3, asked)
    assert (money(user), entries_of(user)) == ((110, 0), [("purchase", 100)])


def test_two_events_of_one_payment_give_once(shop, user, paid):
    session = shop.stripe.objects[paid["data"]["object"]["id"]]

    for event in (paid, shop.event("checkout.session.async_payment_succeeded", session)):
        assert outcome_of(shop.send(event)) == "applied"

    assert entries_of(user) == [("purchase", 100)]


def test_slow_payment_gives_when_the_money_is_there_and_not_before(shop, user):
    session = shop.open(user) | {"status": "complete"}

    early = outcome_of(shop.send(shop.event("checkout.session.completed", session)))
    before = money(user)
    shop.pay(shop.stripe.objects[session["id"]])
    settled = shop.event("checkout.session.async_payment_succeeded", shop.stripe.objects[session["id"]])

    assert (early, before) == ("ignored", (10, 0))
    assert (outcome_of(shop.send(settled)), money(user)) == ("applied", (110, 0))


def test_session_with_nothing_to_pay_gives_once(shop, user):
    session = shop.open(user)
    session |= {"payment_status": "no_payment_required", "amount_total": 0}

    for _ in range(2):
        shop.send(shop.event("checkout.session.completed", session))

    assert entries_of(user) == [("purchase", 100)]


def test_quantity_counts(shop, user):
    session = shop.open(user)
    session["line_items"]["data"][0]["quantity"] = 3

    shop.send(shop.pay(session))

    assert entries_of(user) == [("purchase", 300)]


def test_metadata_and_the_event_s_own_fields_are_never_believed(shop, user, paid):
    """The amount of credits comes from the price at Stripe, the account from the customer we made."""
    other = factories.user()
    paid["data"]["object"] |= {
        "metadata": {"credits": "100000", "user_id": str(other.pk)},
        "client_reference_id": str(other.pk),
        "amount_total": 90_000,
        "line_items": {"data": [{"price": {"id": "price_100"}, "quantity": 1000}]},
    }

    shop.send(paid)

    assert (money(user), money(other)) == ((110, 0), (10, 0))


def test_pack_that_is_no_longer_sold_is_honoured(shop, user, paid):
    CreditPack.objects.update(is_active=False)

    assert (outcome_of(shop.send(paid)), money(user)) == ("applied", (110, 0))


def test_unknown_price_is_stored_and_logged_and_gives_nothing(shop, user, paid, caplog):
    CreditPack.objects.update(price_id="price_of_another_shop")

    with caplog.at_level(logging.ERROR, logger="billing.payments.events"):
        outcome = outcome_of(shop.send(paid))

    assert (outcome, told()) == ("unknown_price", [("checkout.session.completed", "unknown_price")])
    assert paid["id"] in caplog.text
    with pytest.raises(Doubtful, match="1 events of Stripe could not be applied"):
        configuration.sales()
    assert (money(user), entries_of(user), Payment.objects.count()) == ((10, 0), [], 0)


def test_event_of_an_unknown_price_gives_once_when_it_is_sent_again_with_the_price_known(shop, user, paid):
    CreditPack.objects.update(price_id="price_of_another_shop")
    shop.send(paid)
    CreditPack.objects.update(price_id="price_100")

    outcomes = [outcome_of(shop.send(paid)) for _ in range(2)]

    assert outcomes == ["applied", "applied"]
    assert (entries_of(user), len(told())) == ([("purchase", 100)], 1)
    assert configuration.sales() == "sold through Stripe"


def test_one_unknown_price_of_two_gives_nothing(shop, user):
    session = shop.open(user)
    session["line_items"]["data"].append({"price": {"id": "price_unknown"}, "quantity": 1})

    assert outcome_of(shop.send(shop.pay(session))) == "unknown_price"
    assert entries_of(user) == []


def test_customer_who_is_none_of_ours_gets_nothing(shop, user, paid):
    Customer.objects.update(customer_id="cus_of_another_shop")

    assert outcome_of(shop.send(paid)) == "unknown_customer"
    assert (money(user), entries_of(user), Payment.objects.count()) == ((10, 0), [], 0)


def test_event_we_do_not_act_upon_is_stored(shop, user):
    event = shop.event("customer.created", {"id": "cus_1", "object": "customer"})

    assert outcome_of(shop.send(event)) == "ignored"
    assert told() == [("customer.created", "ignored")]


def forged(payload: bytes) -> str:
    return signature(payload, secret="whsec_guessed")


def late(payload: bytes) -> str:
    return signature(payload, at=time.time() - 301)


def of_another_body(payload: bytes) -> str:
    return signature(payload + b" ")


def of_another_moment(payload: bytes) -> str:
    """Signed long ago, with today's timestamp put in front."""
    old = signature(payload, at=time.time() - 3600)
    return f"t={int(time.time())},{old.split(',')[1]}"


@pytest.mark.parametrize(
    "header",
    [
        forged,
        late,
        of_another_body,
        of_another_moment,
        lambda payload: None,
        lambda payload: "",
        lambda payload: "nonsense",
        lambda payload: f"t={int(time.time())}",
        lambda payload: signature(payload).replace("v1=", "v0="),
    ],
)
def test_event_that_stripe_did_not_sign_just_now_is_refused_and_leaves_nothing(shop, user, paid, header):
    asked = len(shop.stripe.requests)
    payload = json.dumps(paid).encode()

    answer = shop.send_raw(payload, header(payload))

    assert refusal(answer) == (400, "INVALID_EVENT")
    assert (money(user), told(), len(shop.stripe.requests)) == ((10, 0), [], asked)


@pytest.mark.parametrize(
    "payload", [b"", b"nonsense", b"\xff\xfe", b"[]", b'"text"', b"{}", b'{"id": "evt_1"}']
)
def test_signed_nonsense_is_refused_and_leaves_nothing(shop, user, payload):
    try:
        header = signature(payload)
    except UnicodeDecodeError:
        header = "t=1,v1=1"

    assert refusal(shop.send_raw(payload, header)) == (400, "INVALID_EVENT")
    assert told() == []


@pytest.mark.parametrize("missing", ["STRIPE_WEBHOOK_SECRET", "STRIPE_SECRET_KEY"])
def test_webhook_is_refused_while_a_secret_is_unset(shop, user, paid, settings, missing):
    setattr(settings, missing, "")

    for secret in ("", "whsec_of_the_loopback"):
        assert refusal(shop.send(paid, secret=secret)) == (503, "PAYMENTS_UNAVAILABLE")
    assert (money(user), told()) == ((10, 0), [])


def test_stripe_that_cannot_be_asked_lets_the_event_come_again(shop, user, paid):
    shop.stripe.is_down = True
    first = shop.send(paid)
    shop.stripe.is_down = False

    assert refusal(first) == (502, "PAYMENT_PROVIDER_FAILED")
    assert (money(user), told()) == ((10, 0), [])
    assert (outcome_of(shop.send(paid)), money(user)) == ("applied", (110, 0))


def test_rolled_back_event_leaves_nothing_and_is_applied_when_it_comes_again(shop, user, paid, monkeypatch):
    def break_down(*args, **kwargs):
        raise RuntimeError("in the middle")

    with monkeypatch.context() as broken:
        broken.setattr(settlement, "_settle", break_down)
        assert shop.send(paid).status_code == 500
    assert (money(user), entries_of(user), told(), Payment.objects.count()) == ((10, 0), [], [], 0)

    assert (outcome_of(shop.send(paid)), money(user)) == ("applied", (110, 0))


def test_webhook_takes_no_user_s_key_for_a_signature(shop, user, paid):
    answer = api_of(user).post("/api/stripe/webhook", paid)

    assert refusal(answer) == (400, "INVALID_EVENT")
    assert (money(user), told()) == ((10, 0), [])
