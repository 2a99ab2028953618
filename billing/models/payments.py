"""What is sold through Stripe (CreditPack), and the facts that Stripe told us of each sale.

Facts only grow: whatever order they come in, the same rows are left. What they mean in credits is
decided in `billing/payments/settlement.py`. Ids are Stripe's own.
"""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from billing.models.accounts import Account, Plan


class CreditPack(models.Model):
    """Credits for sale. To change what a price buys, make another price at Stripe and another pack."""

    name = models.CharField(max_length=100)
    credits = models.IntegerField()
    price_id = models.CharField(
        max_length=255, unique=True, help_text="The price at Stripe that buys this pack: price_..."
    )
    amount = models.DecimalField(
        max_digits=10, decimal_places=2, help_text="What is shown; what is paid is the price at Stripe."
    )
    currency = models.CharField(max_length=3, default="usd", help_text="ISO 4217, in small letters: usd")
    is_active = models.BooleanField(default=True, help_text="Off: no longer sold. What was paid is honoured.")

    class Meta:
        db_table = "billing_packs"
        constraints = [
            models.CheckConstraint(
                condition=Q(credits__gte=1),
                name="pack_gives_credits",
                violation_error_message="A pack has to give at least 1 credit.",
            ),
            models.CheckConstraint(
                condition=Q(amount__gte=0),
                name="pack_amount_not_negative",
                violation_error_message="The amount cannot be below 0.",
            ),
            models.CheckConstraint(
                condition=Q(currency__regex="^[a-z]{3}$"),
                name="pack_currency_is_a_code",
                violation_error_message="The currency is its code in three small letters, such as usd.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.credits} credits)"


class Customer(models.Model):
    """The account's name at Stripe. Events are matched by it: nobody but us can write it."""

    account = models.OneToOneField(
        Account, primary_key=True, on_delete=models.PROTECT, related_name="customer"
    )
    customer_id = models.CharField(max_length=255, unique=True)

    class Meta:
        db_table = "billing_customers"

    def __str__(self) -> str:
        return self.customer_id


class Payment(models.Model):
    """Money that came, or whose going back was told first: then account, credits and amount are NULL.

    `amount` is in the currency's smallest unit, as Stripe counts. `reclaimed` is how many of its credits
    have been taken back by now.
    """

    payment_id = models.CharField(max_length=255, primary_key=True, help_text="The payment intent")
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="payments")
    credits = models.IntegerField(null=True)
    amount = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=3, null=True)
    reclaimed = models.IntegerField(default=0, db_default=0)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "billing_payments"
        constraints = [
            models.CheckConstraint(
                condition=Q(account=None, credits=None, amount=None, currency=None, reclaimed=0)
                | Q(
                    account__isnull=False,
                    credits__gte=0,
                    amount__gte=0,
                    currency__isnull=False,
                    reclaimed__gte=0,
                    reclaimed__lte=models.F("credits"),
                ),
                name="payment_known_whole_or_not_at_all",
            )
        ]

    def __str__(self) -> str:
        return self.payment_id


class MoneyBack(models.Model):
    """A refund (`source` is the charge, `amount` all that was refunded of it by now) or a dispute.

    A dispute that was won has come back to us: `is_returned`, for ever.
    """

    source = models.CharField(max_length=255, primary_key=True)
    payment = models.ForeignKey(Payment, on_delete=models.PROTECT, related_name="money_back")
    amount = models.BigIntegerField()
    currency = models.CharField(max_length=3)
    is_returned = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "billing_money_back"
        verbose_name_plural = "money back"
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="money_back_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.amount} {self.currency}"


class Subscription(models.Model):
    """A plan that is paid for period by period: the newest period, and whether it was the last."""

    subscription_id = models.CharField(max_length=255, primary_key=True)
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="subscriptions")
    plan = models.ForeignKey(Plan, null=True, on_delete=models.PROTECT, related_name="+")
    paid_from = models.DateTimeField(null=True)
    paid_until = models.DateTimeField(null=True)
    is_ended = models.BooleanField(default=False, db_default=False)

    class Meta:
        db_table = "billing_subscriptions"
        constraints = [
            models.CheckConstraint(
                condition=Q(account=None, plan=None, paid_from=None, paid_until=None)
                | Q(account__isnull=False, plan__isnull=False, paid_from__lte=models.F("paid_until")),
                name="subscription_paid_whole_or_not_at_all",
            )
        ]

    def __str__(self) -> str:
        return self.subscription_id


class Outcome(models.TextChoices):
    """What an event led to. Only the first two are final: the others are judged anew when Stripe resends."""

    APPLIED = "applied"
    IGNORED = "ignored"  # nothing we act upon
    RECEIVED = "received"  # within its transaction alone
    UNKNOWN_PRICE = "unknown_price"  # paid for a price that no pack and no plan names: nothing was given
    UNKNOWN_CUSTOMER = "unknown_customer"  # paid by a customer who is none of our accounts

    @classmethod
    def final(cls) -> list[str]:
        return [cls.APPLIED, cls.IGNORED]


class StripeEvent(models.Model):
    """An event of Stripe, in the transaction of what it led to. Its body, of personal data, is not kept."""

    event_id = models.CharField(max_length=255, primary_key=True)
    kind = models.CharField(max_length=100)
    object_id = models.CharField(max_length=255)
    outcome = models.CharField(max_length=20, choices=Outcome)
    note = models.TextField(blank=True, default="", db_default="")
    happened_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "billing_stripe_events"
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=Outcome.values), name="stripe_event_outcome_known")
        ]
        indexes = [
            models.Index(
                fields=["received_at"],
                condition=~Q(outcome__in=["applied", "ignored"]),
                name="idx_events_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id}"
