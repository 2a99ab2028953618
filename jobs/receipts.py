"""What a job's runs cost and what came of them, read from ledger, history and calls. Reads only."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import TextChoices

from billing.models import EntryKind, LedgerEntry
from jobs.models import GenerationJob
from jobs.states import ACTIVE, TERMINAL, JobStatus


class RunStatus(TextChoices):
    PENDING = "pending"  # under way; what it charged may still come back
    SUCCESS = "success"  # gave what it charged for
    REVERSED = "reversed"  # gave nothing, and its charge was paid back
    FREE = "free"  # charged nothing, and gave what was asked for
    FAILED = "failed"  # charged nothing, and gave nothing


@dataclass
class Run:
    """`outcome` is the job's status as this run left it."""

    number: int
    request_id: str
    outcome: JobStatus = JobStatus.QUEUED
    requested_at: datetime | None = None
    ended_at: datetime | None = None
    models: list[str] = field(default_factory=list)
    charge: LedgerEntry | None = None
    refund: LedgerEntry | None = None

    @property
    def charged(self) -> int:
        return -self.charge.amount if self.charge else 0

    @property
    def refunded(self) -> int:
        return self.refund.amount if self.refund else 0

    @property
    def status(self) -> RunStatus:
        if self.outcome in ACTIVE:
            return RunStatus.PENDING
        if self.refund:
            return RunStatus.REVERSED
        if self.outcome == JobStatus.COMPLETED:
            return RunStatus.SUCCESS if self.charge else RunStatus.FREE
        return RunStatus.FAILED


def runs_of(job: GenerationJob) -> list[Run]:
    """Every run of the job, the first one first."""
    runs = {number: Run(number, request_id=str(job.pk)) for number in range(1, job.run + 1)}
    _read_history(job, runs)
    for number, models in _models_of(job).items():
        runs[number].models = models
    for entry in _entries_of(job, runs):
        run = runs[int(entry.reference.rpartition(":")[2])]
        setattr(run, entry.kind, entry)
    runs[job.run].outcome, runs[job.run].ended_at = JobStatus(job.status), job.completed_at
    return list(runs.values())


def _read_history(job: GenerationJob, runs: dict[int, Run]) -> None:
    # It may have been requeued since it was read.
    told = job.events.filter(run__lte=job.run, step_kind=None, to_status__in=[JobStatus.QUEUED, *TERMINAL])
    for event in told.order_by("sequence"):
        run = runs[event.run]
        run.outcome = JobStatus(event.to_status)
        if run.outcome == JobStatus.QUEUED:
            run.requested_at, run.request_id = event.at, event.data.get("requestId", run.request_id)
        else:
            run.ended_at = event.at


def _models_of(job: GenerationJob) -> dict[int, list[str]]:
    """The models each run called, in the order of their first call."""
    models = defaultdict(dict)
    calls = job.provider_calls.filter(run__lte=job.run)
    for run, model in calls.order_by("pk").values_list("run", "model"):
        models[run][model] = None
    return {run: list(names) for run, names in models.items()}


def _entries_of(job: GenerationJob, runs: dict[int, Run]) -> list[LedgerEntry]:
    references = [job.reference_of(number) for number in runs]
    kinds = [EntryKind.CHARGE, EntryKind.REFUND]
    return list(LedgerEntry.objects.filter(account_id=job.user_id, kind__in=kinds, reference__in=references))
