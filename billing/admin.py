"""Accounts and the ledger for support staff: shown, and corrected through the domain's own verbs alone.

Correcting is a form with a reason; the reference drawn with it makes a double click one entry.
Plans are the exception: their rows are edited here and nowhere else.
"""

import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

import billing.payments.admin  # noqa: F401  registers what is sold
from accounts.desk import ROWS_PER_PAGE, ListPage, OperatorForm, OperatorPages, ReadOnly, operator_of
from billing import ledger, limits, terms
from billing.ledger import InsufficientCredits
from billing.models import Account, EntryKind, LedgerAudit, LedgerEntry, Plan

RECENT = 20
MOST_CREDITS = 1_000_000  # per correction: a slip of the finger must not reach the column's end
MOST_A_DAY = 10_000


def entries_for(request: HttpRequest, entries: QuerySet[LedgerEntry]) -> list[LedgerEntry] | None:
    """The newest of these entries, for the table on another row's page; None for who may not see them."""
    if not request.user.has_perm("billing.view_ledgerentry"):
        return None
    return list(entries.order_by("-id")[:RECENT])


def _not_zero(credits: int) -> None:
    if credits == 0:
        raise ValidationError("Zero would change nothing.")


class AdjustForm(OperatorForm):
    title = "Adjust credits"
    credits = forms.IntegerField(
        min_value=-MOST_CREDITS,
        max_value=MOST_CREDITS,
        validators=[_not_zero],
        help_text="Added to the balance; below zero they are taken away.",
    )
    drawn = forms.UUIDField(widget=forms.HiddenInput)
    field_order = ("credits", "reason")

    @property
    def reference(self) -> str:
        return f"adjust:{self.cleaned_data['drawn']}"

    def apply(self, *, account: Account, operator: str) -> str | None:
        """Post the entry; returns what was done, None when this form had done it before."""
        if account.entries.filter(kind=EntryKind.ADJUST, reference=self.reference).exists():
            return None
        credits = self.cleaned_data["credits"]
        try:
            adjusted = ledger.adjust(
                user=account.user,
                credits=credits,
                reference=self.reference,
                now=timezone.now(),
                actor=operator,
                note=self.cleaned_data["reason"],
            )
        except InsufficientCredits as error:
            raise ValidationError(f"{account.user.email} has {error.available} credits only.") from error
        return f"{credits:+d} credits, {adjusted.credits} now"


class DailyLimitForm(OperatorForm):
    title = "Set daily limit"
    daily_limit = forms.IntegerField(
        min_value=0, max_value=MOST_A_DAY, required=False, help_text="Empty: no limit."
    )
    field_order = ("daily_limit", "reason")

    def apply(self, *, account: Account, operator: str) -> str | None:
        """Set the limit; returns what was done, None when it was so before."""
        daily_limit = self.cleaned_data["daily_limit"]
        if account.daily_limit == daily_limit:
            return None
        terms.set_daily_limit(user=account.user, daily_limit=daily_limit, now=timezone.now())
        return f"daily limit {_limit(account.daily_limit)} -> {_limit(daily_limit)}"


class PlanForm(OperatorForm):
    title = "Set plan"
    plan = forms.ModelChoiceField(
        Plan.objects.order_by("pk"), help_text="Brings its daily limit and its credits of the month along."
    )
    field_order = ("plan", "reason")

    def apply(self, *, account: Account, operator: str) -> str | None:
        """Put the account on the plan; returns what was done, None when it was on it before."""
        plan = self.cleaned_data["plan"]
        if account.plan_id == plan.pk:
            return None
        before = account.plan_id
        changed = terms.set_plan(user=account.user, plan=plan.pk, now=timezone.now())
        return f"plan {before} -> {plan}, daily limit {_limit(changed.daily_limit)}"


def _limit(value: int | None) -> str:
    return "none" if value is None else str(value)


@admin.register(Account)
class AccountAdmin(OperatorPages, ListPage):
    list_display = ("user", "plan", "credits", "debt", "used_today", "limit", "created_at")
    list_filter = ("plan",)
    list_select_related = ("user",)
    fields = ("user", "plan", "credits", "debt", "used_today", "limit", "timezone", "created_at")
    readonly_fields = ("used_today", "limit")
    search_fields = ("user__email__contains",)
    ordering = ("user__email",)
    actions = ["adjust", "set_daily_limit", "set_plan"]
    operator_forms = {"adjust": AdjustForm, "daily-limit": DailyLimitForm, "plan": PlanForm}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Account]:
        return super().get_queryset(request).select_related("user")

    @admin.display(description="used today")
    def used_today(self, account: Account) -> int:
        return limits.used_on(account=account, today=limits.today_of(account=account, now=timezone.now()))

    @admin.display(description="daily limit", ordering="daily_limit")
    def limit(self, account: Account) -> str:
        return _limit(account.daily_limit)

    @admin.action(description="Adjust credits", permissions=["operate"])
    def adjust(self, request: HttpRequest, accounts: QuerySet[Account]) -> HttpResponse | None:
        return self.open_form(request, accounts, "adjust")

    @admin.action(description="Set daily limit", permissions=["operate"])
    def set_daily_limit(self, request: HttpRequest, accounts: QuerySet[Account]) -> HttpResponse | None:
        return self.open_form(request, accounts, "daily-limit")

    @admin.action(description="Set plan", permissions=["operate"])
    def set_plan(self, request: HttpRequest, accounts: QuerySet[Account]) -> HttpResponse | None:
        return self.open_form(request, accounts, "plan")

    def drawn_for(self, rows: Sequence[Account]) -> str:
        return str(uuid.uuid4())

    def describe(self, row: Account) -> str:
        standing = f"plan {row.plan_id}, {row.credits} credits, daily limit {_limit(row.daily_limit)}"
        return f"{row.user.email}: {standing}"

    def operate(self, request: HttpRequest, form: OperatorForm, rows: Sequence[Account]) -> bool:
        """All of the accounts or none: an overdraw of one is the form's error."""
        try:
            done = self._apply(request, form, rows)
        except ValidationError as overdraw:
            form.add_error(None, overdraw)
            return False
        for line in done:
            self.message_user(request, line, messages.SUCCESS)
        if not done:
            self.message_user(request, "Nothing was left to do: this was done before.", messages.WARNING)
        return True

    @transaction.atomic
    def _apply(self, request: HttpRequest, form: OperatorForm, rows: Sequence[Account]) -> list[str]:
        # Locked in one order, so that two operators cannot wait for each other, and before asking
        # whether the form was sent already, so that the second of two clicks sees the first.
        locked = Account.objects.select_for_update(no_key=True, of=("self",)).select_related("user")
        done = []
        for account in locked.filter(pk__in=[row.pk for row in rows]).order_by("pk"):
            if outcome := form.apply(account=account, operator=operator_of(request)):
                self.log_change(request, account, f"{form.audit_message()} ({outcome})")
                done.append(f"Done for {account.user.email}: {outcome}")
        return done

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None):
        account = self.get_object(request, object_id)
        entries = account and entries_for(request, account.entries.all())
        context: dict[str, Any] = {"entries": entries, "subtitle": account and account.user.email}
        context |= extra_context or {}
        return super().change_view(request, object_id, form_url, context)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnly, ListPage):
    list_display = (
        "created_at",
        "owner",
        "kind",
        "credits",
        "balance_after",
        "debt",
        "debt_after",
        "reference",
        "job",
        "actor",
        "note",
    )
    list_filter = ("kind", "created_at")
    list_select_related = ("account__user",)
    search_fields = ("reference__contains",)
    uuid_fields = ("account",)
    email_field = "account__user__email"
    ordering = ("-id",)
    fields = (
        "account",
        "owner",
        "kind",
        "credits",
        "balance_after",
        "debt",
        "debt_after",
        "reference",
        "job",
        "usage_date",
        "actor",
        "note",
        "created_at",
    )
    readonly_fields = ("owner", "job")

    @admin.display(description="owner")
    def owner(self, entry: LedgerEntry) -> str:
        return entry.account.user.email

    @admin.display(description="job")
    def job(self, entry: LedgerEntry) -> str:
        """A link by name only: nothing here knows jobs."""
        job_id, run = entry.job_run
        if job_id is None:
            return "-"
        address = reverse(f"{self.admin_site.name}:jobs_generationjob_change", args=[job_id])
        return format_html('<a href="{}">run {}</a>', address, run)


@admin.register(LedgerAudit)
class LedgerAuditAdmin(ReadOnly, admin.ModelAdmin):
    list_display = ("at", "faults", "counts", "seconds")
    list_per_page = ROWS_PER_PAGE
    fields = ("at", "faults", "counts", "seconds", "lines")
    ordering = ("-pk",)


@admin.register(Plan)
class PlanAdmin(admin.ModelAdmin):
    """Changed and added, never removed: accounts stand on plans, and new ones begin on `free`."""

    list_display = (
        "name",
        "monthly_grant",
        "daily_limit",
        "running_jobs",
        "has_watermark",
        "price_id",
        "features",
    )
    ordering = ("monthly_grant", "name")

    def get_readonly_fields(self, request: HttpRequest, obj: Plan | None = None) -> tuple[str, ...]:
        return ("name",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Plan, form: forms.ModelForm, change: bool) -> None:
        """Its accounts follow after the commit: a million of them are many short transactions."""
        super().save_model(request, obj, form, change)
        if change and "daily_limit" in form.changed_data:
            before = form.initial["daily_limit"]
            transaction.on_commit(lambda: self._follow(request, obj, before))

    def _follow(self, request: HttpRequest, plan: Plan, before: int | None) -> None:
        count = terms.follow_daily_limit(plan=plan, before=before)
        told = f"{count} accounts of {plan} have a daily limit of {_limit(plan.daily_limit)} now"
        self.message_user(request, f"{told}; those that were set another one kept it.")

    def has_delete_permission(self, request: HttpRequest, obj: Plan | None = None) -> bool:
        return False
