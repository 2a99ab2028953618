"""What a user may spend (Account), on which terms (Plan), and every credit that ever moved (LedgerEntry).

Credits are written by `billing/ledger.py` alone, an account's terms by `billing/terms.py`. Nothing here
knows carousels or jobs: an entry names what it was for by a text reference.
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from accounts.models import User
from billing.plans import FREE

SIGNUP_CREDITS = 10
DAILY_LIMIT = 5


class Plan(models.Model):
    """What its accounts get each month and may do; the standard ones and how they came: `billing/plans.py`.

    `running_jobs` NULL means as many as the installation lets anyone run; `features` are words for the
    page that shows plans.
    """

    name = models.SlugField(max_length=20, primary_key=True)
    monthly_grant = models.IntegerField(default=0, db_default=0, help_text="Credits a month")
    daily_limit = models.IntegerField(
        null=True,
        blank=True,
        help_text="Generations a day. Accounts that were set another one keep it. Empty: no limit.",
    )
    running_jobs = models.IntegerField(
        null=True, blank=True, help_text="Jobs at once. Empty: as the installation says."
    )
    has_watermark = models.BooleanField(
        default=False, db_default=False, help_text="Small print on every slide (WATERMARK_TEXT)"
    )
    price_id = models.CharField(
        max_length=255,
        null=True,
        blank=True,
        unique=True,
        help_text="The recurring price at Stripe that buys this plan: price_... Empty: not for sale.",
    )
    features = models.JSONField(
        default=list, blank=True, help_text='Words for who chooses a plan: ["Priority support"]'
    )

    class Meta:
        db_table = "billing_plans"
        constraints = [
            models.CheckConstraint(
                condition=Q(monthly_grant__gte=0),
                name="plan_grant_not_negative",
                violation_error_message="The monthly grant cannot be below 0 credits.",
            ),
            models.CheckConstraint(
                condition=Q(daily_limit=None) | Q(daily_limit__gte=0),
                name="plan_daily_limit_not_negative",
                violation_error_message="The daily limit cannot be below 0; leave it empty for no limit.",
            ),
            models.CheckConstraint(
                condition=Q(running_jobs=None) | Q(running_jobs__gte=1),
                name="plan_lets_a_job_run",
                violation_error_message="A plan lets at least 1 job run at once.",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EntryKind(models.TextChoices):
    SIGNUP = "signup"  # the credits a new account starts with
    GRANT = "grant"  # given: a plan's credits of a period, or the operator's
    CHARGE = "charge"  # taken for a run of a job
    REFUND = "refund"  # a charge given back
    ADJUST = "adjust"  # support staff's correction, up or down, with a reason
    PURCHASE = "purchase"  # bought with money
    RECLAIM = "reclaim"  # a purchase whose money went back: what is there is taken, the rest is owed


class Account(models.Model):
    """`daily_limit` NULL means no limit; `daily_used` counts only while `last_reset_date` is today.

    Monthly grants come on the day of `grants_since`, the next one on `next_grant_on` (UTC). A plan that is
    paid for has `plan_paid_until` instead: its payments bring the credits, and it ends without them.
    `debt` is what could not be reclaimed. Whatever comes in pays it first, so who owes holds nothing.
    """

    user = models.OneToOneField(User, primary_key=True, on_delete=models.PROTECT, related_name="account")
    credits = models.IntegerField(default=0, db_default=0)
    debt = models.IntegerField(default=0, db_default=0)
    plan = models.ForeignKey(
        Plan,
        on_delete=models.PROTECT,
        related_name="accounts",
        db_column="plan",
        db_index=False,
        default=FREE,
        db_default=FREE,
    )
    daily_limit = models.IntegerField(null=True, blank=True, default=DAILY_LIMIT, db_default=DAILY_LIMIT)
    daily_used = models.IntegerField(default=0, db_default=0)
    last_reset_date = models.DateField()
    timezone = models.CharField(max_length=64, default="UTC", db_default="UTC")
    timezone_changed_at = models.DateTimeField(null=True, blank=True)
    grants_since = models.DateField(null=True, blank=True)
    next_grant_on = models.DateField(null=True, blank=True)
    plan_paid_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "billing_accounts"
        constraints = [
            models.CheckConstraint(condition=Q(credits__gte=0), name="account_balance_not_negative"),
            models.CheckConstraint(condition=Q(debt__gte=0), name="account_debt_not_negative"),
            models.CheckConstraint(
                condition=Q(credits=0) | Q(debt=0), name="account_holds_nothing_while_it_owes"
            ),
            models.CheckConstraint(condition=Q(daily_used__gte=0), name="account_daily_used_not_negative"),
            models.CheckConstraint(
                condition=Q(daily_limit=None) | Q(daily_limit__gte=0), name="account_daily_limit_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(grants_since=None, next_grant_on=None)
                | Q(grants_since__isnull=False, next_grant_on__gte=F("grants_since")),
                name="account_grants_since_iff_next",
            ),
            models.CheckConstraint(
                condition=Q(plan_paid_until=None) | Q(next_grant_on=None),
                name="account_is_paid_for_or_granted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["plan_paid_until"],
                condition=Q(plan_paid_until__isnull=False),
                name="idx_accounts_paid",
            ),
            models.Index(fields=["credits"], name="idx_users_credits"),
            models.Index(fields=["plan", "user"], name="idx_accounts_plan"),
            models.Index(
                fields=["timezone", "user"], condition=Q(daily_used__gt=0), name="idx_accounts_used"
            ),
        ]

    def __str__(self) -> str:
        return f"account {self.user_id}"


class LedgerEntry(models.Model):
    """Append-only: a trigger refuses UPDATE, DELETE and TRUNCATE (migration 0001).

    `credits` is how the balance moved and `debt` how the debt did: 100 bought while 30 are owed are +70 and
    -30. `amount`, one less the other, is what the entry was about.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    kind = models.CharField(max_length=10, choices=EntryKind)
    credits = models.IntegerField()
    balance_after = models.IntegerField()
    debt = models.IntegerField(default=0, db_default=0)
    debt_after = models.IntegerField(default=0, db_default=0)
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
            models.CheckConstraint(condition=~Q(credits=0, debt=0), name="ledger_moves_something"),
            models.CheckConstraint(condition=Q(balance_after__gte=0), name="ledger_balance_not_negative"),
            models.CheckConstraint(condition=Q(debt_after__gte=0), name="ledger_debt_not_negative"),
            models.CheckConstraint(
                condition=Q(debt__lte=0) | Q(kind=EntryKind.RECLAIM), name="ledger_only_reclaim_makes_debt"
            ),
            models.CheckConstraint(condition=Q(kind__in=EntryKind.values), name="ledger_kind_known"),
        ]
        indexes = [models.Index(F("account"), F("id").desc(), name="idx_ledger_account_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount:+d} ({self.reference})"

    @property
    def amount(self) -> int:
        """What the entry was about, whichever of the two it moved: 100 bought are 100."""
        return self.credits - self.debt

    @property
    def job_run(self) -> tuple[str | None, int | None]:
        """The job and its run that the reference names, if it does; nothing here knows more of jobs."""
        kind, _, rest = self.reference.partition(":")
        job_id, _, run = rest.rpartition(":")
        return (job_id, int(run)) if kind == "job" and job_id and run.isdecimal() else (None, None)


class LedgerAudit(models.Model):
    """What an audit found: `lines` name the first rows that were off, `counts` what there was to prove."""

    at = models.DateTimeField()
    seconds = models.FloatField()
    faults = models.IntegerField()
    lines = models.JSONField(default=list)
    counts = models.TextField()

    class Meta:
        db_table = "billing_audits"
        constraints = [
            models.CheckConstraint(condition=Q(faults__gte=0), name="audit_faults_not_negative"),
        ]

    def __str__(self) -> str:
        return f"audit of {self.at:%Y-%m-%d %H:%M}"
