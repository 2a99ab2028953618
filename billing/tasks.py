"""Beat's errands for money. Adapters only."""

import logging

from celery import shared_task
from django.utils import timezone

from billing import grants, terms
from billing.payments import subscriptions

logger = logging.getLogger(__name__)


@shared_task(name="billing.reset_daily_limits", expires=600)
def reset_daily_limits() -> int:
    touched = terms.reset_days(now=timezone.now())
    logger.info("daily limits reset: %d accounts", touched)
    return touched


@shared_task(name="billing.give_monthly_grants", expires=600)
def give_monthly_grants() -> int:
    granted = grants.give_due(now=timezone.now())
    logger.info("monthly grants: %d accounts", granted)
    return granted


@shared_task(name="billing.end_unpaid_plans", expires=600)
def end_unpaid_plans() -> int:
    ended = subscriptions.end_unpaid(now=timezone.now())
    logger.info("plans no longer paid for: %d accounts", ended)
    return ended
