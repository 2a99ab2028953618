"""Jobs for support staff: what happened to them, and the verbs that mend one.

Rows are shown only. Requeue and cancel are the API's own verbs (`jobs/queue.py`), one transaction a
job, together with its audit entry; what could not be done is told with its reason, job by job.
"""

from collections.abc import Sequence
from datetime import timedelta

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.text import Truncator

from accounts.desk import (
    ListPage,
    OperatorForm,
    OperatorPages,
    ReadOnly,
    operator_of,
    pretty_json,
)
from billing.admin import entries_for
from billing.ledger import DailyLimitReached, InsufficientCredits
from billing.models import LedgerEntry
from jobs import queue
from jobs.models import GenerationJob, JobEvent, JobStep, ProviderCall
from jobs.queue import CarouselBusy
from jobs.rates import TooManyRenders
from jobs.states import JobStatus
from jobs.tables import CallTable, EventTable, StepTable
from jobs.transitions import InvalidState, JobNotFound, LostRace, lock_job


class SentBefore(Exception):
    """The form was drawn for another run of this job."""


REFUSALS = {
    CarouselBusy: "another job of its carousel is under way",
    DailyLimitReached: "its owner has reached today's limit of {0.limit}",
    InsufficientCredits: "its owner lacks the credits: {0}",
    InvalidState: "it is {0.status}",
    JobNotFound: "it is gone",
    LostRace: "somebody else has just changed it",
    TooManyRenders: "its owner has used up this hour's renders: {0}",
    SentBefore: "it has had another run since this form was drawn",
}


class CancelForm(OperatorForm):
    title = "Cancel"
    done = "cancelled"

    @staticmethod
    def applies_to(row: GenerationJob) -> bool:
        return row.is_active

    def apply(self, *, job: GenerationJob, operator: str) -> None:
        if job.status == JobStatus.CANCELLED:
            raise InvalidState(status=job.status, wanted=JobStatus.CANCELLED)
        queue.cancel(job_id=job.pk, by=operator, now=timezone.now(), reason=self.cleaned_data["reason"])


class RequeueForm(OperatorForm):
    title = "Requeue and charge the owner"
    done = "requeued and charged"
    is_free = False

    delay = forms.IntegerField(
        label="Delay in minutes",
        required=False,
        min_value=0,
        max_value=queue.LONGEST_DELAY // timedelta(minutes=1),
        help_text="Empty: at once.",
    )
    field_order = ("reason", "delay")

    @staticmethod
    def applies_to(row: GenerationJob) -> bool:
        return row.status in (JobStatus.FAILED, JobStatus.CANCELLED)

    def apply(self, *, job: GenerationJob, operator: str) -> None:
        queue.requeue(
            job_id=job.pk,
            by=operator,
            now=timezone.now(),
            delay=timedelta(minutes=self.cleaned_data["delay"] or 0),
            is_free=self.is_free,
            reason=self.cleaned_data["reason"],
        )


class FreeRequeueForm(RequeueForm):
    title = "Requeue, free of charge"
    done = "requeued, free of charge"
    is_free = True


@admin.register(GenerationJob)
class GenerationJobAdmin(OperatorPages, ListPage):
    list_display = (
        "created_at",
        "status",
        "error_code",
        "owner",
        "prompt",
        "job_type",
        "run",
        "retry_count",
        "duration",
    )
    list_filter = ("status", "job_type", "created_at")
    list_select_related = ("user", "carousel")
    search_fields = ("user__email__contains", "error_code__exact", "carousel__prompt__icontains")
    uuid_fields = ("pk", "carousel", "user")
    ordering = ("-created_at",)
    fieldsets = (
        (None, {"fields": ("id", "user", "carousel", "job_type", "run")}),
        ("Outcome", {"fields": ("status", ("error_code", "error_message"), "duration", "cost")}),
        ("Asked for", {"fields": ("payload_json",)}),
        ("Result", {"fields": ("result_json",), "classes": ("collapse",)}),
        ("Queue", {"fields": ("priority", ("retry_count", "max_retries"), "scheduled_at")}),
        ("Times", {"fields": (("created_at", "started_at"), ("completed_at", "updated_at"))}),
    )
    readonly_fields = ("duration", "cost", "payload_json", "result_json")
    inlines = [StepTable, EventTable, CallTable]
    actions = ["requeue_free", "requeue_charged", "cancel"]
    operator_forms = {
        "requeue-free": FreeRequeueForm,
        "requeue-charged": RequeueForm,
        "cancel": CancelForm,
    }

    @admin.display(description="owner", ordering="user__email")
    def owner(self, job: GenerationJob) -> str:
        return job.user.email

    @admin.display(description="prompt")
    def prompt(self, job: GenerationJob) -> str:
        return Truncator(job.carousel.prompt).chars(60)

    @admin.display(description="duration")
    def duration(self, job: GenerationJob) -> str:
        """From the start of the work to its end, or to now."""
        if job.started_at is None:
            return "-"
        seconds = round(((job.completed_at or timezone.now()) - job.started_at).total_seconds())
        return f"{seconds // 60} min {seconds % 60} s" if seconds >= 60 else f"{seconds} s"

    @admin.display(description="cost in USD")
    def cost(self, job: GenerationJob) -> str:
        """What the calls of all its runs cost; a call whose cost nobody knows is told, never guessed."""
        unknown = Count("pk", filter=Q(cost_usd=None))
        sums = job.provider_calls.aggregate(usd=Sum("cost_usd"), calls=Count("pk"), unknown=unknown)
        if not sums["calls"]:
            return "-"
        told = f"{sums['usd'] or 0:.6f} for {sums['calls']} calls"
        return f"{told}; not known of {sums['unknown']} of them" if sums["unknown"] else told

    @admin.display(description="payload")
    def payload_json(self, job: GenerationJob) -> str:
        return pretty_json(job.payload)

    @admin.display(description="result")
    def result_json(self, job: GenerationJob) -> str:
        return pretty_json(job.result)

    @admin.action(description=FreeRequeueForm.title, permissions=["operate"])
    def requeue_free(self, request: HttpRequest, jobs: QuerySet[GenerationJob]) -> HttpResponse | None:
        return self.open_form(request, jobs, "requeue-free")

    @admin.action(description=RequeueForm.title, permissions=["operate"])
    def requeue_charged(self, request: HttpRequest, jobs: QuerySet[GenerationJob]) -> HttpResponse | None:
        return self.open_form(request, jobs, "requeue-charged")

    @admin.action(description=CancelForm.title, permissions=["operate"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[GenerationJob]) -> HttpResponse | None:
        return self.open_form(request, jobs, "cancel")

    def drawn_for(self, rows: Sequence[GenerationJob]) -> str:
        return " ".join(job.reference for job in rows)

    def describe(self, row: GenerationJob) -> str:
        return f"{row.user.email}: {self.prompt(row)} ({row.status}, run {row.run})"

    def operate(self, request: HttpRequest, form: OperatorForm, rows: Sequence[GenerationJob]) -> bool:
        """Job by job: what one refuses does not hold up the others."""
        for job in rows:
            try:
                self._apply(request, form, job)
            except tuple(REFUSALS) as refusal:
                why = REFUSALS[type(refusal)].format(refusal)
                text = f"Not {form.done}, because {why}: {self.describe(job)}"
                self.message_user(request, text, messages.ERROR)
            else:
                self.message_user(
                    request, f"{form.done.capitalize()}: {self.describe(job)}", messages.SUCCESS
                )
        return True

    @transaction.atomic
    def _apply(self, request: HttpRequest, form: OperatorForm, job: GenerationJob) -> None:
        locked = lock_job(job.pk)
        if locked.reference not in form.cleaned_data["drawn"].split():
            raise SentBefore
        form.apply(job=locked, operator=operator_of(request))
        self.log_change(request, locked, form.audit_message())

    def change_view(self, request: HttpRequest, object_id: str, form_url="", extra_context=None):
        job = self.get_object(request, object_id)
        entries = job and entries_for(request, _entries_of(job))
        context = {"entries": entries} | (extra_context or {})
        return super().change_view(request, object_id, form_url, context)


@admin.register(JobStep)
class JobStepAdmin(ReadOnly, ListPage):
    list_display = ("job", "run", "kind", "slide_number", "status", "attempt", "error_code", "started_at")
    list_filter = ("status", "kind")
    list_select_related = ("job",)
    uuid_fields = ("job",)
    email_field = "job__user__email"
    search_fields = ("error_code",)
    ordering = ("-pk",)


@admin.register(JobEvent)
class JobEventAdmin(ReadOnly, ListPage):
    list_display = ("at", "job", "run", "__str__", "by", "reason")
    list_filter = ("step_kind", "to_status")
    list_select_related = ("job",)
    uuid_fields = ("job",)
    email_field = "job__user__email"
    search_fields = ("by", "reason")
    ordering = ("-pk",)


@admin.register(ProviderCall)
class ProviderCallAdmin(ReadOnly, ListPage):
    list_display = (
        "started_at",
        "job",
        "run",
        "purpose",
        "slide_number",
        "provider",
        "model",
        "outcome",
        "error_code",
        "cost_usd",
    )
    list_filter = ("started_at", "outcome", "provider", "model", "purpose")
    list_select_related = ("job",)
    uuid_fields = ("job",)
    email_field = "job__user__email"
    search_fields = ("model", "request_id", "error_code")
    ordering = ("-pk",)


def _entries_of(job: GenerationJob) -> QuerySet[LedgerEntry]:
    """What the job's runs charged and got back."""
    return LedgerEntry.objects.filter(account=job.user_id, reference__startswith=f"job:{job.pk}:")
