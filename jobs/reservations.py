"""The only writer of ProviderCall rows: reserved before a call is made, settled after it.

A reservation is three things at once: the call's expected cost, counted against the ceilings; its
place among the calls that a provider takes at once; and the proof that a call may have been made,
should its worker die. One lock over all reservations makes counting and inserting one decision.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from carousels.providers.base import INVALID_ANSWER, Provider, ProviderError, Usage
from jobs.models import JobStep, ProviderCall
from jobs.states import CallOutcome, CallPurpose

ONE_AT_A_TIME = 0x70726F76  # the advisory lock under which is counted and reserved
MARGIN = timedelta(seconds=5)  # on top of a provider's time-out, until its place is given to another
NOT_BILLED = "not billed"  # a call that its vendor refused, or broke down over

RESERVE = """
INSERT INTO provider_calls (job_id, run, step_kind, slide_number, attempt, purpose, provider, model,
    outcome, expected_cost_usd, started_at, expires_at)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, 'open', %s, %s, %s)
RETURNING id
"""
SETTLE = """
UPDATE provider_calls
SET outcome = %(outcome)s, error_code = %(error_code)s, remedy = %(remedy)s, model = %(model)s,
    request_id = %(request_id)s, input_tokens = %(input_tokens)s, output_tokens = %(output_tokens)s,
    usage = %(usage)s, result = %(result)s, cost_usd = %(cost_usd)s, price_source = %(price_source)s,
    finished_at = %(now)s
WHERE id = %(id)s
"""
# What is not known to have cost something is counted with what it was expected to cost.
SPENT = """
SELECT COALESCE(SUM(COALESCE(cost_usd, expected_cost_usd)), 0) FROM provider_calls WHERE {which}
"""
IN_FLIGHT = """
SELECT COUNT(*) FROM provider_calls WHERE provider = %s AND finished_at IS NULL AND expires_at > %s
"""


class NoRoom(Exception):
    """The provider has as many calls under way as it takes at once."""

    def __init__(self, provider: str) -> None:
        super().__init__(provider)
        self.provider = provider


class OverCeiling(Exception):
    """The call's expected cost does not fit any more. `of`: `job` or `day`."""

    def __init__(self, of: str, *, ceiling_usd: Decimal) -> None:
        super().__init__(f"{ceiling_usd} USD for the {of}")
        self.of = of


class PriceUnknown(OverCeiling):
    """A ceiling cannot be kept with a model whose price nobody knows (AI_PRICES)."""


@dataclass(frozen=True)
class Reservation:
    id: int
    model: str


def reserve(
    *,
    step: JobStep,
    purpose: CallPurpose,
    provider: Provider,
    expected_cost_usd: Decimal | None,
    now: datetime,
) -> Reservation:
    """Raises NoRoom or OverCeiling; then nothing was written."""
    if provider.concurrency is None and not _ceilings():
        return _insert(step, purpose, provider, expected_cost_usd, now)
    with transaction.atomic():
        _lock_reservations()
        _require_room(provider, now=now)
        _require_budget(step, expected_cost_usd, now=now)
        return _insert(step, purpose, provider, expected_cost_usd, now)


def settle(
    reservation: Reservation, *, usage: Usage, now: datetime, result: dict[str, Any] | None = None
) -> None:
    """The call gave what was asked for; `result` is what of it was kept."""
    _settle(reservation, CallOutcome.OK, usage=usage, now=now, result=result)


def result_of(step: JobStep) -> dict[str, Any] | None:
    """What came for this step in an earlier try or run of its job, and was kept."""
    came = ProviderCall.objects.filter(
        job_id=step.job_id, step_kind=step.kind, slide_number=step.slide_number, result__isnull=False
    )
    return came.order_by("-pk").values_list("result", flat=True).first()


def cancel(reservation: Reservation) -> None:
    """The call was not made after all."""
    ProviderCall.objects.filter(pk=reservation.id, outcome=CallOutcome.OPEN).delete()


def settle_failed(reservation: Reservation, *, error: ProviderError, now: datetime) -> None:
    """The call gave nothing; it may have cost something all the same."""
    outcome = CallOutcome.UNKNOWN if error.is_cut_off else CallOutcome.FAILED
    usage = error.usage or Usage("", reservation.model, None)
    if error.usage is None and not error.is_cut_off and error.code != INVALID_ANSWER:
        usage = Usage("", reservation.model, Decimal(0), price_source=NOT_BILLED)
    _settle(reservation, outcome, usage=usage, now=now, error_code=error.code, remedy=error.remedy.value)


def give_up_lost(*, now: datetime) -> int:
    """Calls whose worker never came back to say how they ended; returns how many."""
    lost = ProviderCall.objects.filter(
        finished_at=None, outcome=CallOutcome.OPEN, expires_at__lt=now - MARGIN
    )
    return lost.update(outcome=CallOutcome.UNKNOWN)


def _ceilings() -> dict[str, Decimal]:
    asked = {"job": settings.COST_CEILING_JOB_USD, "day": settings.COST_CEILING_DAY_USD}
    return {of: ceiling for of, ceiling in asked.items() if ceiling is not None}


def _lock_reservations() -> None:
    """Until the end of this short transaction, which holds no other lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ONE_AT_A_TIME])


def _require_room(provider: Provider, *, now: datetime) -> None:
    if provider.concurrency is not None:
        (under_way,) = _select(IN_FLIGHT, provider.name, now)
        if under_way >= provider.concurrency:
            raise NoRoom(provider.name)


def _require_budget(step: JobStep, expected_cost_usd: Decimal | None, *, now: datetime) -> None:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    spent_by = {"job": ("job_id = %s", step.job_id), "day": ("started_at >= %s", midnight)}
    for of, ceiling_usd in _ceilings().items():
        if expected_cost_usd is None:
            raise PriceUnknown(of, ceiling_usd=ceiling_usd)
        which, value = spent_by[of]
        (spent_usd,) = _select(SPENT.format(which=which), value)
        # What costs nothing always fits.
        if expected_cost_usd and spent_usd + expected_cost_usd > ceiling_usd:
            raise OverCeiling(of, ceiling_usd=ceiling_usd)


def _select(query: str, *values) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchone()


def _insert(
    step: JobStep,
    purpose: CallPurpose,
    provider: Provider,
    expected_cost_usd: Decimal | None,
    now: datetime,
) -> Reservation:
    values = [step.job_id, step.run, step.kind, step.slide_number, step.attempt, purpose.value]
    values += [provider.name, provider.model, expected_cost_usd]
    values += [now, now + timedelta(seconds=provider.timeout) + MARGIN]
    with connection.cursor() as cursor:
        cursor.execute(RESERVE, values)
        return Reservation(id=cursor.fetchone()[0], model=provider.model)


def _settle(
    reservation: Reservation,
    outcome: CallOutcome,
    *,
    usage: Usage,
    now: datetime,
    error_code: str | None = None,
    remedy: str | None = None,
    result: dict[str, Any] | None = None,
) -> None:
    """Writes the same whenever it is repeated: its caller outlasts a database that goes away."""
    columns = {
        "id": reservation.id,
        "outcome": outcome.value,
        "error_code": error_code,
        "remedy": remedy,
        "model": usage.model,
        "request_id": usage.request_id,
        "input_tokens": usage.input_tokens,
        "output_tokens": usage.output_tokens,
        "usage": Jsonb(dict(usage.raw)),
        "result": None if result is None else Jsonb(result),
        "cost_usd": usage.cost_usd,
        "price_source": usage.price_source,
        "now": now,
    }
    with connection.cursor() as cursor:
        cursor.execute(SETTLE, columns)
