"""The way to Stripe's pages: to buy a pack, and to one's own receipts. The only writer of Customer.

Nothing is charged or granted here, and no transaction is open while Stripe is asked.
"""

import hashlib
from datetime import datetime

from accounts.models import User
from billing import ledger
from billing.models import CreditPack, Customer, Plan, Subscription
from billing.payments import client, subscriptions


class PackNotFound(Exception):
    """No pack of this id is for sale."""


class PlanNotForSale(Exception):
    """No plan of this name has a price."""


class AlreadySubscribed(Exception):
    """The user pays for a plan already: a change is made at Stripe's portal, not bought beside it."""


class NeverBought(Exception):
    """The user has no page at Stripe: nothing was ever bought."""


def packs() -> list[CreditPack]:
    """What is for sale, the smallest first."""
    return list(CreditPack.objects.filter(is_active=True).order_by("credits", "pk"))


def plans() -> list[Plan]:
    return list(Plan.objects.filter(price_id__isnull=False).order_by("monthly_grant", "pk"))


def buy_pack(
    *, user: User, pack_id: int, success_url: str, cancel_url: str, key: str | None, now: datetime
) -> str:
    """The address where the user pays. `key` is the caller's own: Stripe answers it with the same page."""
    _require_sales()
    pack = CreditPack.objects.filter(pk=pack_id, is_active=True).first()
    if pack is None:
        raise PackNotFound
    return client.create_checkout(
        mode="payment",
        price_id=pack.price_id,
        customer_id=_customer_of(user=user, now=now),
        success_url=success_url,
        cancel_url=cancel_url,
        key=_key_at_stripe(user, key),
    )


def subscribe(
    *, user: User, plan: str, success_url: str, cancel_url: str, key: str | None, now: datetime
) -> str:
    """The address where the user begins to pay for the plan of this name."""
    _require_sales()
    wanted = Plan.objects.filter(pk=plan, price_id__isnull=False).first()
    if wanted is None:
        raise PlanNotForSale
    paid = Subscription.objects.filter(account=user.pk, is_ended=False)
    if paid.filter(paid_until__gt=now - subscriptions.GRACE).exists():
        raise AlreadySubscribed
    return client.create_checkout(
        mode="subscription",
        price_id=wanted.price_id,
        customer_id=_customer_of(user=user, now=now),
        success_url=success_url,
        cancel_url=cancel_url,
        key=_key_at_stripe(user, key),
    )


def portal(*, user: User, return_url: str) -> str:
    """The address of the user's own page at Stripe."""
    _require_sales()
    customer = Customer.objects.filter(pk=user.pk).first()
    if customer is None:
        raise NeverBought
    return client.create_portal(customer_id=customer.customer_id, return_url=return_url)


def _require_sales() -> None:
    if not client.is_available():
        raise client.PaymentsUnavailable


def _key_at_stripe(user: User, key: str | None) -> str | None:
    """One space for all users there, and 255 characters at most."""
    return key and hashlib.sha256(f"{user.pk} {key}".encode()).hexdigest()


def _customer_of(*, user: User, now: datetime) -> str:
    """The user's id at Stripe, made at the first purchase: of two made at once, Stripe and we keep one."""
    if known := Customer.objects.filter(pk=user.pk).first():
        return known.customer_id
    account = ledger.open_account(user=user, now=now)
    made = client.create_customer(user_id=str(user.pk), email=user.email)
    Customer.objects.bulk_create([Customer(account=account, customer_id=made)], ignore_conflicts=True)
    return Customer.objects.get(pk=user.pk).customer_id
