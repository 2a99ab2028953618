"""A shop on this machine: packs for sale, a Stripe that sells them, and its signed events."""

import hashlib
import hmac
import json
import time
from datetime import datetime
from typing import Any

from rest_framework.response import Response
from rest_framework.test import APIClient

from billing.models import Account, CreditPack, Customer, LedgerEntry, Plan
from tests.billing.payments.server import Stripe
from tests.conftest import api_of

SECRET = "whsec_of_the_loopback"
WEBHOOK = "/api/stripe/webhook"


def signature(payload: bytes, *, secret: str = SECRET, at: float | None = None) -> str:
    """The algorithm that Stripe publishes, written here a second time: v1 = HMAC-SHA256 of `t.payload`."""
    at = int(time.time() if at is None else at)
    signed = hmac.new(secret.encode(), f"{at}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={at},v1={signed}"


def line(price_id: str, starts_at: datetime, ends_at: datetime, *, amount: int = 1900) -> dict:
    """A stretch on a bill, as this version of Stripe's API writes it."""
    return {
        "object": "line_item",
        "amount": amount,
        "period": {"start": int(starts_at.timestamp()), "end": int(ends_at.timestamp())},
        "pricing": {"type": "price_details", "price_details": {"price": price_id, "product": "prod_1"}},
    }


class Shop:
    def __init__(self, stripe: Stripe) -> None:
        self.stripe = stripe
        self.pack = self.sell(credits=100, price_id="price_100", amount=900)

    def sell(self, *, credits: int, price_id: str, amount: int) -> CreditPack:
        self.stripe.prices[price_id] = (amount, "usd")
        return CreditPack.objects.create(
            name=f"{credits} credits", credits=credits, price_id=price_id, amount=amount / 100
        )

    def open(self, user, *, pack: CreditPack | None = None) -> dict:
        """A checkout session, opened through the API."""
        answer = api_of(user).post("/api/credits/checkout", {"packId": (pack or self.pack).pk})
        assert answer.status_code == 200, answer.content
        return self.stripe.objects[answer.data["data"]["url"].rsplit("/", 1)[1]]

    def pay(self, session: dict) -> dict:
        """The buyer pays; returns the event."""
        session |= {
            "status": "complete",
            "payment_status": "paid",
            "payment_intent": session["payment_intent"] or self.stripe.name("pi"),
        }
        return self.event("checkout.session.completed", session)

    def buy(self, user, **kwargs: Any) -> str:
        """A whole purchase; returns the payment's id."""
        session = self.open(user, **kwargs)
        assert self.send(self.pay(session)).status_code == 200
        return session["payment_intent"]

    def sell_plan(self, name: str, *, price_id: str, amount: int) -> Plan:
        self.stripe.prices[price_id] = (amount, "usd")
        Plan.objects.filter(pk=name).update(price_id=price_id)
        return Plan.objects.get(pk=name)

    def invoice(self, user, *lines: dict, subscription: str = "sub_1", amount: int = 1900) -> dict:
        """The event of a bill that was paid. The buyer's customer is made when there is none."""
        if not Customer.objects.filter(pk=user.pk).exists():
            self.open(user)
        payment = {"type": "payment_intent", "payment_intent": self.stripe.name("pi")}
        made = {
            "id": self.stripe.name("in"),
            "object": "invoice",
            "status": "paid",
            "customer": Customer.objects.get(pk=user.pk).customer_id,
            "amount_paid": amount,
            "currency": "usd",
            "parent": {"subscription_details": {"subscription": subscription, "metadata": {}}},
            "lines": {"object": "list", "data": list(lines)},
            "payments": {"object": "list", "data": [{"status": "paid", "payment": payment}]},
        }
        return self.event("invoice.paid", self.stripe.keep(made))

    def ended(self, subscription: str = "sub_1", *, kind: str = "deleted", status: str = "canceled") -> dict:
        told = {"id": subscription, "object": "subscription", "status": status}
        return self.event(f"customer.subscription.{kind}", told)

    def refund(self, payment_id: str, *, amount: int, of: int = 900) -> dict:
        """The event of a charge of which `amount` has been refunded by now."""
        charge = {"id": f"ch_of_{payment_id}", "object": "charge", "payment_intent": payment_id}
        refunded = {"amount": of, "amount_refunded": amount, "currency": "usd"}
        return self.event("charge.refunded", charge | refunded)

    def dispute(self, payment_id: str, kind: str, *, status: str, amount: int = 900, number: int = 1) -> dict:
        dispute = {"id": f"dp_{number}_of_{payment_id}", "object": "dispute", "payment_intent": payment_id}
        claimed = {"charge": f"ch_of_{payment_id}", "amount": amount, "currency": "usd", "status": status}
        return self.event(f"charge.dispute.{kind}", dispute | claimed)

    def event(self, kind: str, subject: dict) -> dict:
        """As Stripe delivers it: a session comes without what was bought."""
        return {
            "id": self.stripe.name("evt"),
            "object": "event",
            "api_version": "2026-10-28.endive",
            "created": int(time.time()),
            "type": kind,
            "data": {"object": {key: value for key, value in subject.items() if key != "line_items"}},
        }

    def send(self, event: dict, *, secret: str = SECRET, at: float | None = None) -> Response:
        payload = json.dumps(event).encode()
        return self.send_raw(payload, signature(payload, secret=secret, at=at))

    def send_raw(self, payload: bytes, header: str | None) -> Response:
        headers = {} if header is None else {"Stripe-Signature": header}
        client = APIClient(raise_request_exception=False)
        return client.generic("POST", WEBHOOK, payload, content_type="application/json", headers=headers)


def money(user) -> tuple[int, int]:
    """Held, owed."""
    return Account.objects.values_list("credits", "debt").get(pk=user.pk)


def entries_of(user) -> list[tuple[str, int]]:
    """Kind and amount of every entry but the signup's, oldest first."""
    entries = LedgerEntry.objects.filter(account=user.pk).exclude(kind="signup").order_by("pk")
    return [(entry.kind, entry.amount) for entry in entries]
