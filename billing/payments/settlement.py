"""From facts to credits: the only writer of Payment and MoneyBack, by one rule that knows no order.

A fact is written first; then the payment's credits are made what its facts say: all of them, less the
share whose money went back. Only the difference is posted, so a fact that is told twice, or a refund that
is told before its purchase, ends in the same entries.
"""

from datetime import datetime

from billing import ledger
from billing.models import Account, CreditPack, MoneyBack, Outcome, Payment
from billing.payments import subscriptions
from billing.payments.facts import Ending, Fact, Renewal, Reversal, Sale

ACTOR = "stripe"


def apply(fact: Fact, *, event_id: str, now: datetime) -> Outcome:
    """Inside the caller's transaction, which holds the event. Locks the payment, then the account."""
    if isinstance(fact, Sale):
        return _sell(fact, event_id=event_id, now=now)
    if isinstance(fact, Renewal):
        return _renew(fact, event_id=event_id, now=now)
    if isinstance(fact, Ending):
        subscriptions.end(subscription_id=fact.subscription_id, now=now)
        return Outcome.APPLIED
    return _reverse(fact, event_id=event_id, now=now)


def _sell(sale: Sale, *, event_id: str, now: datetime) -> Outcome:
    credits = _credits_for(sale.prices)
    if credits is None:
        return Outcome.UNKNOWN_PRICE
    account = _account_of(sale.customer_id)
    if account is None:
        return Outcome.UNKNOWN_CUSTOMER
    payment = _lock(sale.payment_id)
    if payment.account_id is None:
        _book(payment, sale, account=account, credits=credits, now=now)
    _settle(payment, event_id=event_id, now=now)
    return Outcome.APPLIED


def _renew(renewal: Renewal, *, event_id: str, now: datetime) -> Outcome:
    period = subscriptions.period_of(renewal.lines)
    if period is None:
        return Outcome.UNKNOWN_PRICE
    account = _account_of(renewal.customer_id)
    if account is None:
        return Outcome.UNKNOWN_CUSTOMER
    payment = _lock(renewal.payment_id)
    if payment.account_id is None:
        subscriptions.extend(subscription_id=renewal.subscription_id, account=account, period=period, now=now)
        _book(payment, renewal, account=account, credits=period.credits, now=now)
    _settle(payment, event_id=event_id, now=now)
    return Outcome.APPLIED


def _account_of(customer_id: str) -> Account | None:
    return Account.objects.select_related("user").filter(customer__customer_id=customer_id).first()


def _book(payment: Payment, paid: Sale | Renewal, *, account: Account, credits: int, now: datetime) -> None:
    payment.account, payment.credits = account, credits
    payment.amount, payment.currency = paid.amount, paid.currency
    payment.save(update_fields=["account", "credits", "amount", "currency"])
    if credits:
        reference = f"stripe:{payment.pk}"
        ledger.purchase(user=account.user, credits=credits, reference=reference, now=now, actor=ACTOR)


def _reverse(reversal: Reversal, *, event_id: str, now: datetime) -> Outcome:
    payment = _lock(reversal.payment_id)
    told, is_new = MoneyBack.objects.get_or_create(
        source=reversal.source,
        defaults={
            "payment": payment,
            "amount": reversal.amount,
            "currency": reversal.currency,
            "is_returned": reversal.is_returned,
        },
    )
    if not is_new:
        told.amount = max(told.amount, reversal.amount)
        told.is_returned = told.is_returned or reversal.is_returned
        told.save(update_fields=["amount", "is_returned"])
    _settle(payment, event_id=event_id, now=now)
    return Outcome.APPLIED


def _settle(payment: Payment, *, event_id: str, now: datetime) -> None:
    if payment.account_id is None:
        return  # the purchase is still to come, and settles what is known by then
    due = _credits_back(payment)
    difference = due - payment.reclaimed
    if difference == 0:
        return
    payment.reclaimed = due
    payment.save(update_fields=["reclaimed"])
    verb, note = (
        (ledger.reclaim, "the money went back") if difference > 0 else (ledger.purchase, "a dispute was won")
    )
    verb(
        user=payment.account.user,
        credits=abs(difference),
        reference=f"stripe:{payment.pk}:{event_id}",
        now=now,
        actor=ACTOR,
        note=note,
    )


def _credits_back(payment: Payment) -> int:
    """The share of the payment's credits whose money is with the buyer, rounded in the buyer's favour."""
    back = payment.money_back.filter(is_returned=False)
    if back.exclude(currency=payment.currency).exists():
        return payment.credits  # shares of different currencies cannot be told; an operator corrects
    amount = min(sum(back.values_list("amount", flat=True)), payment.amount)
    return payment.credits * amount // payment.amount if payment.amount else 0


def _credits_for(prices: tuple[tuple[str, int], ...]) -> int | None:
    """What was bought, by our own rows; None when one of the prices is in none of them."""
    packs = dict(
        CreditPack.objects.filter(price_id__in=[price for price, _ in prices]).values_list(
            "price_id", "credits"
        )
    )
    if not prices or any(price not in packs for price, _ in prices):
        return None
    return sum(packs[price] * quantity for price, quantity in prices)


def _lock(payment_id: str) -> Payment:
    Payment.objects.bulk_create([Payment(payment_id=payment_id)], ignore_conflicts=True)
    locked = Payment.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("account__user").get(pk=payment_id)
