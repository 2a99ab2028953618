"""What an event of Stripe says happened, in our words. Reads from Stripe what the event leaves out.

Facts are the same however often and in whatever order they are told; nothing is decided here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


Fact = Sale | Reversal


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
    "charge.refunded": _refund,
    "charge.dispute.created": _dispute,
    "charge.dispute.funds_withdrawn": _dispute,
    "charge.dispute.closed": _dispute,
    "charge.dispute.funds_reinstated": _reinstatement,
}
