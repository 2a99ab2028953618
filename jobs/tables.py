"""The tables on a job's page in the admin: its steps, its timeline, the calls it made. They only show."""

from django.contrib import admin
from django.utils import timezone

from accounts.desk import ReadOnlyTable
from jobs.models import JobEvent, JobStep, ProviderCall


class StepTable(ReadOnlyTable):
    model = JobStep
    fields = ("run", "step", "status", "attempt", "redrives", "error_code", "started_at", "finished_at")
    readonly_fields = ("step",)
    ordering = ("run", "pk")
    verbose_name_plural = "steps"

    @admin.display(description="step")
    def step(self, step: JobStep) -> str:
        return _step(step.kind, step.slide_number)


class EventTable(ReadOnlyTable):
    model = JobEvent
    fields = ("sequence", "moment", "run", "what", "change", "actor", "reason", "retry")
    readonly_fields = ("moment", "what", "change", "actor", "retry")
    ordering = ("sequence",)
    verbose_name_plural = "timeline"

    @admin.display(description="at")
    def moment(self, event: JobEvent) -> str:
        """To the millisecond: the history of a second is often a dozen events."""
        return timezone.localtime(event.at).isoformat(sep=" ", timespec="milliseconds")[:23]

    @admin.display(description="by")
    def actor(self, event: JobEvent) -> str:
        """Of users only the owner acts on a job, and is named above."""
        return "its owner" if event.by.startswith("user:") else event.by

    @admin.display(description="retry")
    def retry(self, event: JobEvent) -> str:
        if "retryInSeconds" not in event.data:
            return ""
        return f"after try {event.data['attempt']}, in {event.data['retryInSeconds']:g} s"

    @admin.display(description="what")
    def what(self, event: JobEvent) -> str:
        return _step(event.step_kind, event.slide_number)

    @admin.display(description="change")
    def change(self, event: JobEvent) -> str:
        return f"{event.from_status} → {event.to_status}" if event.from_status else event.to_status


class CallTable(ReadOnlyTable):
    model = ProviderCall
    fields = (
        "started_at",
        "run",
        "step",
        "attempt",
        "purpose",
        "provider",
        "model",
        "outcome",
        "error_code",
        "seconds",
        "cost",
        "request_id",
    )
    readonly_fields = ("step", "seconds", "cost")
    ordering = ("pk",)
    verbose_name_plural = "provider calls"

    @admin.display(description="step")
    def step(self, call: ProviderCall) -> str:
        return _step(call.step_kind, call.slide_number)

    @admin.display(description="cost in USD")
    def cost(self, call: ProviderCall) -> str:
        """Until it is known, the expected cost counts for the ceilings."""
        if call.cost_usd is not None:
            return f"{call.cost_usd:.6f}"
        expected = "" if call.expected_cost_usd is None else f", {call.expected_cost_usd:.6f} expected"
        return f"not known{expected}"

    @admin.display(description="seconds")
    def seconds(self, call: ProviderCall) -> str:
        return "" if call.latency is None else f"{call.latency.total_seconds():.2f}"


def _step(kind: str | None, slide_number: int | None) -> str:
    return f"{kind} {slide_number}" if slide_number else kind or "job"
