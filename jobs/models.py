"""A job, its steps, what happened to it and which calls it paid for.

A job's status is set by `jobs/transitions.py` alone, a step's by `jobs/steps.py` alone. Defaults
live in the database: a job inserted by SQL with carousel, user and payload is worked off. So do the
cascades (`db_constraint=False` here, the constraint in migration 0001): Django writes none itself.
"""

import uuid
from datetime import timedelta

from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.functional import cached_property

from accounts.models import User
from carousels.models import Carousel
from jobs.states import (
    ACTIVE,
    TERMINAL,
    CallOutcome,
    CallPurpose,
    JobStatus,
    JobType,
    Queue,
    StepKind,
    StepStatus,
)


class Index(models.Index):
    """The origin's index names are longer than Django's 30 characters; PostgreSQL takes 63."""

    max_name_length = 63


class GenerationJob(models.Model):
    """`run` counts the attempts a creator paid for: 1, and one more for each requeue."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, db_default=RandomUUID(), editable=False)
    carousel = models.ForeignKey(
        Carousel, on_delete=models.CASCADE, related_name="jobs", db_index=False, db_constraint=False
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="jobs", db_index=False)
    job_type = models.CharField(
        max_length=30, choices=JobType, default=JobType.CAROUSEL, db_default=JobType.CAROUSEL
    )
    status = models.CharField(
        max_length=10, choices=JobStatus, default=JobStatus.QUEUED, db_default=JobStatus.QUEUED
    )
    run = models.IntegerField(default=1, db_default=1)
    priority = models.IntegerField(default=1, db_default=1)
    payload = models.JSONField()
    result = models.JSONField(null=True, blank=True)
    error_code = models.CharField(max_length=60, null=True, blank=True)
    error_message = models.TextField(null=True, blank=True)
    retry_count = models.IntegerField(default=0, db_default=0)
    max_retries = models.IntegerField(default=3, db_default=3)
    scheduled_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        db_table = "generation_jobs"
        constraints = [
            models.CheckConstraint(condition=Q(status__in=JobStatus.values), name="job_status_known"),
            models.CheckConstraint(condition=Q(job_type__in=JobType.values), name="job_type_known"),
            models.CheckConstraint(
                condition=Q(priority__gte=1, priority__lte=10), name="job_priority_1_to_10"
            ),
            models.CheckConstraint(condition=Q(run__gte=1), name="job_run_positive"),
            models.CheckConstraint(
                condition=Q(retry_count__gte=0, max_retries__gte=0), name="job_retries_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(status__in=TERMINAL, completed_at__isnull=False)
                | Q(status__in=ACTIVE, completed_at__isnull=True),
                name="job_completed_at_iff_terminal",
            ),
            models.UniqueConstraint(
                fields=["carousel"], condition=Q(status__in=ACTIVE), name="one_active_job_per_carousel"
            ),
        ]
        indexes = [
            Index(fields=["status"], name="idx_generation_jobs_status"),
            Index(fields=["user"], name="idx_generation_jobs_user_id"),
            Index(fields=["scheduled_at"], name="idx_generation_jobs_scheduled_at"),
            Index(fields=["carousel"], name="idx_generation_jobs_carousel_id"),
            Index(F("status"), F("priority").desc(), name="idx_generation_jobs_status_priority"),
            Index(fields=["user", "-created_at"], name="idx_generation_jobs_user_newest"),
            Index(fields=["user"], condition=Q(status="processing"), name="idx_generation_jobs_running"),
            Index(
                F("priority").desc(),
                F("scheduled_at"),
                condition=Q(status="queued"),
                name="idx_generation_jobs_due",
            ),
        ]

    def __str__(self) -> str:
        return f"job {self.pk}"

    @cached_property
    def unwritten_events(self) -> list["JobEvent"]:
        """What happened to the job in this transaction; `jobs/transitions.py` writes it."""
        return []

    @property
    def reference(self) -> str:
        """How the ledger names this run."""
        return self.reference_of(self.run)

    def reference_of(self, run: int) -> str:
        return f"job:{self.pk}:{run}"

    @property
    def is_rework(self) -> bool:
        """Works on a finished carousel: until it is done, and if it fails, the old one stays readable."""
        return self.job_type in (JobType.RENDER, JobType.IMAGE)

    @property
    def is_active(self) -> bool:
        return self.status in ACTIVE


class JobStep(models.Model):
    """One piece of work of one run, for the workers of `queue`.

    `redrive_at`: when the sweep sends a queued step's message again. `waits_for`: the provider that had
    no room for its call. `result`: what it made, where that is not to be seen on the carousel before
    the run is done.
    """

    job = models.ForeignKey(
        GenerationJob, on_delete=models.CASCADE, related_name="steps", db_index=False, db_constraint=False
    )
    run = models.IntegerField()
    kind = models.CharField(max_length=10, choices=StepKind)
    slide_number = models.IntegerField(null=True, blank=True)
    queue = models.CharField(max_length=10, choices=Queue)
    status = models.CharField(max_length=10, choices=StepStatus, default=StepStatus.WAITING)
    owner = models.UUIDField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    redrive_at = models.DateTimeField(null=True, blank=True)
    redrives = models.IntegerField(default=0, db_default=0)
    waits_for = models.CharField(max_length=40, null=True, blank=True)
    attempt = models.IntegerField(default=0, db_default=0)
    error_code = models.CharField(max_length=60, null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(null=True, blank=True)

    class Meta:
        db_table = "job_steps"
        constraints = [
            models.UniqueConstraint(
                fields=["job", "run", "kind", "slide_number"],
                nulls_distinct=False,
                name="one_step_per_run_kind_and_slide",
            ),
            models.CheckConstraint(condition=Q(status__in=StepStatus.values), name="step_status_known"),
            models.CheckConstraint(condition=Q(kind__in=StepKind.values), name="step_kind_known"),
            models.CheckConstraint(condition=Q(queue__in=Queue.values), name="step_queue_known"),
            models.CheckConstraint(
                condition=Q(kind=StepKind.SLIDE, slide_number__isnull=False)
                | (~Q(kind=StepKind.SLIDE) & Q(slide_number__isnull=True)),
                name="step_slide_number_iff_slide",
            ),
            models.CheckConstraint(
                condition=Q(status=StepStatus.RUNNING, owner__isnull=False, lease_until__isnull=False)
                | (~Q(status=StepStatus.RUNNING) & Q(owner__isnull=True, lease_until__isnull=True)),
                name="step_owner_iff_running",
            ),
        ]
        indexes = [
            models.Index(fields=["lease_until"], condition=Q(status="running"), name="idx_steps_running"),
            models.Index(fields=["redrive_at"], condition=Q(status="queued"), name="idx_steps_queued"),
            models.Index(
                fields=["waits_for"],
                condition=Q(status="queued", waits_for__isnull=False),
                name="idx_steps_waiting_for_room",
            ),
        ]

    def __str__(self) -> str:
        number = f" {self.slide_number}" if self.slide_number else ""
        return f"{self.kind}{number} of job {self.job_id}, run {self.run}"


class JobEvent(models.Model):
    """Append-only history, written while the job's row is locked: `sequence` has no gaps and no races."""

    job = models.ForeignKey(
        GenerationJob, on_delete=models.CASCADE, related_name="events", db_index=False, db_constraint=False
    )
    sequence = models.IntegerField()
    run = models.IntegerField()
    step_kind = models.CharField(max_length=10, null=True, blank=True, choices=StepKind)
    slide_number = models.IntegerField(null=True, blank=True)
    from_status = models.CharField(max_length=10, null=True, blank=True)
    to_status = models.CharField(max_length=10)
    by = models.CharField(max_length=200)
    reason = models.TextField(blank=True, default="")
    data = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        db_table = "job_events"
        constraints = [
            models.UniqueConstraint(fields=["job", "sequence"], name="event_sequence_unique_per_job")
        ]

    def __str__(self) -> str:
        return f"{self.sequence}: {self.step_kind or 'job'} {self.to_status}"


class ProviderCall(models.Model):
    """One call to a model: reserved with its expected cost before it is made, settled after it.

    `expires_at`: how long its place among the provider's calls at once is kept for it, if nobody ever
    sees it end. `cost_usd` NULL is unknown; until it is known the expected cost counts for the ceilings.
    `result`: the picture that came, kept with its files before anything else can go wrong.
    """

    job = models.ForeignKey(
        GenerationJob, on_delete=models.CASCADE, related_name="provider_calls", db_constraint=False
    )
    run = models.IntegerField()
    step_kind = models.CharField(max_length=10, choices=StepKind)
    slide_number = models.IntegerField(null=True, blank=True)
    attempt = models.IntegerField(default=1, db_default=1)
    purpose = models.CharField(max_length=10, choices=CallPurpose)
    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=80)
    outcome = models.CharField(max_length=10, choices=CallOutcome, default=CallOutcome.OPEN)
    error_code = models.CharField(max_length=60, null=True, blank=True)
    remedy = models.CharField(max_length=20, null=True, blank=True)
    request_id = models.CharField(max_length=200, blank=True, default="", db_default="")
    input_tokens = models.IntegerField(null=True, blank=True)
    output_tokens = models.IntegerField(null=True, blank=True)
    usage = models.JSONField(blank=True, default=dict, db_default={})
    result = models.JSONField(null=True, blank=True)
    expected_cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    cost_usd = models.DecimalField(max_digits=12, decimal_places=6, null=True, blank=True)
    price_source = models.CharField(max_length=60, blank=True, default="", db_default="")
    started_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = "provider_calls"
        constraints = [
            models.CheckConstraint(
                condition=Q(cost_usd=None) | Q(cost_usd__gte=0), name="call_cost_not_negative"
            ),
            models.CheckConstraint(condition=Q(outcome__in=CallOutcome.values), name="call_outcome_known"),
            models.CheckConstraint(
                condition=~Q(outcome=CallOutcome.OPEN) | Q(finished_at=None, cost_usd=None),
                name="open_call_not_settled",
            ),
        ]
        indexes = [
            models.Index(
                fields=["provider", "expires_at"],
                condition=Q(finished_at=None),
                name="idx_calls_in_flight",
            ),
            models.Index(fields=["started_at"], name="idx_calls_started"),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.step_kind} of job {self.job_id}"

    @property
    def latency(self) -> timedelta | None:
        return None if self.finished_at is None else self.finished_at - self.started_at
