"""One call of a step to a provider: chosen, reserved, made and settled. No transaction is open meanwhile."""

import hashlib
import logging
import math
from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import TypeVar

from django.conf import settings
from django.utils import timezone

from carousels.providers.base import Provider, ProviderError, Usage
from jobs import breaker, connections, dispatch, failures, reservations, routing, steps, waiting
from jobs.models import JobStep, ProviderCall
from jobs.reservations import NoRoom, OverCeiling
from jobs.states import CallPurpose
from jobs.transitions import LostRace

ROOM_WAIT = timedelta(seconds=30)  # whoever ends a call lets the next one in; this is for when it died
TRIAL_WAIT = timedelta(seconds=5)  # while another one tries whether a provider is well again

logger = logging.getLogger(__name__)

Value = TypeVar("Value")
Kept = TypeVar("Kept")
AnyProvider = TypeVar("AnyProvider", bound=Provider)


class NotNow(Exception):
    """No call was made; the step goes back as if it had not been claimed.

    `wait`: for how long. `queue`: whose workers do it then. `waits_for`: the provider that has no room.
    """

    def __init__(self, *, wait: timedelta, queue: str, waits_for: str | None = None) -> None:
        super().__init__(f"{wait.total_seconds():.1f} s")
        self.wait, self.queue, self.waits_for = wait, queue, waits_for


def choose(
    step: JobStep,
    *,
    purpose: CallPurpose,
    providers: Sequence[AnyProvider],
    costs: dict[str, Decimal | None],
    last_resort: tuple[AnyProvider, ...] = (),
) -> AnyProvider:
    """Who is to be asked. Raises NotNow, or Unfinished when nobody is left.

    `last_resort` gets what the others have declined, what none of them may be asked for soon, and the last
    try that the step has.
    """
    is_last_try = step.attempt > max(1, step.job.max_retries)
    if last_resort and (step.queue == last_resort[0].queue or is_last_try):
        return _placed(step, last_resort[0])
    ordered = routing.in_order(providers, costs=costs, policy=routing.policy())
    tries = tries_of(step, purpose) if step.attempt > 1 else []
    pauses, is_on_trial = breaker.pauses(ordered), False
    try:
        while not breaker.may_try(provider := routing.choose(ordered, tries=tries, pauses=pauses)):
            pauses[provider.name], is_on_trial = math.inf, True  # who can goes elsewhere meanwhile
        return _placed(step, provider)  # the services may be others than when the step was planned
    except routing.Paused as paused:
        if last_resort and not is_on_trial and paused.seconds > routing.PATIENCE:
            return _placed(step, last_resort[0])
        wait = TRIAL_WAIT if is_on_trial else timedelta(seconds=paused.seconds)
        raise NotNow(wait=wait, queue=step.queue) from paused
    except routing.NoneLeft as nobody:
        if not last_resort:
            raise failures.exhausted(step) from nobody
        return _placed(step, last_resort[0])


def make(
    step: JobStep,
    *,
    purpose: CallPurpose,
    provider: AnyProvider,
    expected_cost_usd: Decimal | None,
    ask: Callable[[AnyProvider], tuple[Value, Usage]],
    keep: Callable[[Value], Kept],
) -> Kept:
    """Reserve the call, make it, and book it at once, whatever becomes of its result: it is paid for.

    `keep` puts what came where it outlasts this worker; what it returns, if that is JSON, is booked along
    with the call. Raises ProviderError, NotNow, OverCeiling, LostRace, or what `keep` raises.
    """
    try:
        reservation = _reserve(step, purpose, provider, expected_cost_usd)
        _hold_on(step, reservation)
    except (NotNow, OverCeiling, LostRace):
        breaker.forgo_trial(provider)
        raise
    connections.release_pooled()
    try:
        value, usage = ask(provider)
    except ProviderError as error:
        book = partial(reservations.settle_failed, reservation, error=error)
        connections.outlast(lambda: book(now=timezone.now()))
        breaker.note_failure(provider, error)
        raise
    else:
        breaker.note_success(provider)
        return _settle(reservation, usage, keep=partial(keep, value))
    finally:
        _let_next_in(provider)


def _settle(reservation: reservations.Reservation, usage: Usage, *, keep: Callable[[], Kept]) -> Kept:
    kept = None
    try:
        kept = keep()
        return kept
    finally:  # that it cannot be kept is no reason not to book it
        result = kept if isinstance(kept, dict) else None
        book = partial(reservations.settle, reservation, usage=usage, result=result)
        connections.outlast(lambda: book(now=timezone.now()))


def end_user_of(step: JobStep) -> str:
    """Who asks, as a vendor may know it: the same for all their calls, and nothing to be read from it."""
    return hashlib.sha256(f"{settings.SECRET_KEY}:{step.job.user_id}".encode()).hexdigest()[:32]


def tries_of(step: JobStep, purpose: CallPurpose) -> list[routing.Try]:
    """What this step's calls met so far in this run."""
    calls = ProviderCall.objects.filter(
        job_id=step.job_id,
        run=step.run,
        step_kind=step.kind,
        slide_number=step.slide_number,
        purpose=purpose,
    )
    return [routing.Try(*row) for row in calls.order_by("pk").values_list("provider", "remedy")]


def _placed(step: JobStep, provider: AnyProvider) -> AnyProvider:
    """The provider, once the step is with the workers that can do what it does."""
    if provider.queue != step.queue:
        raise NotNow(wait=timedelta(0), queue=provider.queue)
    return provider


def _reserve(
    step: JobStep, purpose: CallPurpose, provider: Provider, expected_cost_usd: Decimal | None
) -> reservations.Reservation:
    try:
        return reservations.reserve(
            step=step,
            purpose=purpose,
            provider=provider,
            expected_cost_usd=expected_cost_usd,
            now=timezone.now(),
        )
    except NoRoom as full:
        raise NotNow(wait=ROOM_WAIT, queue=step.queue, waits_for=provider.name) from full
    except OverCeiling as over:
        logger.warning("%s is not called for %s: %s", provider.name, step, over)
        raise


def _hold_on(step: JobStep, reservation: reservations.Reservation) -> None:
    """Whoever slept on the way here must not buy what the next one has bought."""
    now = timezone.now()
    if now - step.started_at > steps.LEASE / 2 and not steps.hold_on(step=step, now=now):
        reservations.cancel(reservation)
        raise LostRace(f"{step} was taken before its call")


def _let_next_in(provider: Provider) -> None:
    """A step that waits for the place that has just become free need not wait for the sweep."""
    if provider.concurrency is None:
        return
    step = connections.outlast(lambda: waiting.let_in(provider.name, now=timezone.now()))
    if step is not None:
        dispatch.send_step(step, priority=step.job.priority)
