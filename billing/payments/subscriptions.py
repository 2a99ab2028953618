"""Plans that are paid for, period by period: the only writer of Subscription.

A paid period gives the plan until its end, and its credits once, with the payment. Like all facts they only
grow: the newest period counts, and an end is for ever, whichever is told first.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from django.db import transaction

from billing import terms
from billing.models import Account, Plan, Subscription
from billing.payments.facts import Line
from billing.plans import FREE

# Stripe asks for a renewal's money an hour after the period's end, and again for days when a card fails. The
# plan stays so long; its credits do not come before the money.
GRACE = timedelta(days=3)
MONTH = timedelta(days=365.25) / 12


@dataclass(frozen=True)
class Period:
    plan: Plan
    starts_at: datetime
    ends_at: datetime
    credits: int


def period_of(lines: tuple[Line, ...]) -> Period | None:
    """What a bill's lines buy: the newest stretch's plan, the credits of all; None without a plan of ours.

    A change of plan within a period is billed as what is left of the new one less what is left of the old.
    """
    plans = {
        plan.price_id: plan for plan in Plan.objects.filter(price_id__in={line.price_id for line in lines})
    }
    known = [line for line in lines if line.price_id in plans]
    bought = [line for line in known if not line.is_credit]
    if not bought:
        return None
    newest = max(bought, key=lambda line: (line.ends_at, line.starts_at))
    credits = sum(plans[line.price_id].monthly_grant * _months(line) for line in known)
    return Period(
        plan=plans[newest.price_id],
        starts_at=newest.starts_at,
        ends_at=newest.ends_at,
        credits=max(0, int(credits)),
    )


def extend(*, subscription_id: str, account: Account, period: Period, now: datetime) -> None:
    """Inside the caller's transaction. Locks the subscription, then the account."""
    subscription = _lock(subscription_id)
    known = (subscription.paid_until, subscription.paid_from)
    # A change of plan within a period begins later and ends with it.
    if subscription.account is None or known < (period.ends_at, period.starts_at):
        subscription.account, subscription.plan = account, period.plan
        subscription.paid_from, subscription.paid_until = period.starts_at, period.ends_at
        subscription.save(update_fields=["account", "plan", "paid_from", "paid_until"])
    _follow(account, now=now)


def end(*, subscription_id: str, now: datetime) -> None:
    """Inside the caller's transaction. Locks the subscription, then the account."""
    subscription = _lock(subscription_id)
    subscription.is_ended = True
    subscription.save(update_fields=["is_ended"])
    if subscription.account is not None:
        _follow(subscription.account, now=now)


def end_unpaid(*, now: datetime) -> int:
    """Take plans away that have not been paid for since GRACE; returns from how many accounts. Idempotent."""
    overdue = Account.objects.filter(plan_paid_until__lt=now - GRACE)
    ended = 0
    for account in overdue.select_related("user").iterator(chunk_size=500):
        with transaction.atomic():
            ended += _follow(account, now=now)
    return ended


def _follow(account: Account, *, now: datetime) -> bool:
    """Put the account on the best plan it pays for, or back on `free`. Returns whether it lost its plan.

    An account whose plan an operator chose pays for none, and is left alone.
    """
    locked = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    paid = Subscription.objects.filter(account=account, is_ended=False, paid_until__gt=now - GRACE)
    best = paid.order_by("-plan__monthly_grant", "-paid_until").first()
    if best is not None:
        terms.set_plan(user=account.user, plan=best.plan_id, paid_until=best.paid_until, now=now)
    elif locked.plan_paid_until is not None:
        terms.set_plan(user=account.user, plan=FREE, now=now)
        return True
    return False


def _months(line: Line) -> Fraction:
    """How many months' credits a stretch is worth: whole ones for a whole period, else its share."""
    exact = Fraction((line.ends_at - line.starts_at) / MONTH).limit_denominator(1000)
    whole = round(exact)
    months = Fraction(whole) if whole and abs(exact - whole) < Fraction(1, 10) else exact
    return -months if line.is_credit else months


def _lock(subscription_id: str) -> Subscription:
    Subscription.objects.bulk_create([Subscription(subscription_id=subscription_id)], ignore_conflicts=True)
    locked = Subscription.objects.select_for_update(no_key=True, of=("self",))
    return locked.select_related("account__user").get(pk=subscription_id)
