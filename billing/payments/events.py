"""What Stripe tells us, once: the only writer of StripeEvent.

Verify, ask Stripe for what the event leaves out, then one transaction: the event and what it leads to.
An event that could not be applied (a price that no pack names) is stored and answered like any other, and
judged anew when it is sent again.
"""

import logging
from datetime import datetime

from django.db import transaction

from billing.models import Outcome, StripeEvent
from billing.payments import client, facts, settlement
from billing.payments.client import Event

logger = logging.getLogger(__name__)


def receive(*, payload: bytes, signature: str | None, now: datetime) -> str:
    """The event's outcome. Raises InvalidEvent, PaymentsUnavailable, PaymentProviderFailed."""
    event = client.verified(payload=payload, signature=signature)
    done = StripeEvent.objects.filter(pk=event.event_id, outcome__in=Outcome.final())
    if outcome := done.values_list("outcome", flat=True).first():
        return outcome
    fact = facts.read(event)
    outcome = _record(event, fact, now=now)
    if outcome not in Outcome.final():
        logger.error("%s of Stripe was not applied: %s (%s)", event.kind, outcome, event.event_id)
    return outcome


def unapplied() -> int:
    """How many events wait for an operator."""
    return StripeEvent.objects.exclude(outcome__in=Outcome.final()).count()


@transaction.atomic
def _record(event: Event, fact: facts.Fact | None, *, now: datetime) -> str:
    row = _claim(event)
    if row is None:
        return Outcome.APPLIED  # another delivery was quicker
    outcome = Outcome.IGNORED if fact is None else settlement.apply(fact, event_id=event.event_id, now=now)
    row.outcome = outcome
    row.save(update_fields=["outcome"])
    return outcome


def _claim(event: Event) -> StripeEvent | None:
    """The event's row, locked; None when it was dealt with. Of deliveries at once all but one wait here."""
    StripeEvent.objects.bulk_create(
        [
            StripeEvent(
                event_id=event.event_id,
                kind=event.kind,
                object_id=event.subject.get("id", ""),
                outcome=Outcome.RECEIVED,
                happened_at=event.happened_at,
            )
        ],
        ignore_conflicts=True,
    )
    row = StripeEvent.objects.select_for_update(no_key=True).get(pk=event.event_id)
    return None if row.outcome in Outcome.final() else row
