"""How busy and how well an installation is, as numbers that Prometheus and its like collect.

All of it is read from the rows and the broker's marks, so any web process may be asked, and one is enough.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from kombu.exceptions import OperationalError

from billing.models import LedgerAudit
from carousels.providers import chosen
from jobs import breaker, pulse
from jobs.models import GenerationJob, JobStep, ProviderCall
from jobs.states import ACTIVE, Queue, StepStatus

Sample = tuple[str, dict[str, str], float | Decimal]  # name, labels, value

HELP = {
    "jobs": "Jobs that have not ended, by status.",
    "steps": "Steps that wait for a worker or are being worked off, by queue and status.",
    "sweep_age_seconds": "Since the sweep last ended; it runs every 5 s.",
    "provider_calls_today": "Calls to AI services since midnight UTC, by provider and outcome.",
    "provider_cost_today_usd": "What they cost, and where that is not known, what was expected.",
    "provider_paused_seconds": "For how long a provider is cut off, by provider and model.",
    "ledger_faults": "Rows that the last audit of the ledger found off.",
    "ledger_audit_age_seconds": "Since that audit; it runs every night.",
}


def as_text(*, now: datetime) -> str:
    """Prometheus' text format, version 0.0.4."""
    lines, told = [], set()
    for name, labels, value in _samples(now):
        if name not in told:
            lines += [f"# HELP socialsaas_{name} {HELP[name]}", f"# TYPE socialsaas_{name} gauge"]
            told.add(name)
        named = ",".join(f'{label}="{_escape(text)}"' for label, text in labels.items())
        lines.append(f"socialsaas_{name}{{{named}}} {value}" if named else f"socialsaas_{name} {value}")
    return "\n".join([*lines, ""])


def _samples(now: datetime) -> Iterator[Sample]:
    yield from _jobs()
    yield from _sweep()
    yield from _providers(now)
    yield from _ledger(now)


def _jobs() -> Iterator[Sample]:
    counted = dict(
        GenerationJob.objects.filter(status__in=ACTIVE).values_list("status").annotate(Count("pk"))
    )
    for status in sorted(ACTIVE):
        yield "jobs", {"status": status}, counted.get(status, 0)
    open_steps = JobStep.objects.filter(status__in=(StepStatus.QUEUED, StepStatus.RUNNING))
    steps = {(queue, status): count for queue, status, count in _count(open_steps, "queue", "status")}
    for queue in Queue:
        for status in (StepStatus.QUEUED, StepStatus.RUNNING):
            yield "steps", {"queue": queue, "status": status}, steps.get((queue, status), 0)


def _count(rows, *columns: str) -> list[tuple]:
    return list(rows.values_list(*columns).annotate(Count("pk")).order_by(*columns))


def _sweep() -> Iterator[Sample]:
    try:
        age = pulse.age_of(pulse.DONE)
    except OperationalError:
        return  # that it is missing is what an alarm looks for
    if age is not None:
        yield "sweep_age_seconds", {}, round(age, 1)


def _providers(now: datetime) -> Iterator[Sample]:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = ProviderCall.objects.filter(started_at__gte=midnight)
    for provider, outcome, count in _count(today, "provider", "outcome"):
        yield "provider_calls_today", {"provider": provider, "outcome": outcome}, count
    cost = Sum(Coalesce("cost_usd", "expected_cost_usd"))
    for provider, cost_usd in today.values_list("provider").annotate(cost=cost).order_by("provider"):
        yield "provider_cost_today_usd", {"provider": provider}, cost_usd or Decimal(0)
    providers = {(each.name, each.model): each for each in (*chosen.texts(), *chosen.images())}
    for (name, model), provider in providers.items():
        paused = breaker.pauses([provider]).get(name, 0)
        yield "provider_paused_seconds", {"provider": name, "model": model}, round(paused, 1)


def _ledger(now: datetime) -> Iterator[Sample]:
    last = LedgerAudit.objects.order_by("-at").first()
    if last is not None:
        yield "ledger_faults", {}, last.faults
        yield "ledger_audit_age_seconds", {}, round((now - last.at).total_seconds(), 1)


def _escape(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
