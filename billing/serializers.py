"""JSON in and out of billing's views; names as in the contract (camelCase)."""

from datetime import date, datetime
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from rest_framework import serializers

from billing import limits, plans, terms
from billing.models import Account, EntryKind
from billing.statements import Selection
from rest.envelope import moment
from rest.fields import StrictCharField, StrictSerializer
from rest.pages import CursorField, LimitField


class DayField(serializers.DateField):
    """A date that every zone's midnight can be counted for."""

    def __init__(self) -> None:
        bounds = [MinValueValidator(date(2000, 1, 1)), MaxValueValidator(date(2999, 12, 31))]
        super().__init__(required=False, validators=bounds)


class UserInput(StrictSerializer):
    """What users may change of their account: nothing else is known here."""

    timezone = StrictCharField(max_length=64)


class StatementInput(StrictSerializer):
    """Which entries of the ledger, and how; `from` and `to` are days."""

    kind = serializers.ChoiceField(choices=EntryKind.values, required=False)
    to = DayField()
    reference = StrictCharField(max_length=200, required=False)
    jobId = serializers.UUIDField(required=False)
    cursor = CursorField(required=False)
    limit = LimitField()
    format = serializers.ChoiceField(choices=["json", "csv"], required=False)

    def get_fields(self) -> dict[str, serializers.Field]:
        return super().get_fields() | {"from": DayField()}

    def selection(self) -> Selection:
        asked = self.validated_data
        return Selection(
            kind=asked.get("kind"),
            since=asked.get("from"),
            until=asked.get("to"),
            reference=asked.get("reference"),
            job_id=str(asked["jobId"]) if "jobId" in asked else None,
        )


def user_answer(account: Account, *, now: datetime) -> dict[str, Any]:
    """What a user may spend, on which terms, and when there will be more."""
    return {
        "id": str(account.user_id),
        "email": account.user.email,
        "credits": account.credits,
        "debt": account.debt,
        **_plan(account),
        **_day(account, now=now),
    }


def _plan(account: Account) -> dict[str, Any]:
    plan, next_on = account.plan, account.next_grant_on
    return {
        "plan": plan.name,
        "features": plan.features,
        "watermark": plan.has_watermark,
        "runningJobs": plans.jobs_at_once(plan.running_jobs),
        "monthlyGrant": plan.monthly_grant,
        "planPaidUntil": moment(account.plan_paid_until),
        "nextGrantOn": next_on.isoformat() if next_on and plan.monthly_grant else None,
    }


def _day(account: Account, *, now: datetime) -> dict[str, Any]:
    today = limits.today_of(account=account, now=now)
    return {
        "dailyLimit": account.daily_limit,
        "remainingToday": limits.remaining_on(account=account, today=today),
        "resetsAt": moment(limits.resets_at(account=account, now=now)),
        "timezone": account.timezone,
        "timezoneChangeableAt": moment(terms.timezone_changeable_at(account)),
    }
