"""What a user may spend (Account) and every credit that ever moved (LedgerEntry).

Rows are written by `billing/ledger.py` alone. Nothing here knows carousels or jobs: an entry names
what it was for by a text reference.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User

SIGNUP_CREDITS = 10
DAILY_LIMIT = 5


class Plan(models.TextChoices):
    FREE = "free"
    PRO = "pro"
    PREMIUM = "premium"


class EntryKind(models.TextChoices):
    SIGNUP = "signup"  # the credits a new account starts with
    GRANT = "grant"  # given by the operator
    CHARGE = "charge"  # taken for a run of a job
    REFUND = "refund"  # a charge given back
    ADJUST = "adjust"  # support staff's correction, up or down, with a reason


class Account(models.Model):
    """`daily_limit` NULL means no limit; `daily_used` counts only while `last_reset_date` is today."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.PROTECT, related_name="account")
    credits = models.IntegerField(default=0, db_default=0)
    debt = models.IntegerField(default=0, db_default=0)
    plan = models.CharField(max_length=20, choices=Plan, default=Plan.FREE, db_default=Plan.FREE)
    daily_limit = models.IntegerField(null=True, blank=True, default=DAILY_LIMIT, db_default=DAILY_LIMIT)
    daily_used = models.IntegerField(default=0, db_default=0)
    last_reset_date = models.DateField()
    timezone = models.CharField(max_length=64, default="UTC", db_default="UTC")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "billing_accounts"
        constraints = [
            models.CheckConstraint(condition=Q(credits__gte=0), name="account_balance_not_negative"),
            models.CheckConstraint(condition=Q(debt__gte=0), name="account_debt_not_negative"),
            models.CheckConstraint(condition=Q(daily_used__gte=0), name="account_daily_used_not_negative"),
            models.CheckConstraint(
                condition=Q(daily_limit=None) | Q(daily_limit__gte=0), name="account_daily_limit_not_negative"
            ),
            models.CheckConstraint(condition=Q(plan__in=Plan.values), name="account_plan_known"),
        ]
        indexes = [models.Index(fields=["credits"], name="idx_users_credits")]

    def __str__(self) -> str:
        return f"account {self.user_id}"


class LedgerEntry(models.Model):
    """Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE (migration 0001)."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=EntryKind)
    credits = models.IntegerField()
    balance_after = models.IntegerField()
    reference = models.CharField(max_length=200)
    usage_date = models.DateField(
        null=True, blank=True, help_text="The day whose limit this charge counted on"
    )
    actor = models.CharField(max_length=200)
    note = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "billing_ledger"
        verbose_name_plural = "ledger entries"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "kind", "reference"], name="ledger_reference_once_per_kind"
            ),
            models.CheckConstraint(condition=~Q(credits=0), name="ledger_credits_not_zero"),
            models.CheckConstraint(condition=Q(balance_after__gte=0), name="ledger_balance_not_negative"),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="ledger_kind_known"),
        ]
        indexes = [models.Index(F("account"), F("id").desc(), name="idx_ledger_account_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.credits:+d} ({self.reference})"
