"""Stripe by its own SDK, and nothing of ours: ids and amounts in, ids and amounts out.

The SDK is imported when it is first needed: its third of a second shall stay out of the web process until
somebody buys.
No function here may be called inside a transaction.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from django.conf import settings

if TYPE_CHECKING:
    from stripe import StripeClient

TIMEOUT = (3.05, 10)  # seconds to connect, seconds to answer
TOLERANCE = 300  # seconds that a signature may be old


class PaymentsUnavailable(Exception):
    """This installation has no key of Stripe, or no secret to check what claims to come from there."""


class PaymentProviderFailed(Exception):
    """Stripe could not be reached, or would not do it."""


class RequestReused(Exception):
    """Another request was sent to Stripe with this idempotency key."""


class InvalidEvent(Exception):
    """Not signed by Stripe with our secret, too long ago, or no event at all."""


@dataclass(frozen=True)
class Event:
    event_id: str
    kind: str
    happened_at: datetime
    subject: Mapping[str, Any]  # the object as it was when the event happened


def is_available() -> bool:
    return bool(settings.STRIPE_SECRET_KEY)


def create_customer(*, user_id: str, email: str) -> str:
    """The customer's id. Asked for twice at once, Stripe makes one: the key says it is the same request."""
    address = hashlib.sha256(email.encode()).hexdigest()  # it may be longer than a key, and no ASCII
    with _failures():
        customer = _client().v1.customers.create(
            {"email": email, "metadata": {"user_id": user_id}},
            {"idempotency_key": f"customer:{user_id}:{address}"},
        )
    return customer.id


def create_checkout(
    *, mode: str, price_id: str, customer_id: str, success_url: str, cancel_url: str, key: str | None
) -> str:
    """The address of a page that sells one of `price_id`; `mode` is payment or subscription."""
    params = {
        "mode": mode,
        "customer": customer_id,
        "line_items": [{"price": price_id, "quantity": 1}],
        "success_url": success_url,
        "cancel_url": cancel_url,
    }
    with _failures():
        session = _client().v1.checkout.sessions.create(params, {"idempotency_key": key} if key else {})
    return session.url


def create_portal(*, customer_id: str, return_url: str) -> str:
    """The address of the customer's own page at Stripe: receipts, cards, cancelling."""
    with _failures():
        session = _client().v1.billing_portal.sessions.create(
            {"customer": customer_id, "return_url": return_url}
        )
    return session.url


def checkout_session(session_id: str) -> Mapping[str, Any]:
    """The session as it is now, with what was bought: an event does not say it."""
    with _failures():
        session = _client().v1.checkout.sessions.retrieve(session_id, {"expand": ["line_items"]})
    return session.to_dict()


def invoice(invoice_id: str) -> Mapping[str, Any]:
    """The invoice as it is now, with its payments."""
    with _failures():
        return _client().v1.invoices.retrieve(invoice_id, {"expand": ["payments"]}).to_dict()


def verified(*, payload: bytes, signature: str | None) -> Event:
    """Raises InvalidEvent for whatever Stripe did not sign with our secret within TOLERANCE."""
    from stripe import SignatureVerificationError, WebhookSignature

    if not (settings.STRIPE_SECRET_KEY and settings.STRIPE_WEBHOOK_SECRET):
        raise PaymentsUnavailable
    try:
        WebhookSignature.verify_header(payload, signature, settings.STRIPE_WEBHOOK_SECRET, TOLERANCE)
        told = json.loads(payload)
        return Event(
            event_id=told["id"],
            kind=told["type"],
            happened_at=datetime.fromtimestamp(told["created"], UTC),
            subject=told["data"]["object"],
        )
    except (SignatureVerificationError, ValueError, KeyError, TypeError) as error:
        raise InvalidEvent from error


@contextmanager
def _failures() -> Iterator[None]:
    from stripe import IdempotencyError, StripeError

    try:
        yield
    except IdempotencyError as error:
        raise RequestReused from error
    except StripeError as error:
        raise PaymentProviderFailed(str(error)) from error


def _client() -> "StripeClient":
    if not is_available():
        raise PaymentsUnavailable
    return _connect(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


@cache
def _connect(key: str, api_base: str) -> "StripeClient":
    """One per process: its session keeps the connection to Stripe open."""
    from stripe import RequestsClient, StripeClient

    return StripeClient(
        key,
        base_addresses={"api": api_base} if api_base else None,
        http_client=RequestsClient(timeout=TIMEOUT),
        max_network_retries=0,
    )
