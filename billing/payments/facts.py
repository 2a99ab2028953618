"""What an event of Stripe says happened, in our words. Reads from Stripe what the event leaves out.

Facts are the same however often and in whatever order they are told; nothing is decided here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from billing.payments import client
from billing.payments.client import Event


@dataclass(frozen=True)
class Sale:
    """A pack was paid for. `prices` are Stripe's ids of what was bought, each with how many."""

    payment_id: str
    customer_id: str
    prices: tuple[tuple[str, int], ...]
    amount: int  # in the currency's smallest unit
    currency: str


@dataclass(frozen=True)
class Reversal:
    """Money of a payment went back to the buyer, or (`is_returned`) came back to us after a dispute."""

    source: str
    payment_id: str
    amount: int  # of this source, all that went back by now
    currency: str
    is_returned: bool = False


@dataclass(frozen=True)
class Line:
    """A stretch of time on a plan; `is_credit` for what a change of plan gives back of a paid one."""

    price_id: str
    starts_at: datetime
    ends_at: datetime
    is_credit: bool


@dataclass(frozen=True)
class Renewal:
    """A period of a subscription was paid for."""

    payment_id: str
    customer_id: str
    subscription_id: str
    lines: tuple[Line, ...]
    amount: int
    currency: str


@dataclass(frozen=True)
class Ending:
    """A subscription is over, for ever."""

    subscription_id: str


Fact = Sale | Reversal | Renewal | Ending


def read(event: Event) -> Fact | None:
    """None for an event that we do not act upon. May ask Stripe: never inside a transaction."""
    reader = READERS.get(event.kind)
    return reader(event.subject) if reader else None


def _sale(session: Mapping[str, Any]) -> Sale | None:
    if session["mode"] != "payment" or session["payment_status"] == "unpaid":
        return None  # a subscription's money is its invoice's; a slow payment's comes with a later event
    session = client.checkout_session(session["id"])
    return Sale(
        payment_id=session["payment_intent"] or session["id"],  # no intent when there was nothing to pay
        customer_id=session["customer"] or "",
        prices=tuple((line["price"]["id"], line["quantity"]) for line in session["line_items"]["data"]),
        amount=session["amount_total"],
        currency=session["currency"],
    )


def _renewal(told: Mapping[str, Any]) -> Renewal | None:
    invoice = client.invoice(told["id"])
    parent = (invoice["parent"] or {}).get("subscription_details")
    if parent is None or invoice["status"] != "paid":
        return None  # a bill of another kind
    paid = [payment["payment"] for payment in invoice["payments"]["data"] if payment["status"] == "paid"]
    intents = [payment["payment_intent"] for payment in paid if payment["type"] == "payment_intent"]
    return Renewal(
        payment_id=intents[0] if intents else invoice["id"],  # no intent when there was nothing to pay
        customer_id=invoice["customer"] or "",
        subscription_id=parent["subscription"],
        lines=tuple(_line(line) for line in invoice["lines"]["data"]),
        amount=invoice["amount_paid"],
        currency=invoice["currency"],
    )


def _line(line: Mapping[str, Any]) -> Line:
    pricing = (line["pricing"] or {}).get("price_details") or {}
    return Line(
        price_id=pricing.get("price", ""),
        starts_at=datetime.fromtimestamp(line["period"]["start"], UTC),
        ends_at=datetime.fromtimestamp(line["period"]["end"], UTC),
        is_credit=line["amount"] < 0,
    )


def _ending(subscription: Mapping[str, Any]) -> Ending | None:
    return Ending(subscription["id"]) if subscription["status"] == "canceled" else None


def _refund(charge: Mapping[str, Any]) -> Reversal | None:
    return _reversal(charge, source=charge["id"], amount=charge["amount_refunded"])


def _dispute(dispute: Mapping[str, Any]) -> Reversal | None:
    if dispute["status"].startswith("warning"):
        return None  # an inquiry moves no money
    return _reversal(
        dispute, source=dispute["id"], amount=dispute["amount"], is_returned=dispute["status"] == "won"
    )


def _reinstatement(dispute: Mapping[str, Any]) -> Reversal | None:
    return _reversal(dispute, source=dispute["id"], amount=dispute["amount"], is_returned=True)


def _reversal(subject: Mapping[str, Any], **told: Any) -> Reversal | None:
    payment_id = subject["payment_intent"]
    if payment_id is None:
        return None  # not a payment of Checkout
    return Reversal(payment_id=payment_id, currency=subject["currency"], **told)


READERS: dict[str, Callable[[Mapping[str, Any]], Fact | None]] = {
    "checkout.session.completed": _sale,
    "checkout.session.async_payment_succeeded": _sale,
    "invoice.paid": _renewal,
    "customer.subscription.updated": _ending,
    "customer.subscription.deleted": _ending,
    "charge.refunded": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.closed": _dispute,
    "charge.dispute.funds_reinstated": _reinstatement,
}
