"""Many workers reserve at once: the ceiling and the provider's room hold, and only because of the lock."""

from decimal import Decimal

import pytest
from django.utils import timezone

from jobs import reservations
from jobs.models import ProviderCall
from jobs.reservations import NoRoom, OverCeiling
from jobs.states import CallPurpose
from tests import factories
from tests.concurrency.threads import at_once
from tests.jobs import fakes

PRICE = Decimal("0.04")
THREADS = 12


@pytest.fixture
def step(transactional_db):
    return fakes.claimed(factories.queued_step(factories.started_job(factories.user())))


def reserve_together(step, **vendor) -> list[str]:
    """How each of the threads fared."""

    def reserve() -> str:
        try:
            reservations.reserve(
                step=step,
                purpose=CallPurpose.PICTURE,
                provider=fakes.FakeArt(**vendor),
                expected_cost_usd=PRICE,
                now=timezone.now(),
            )
        except (NoRoom, OverCeiling) as refused:
            return type(refused).__name__
        return "reserved"

    return at_once(*[reserve] * THREADS)


def test_ceiling_of_three_lets_three_of_many_through(step, settings):
    settings.COST_CEILING_JOB_USD = 3 * PRICE

    fared = reserve_together(step)

    assert (fared.count("reserved"), fared.count("OverCeiling")) == (3, THREADS - 3)
    assert ProviderCall.objects.count() == 3


def test_room_for_four_lets_four_of_many_through(step):
    fared = reserve_together(step, name="narrow", concurrency=4)

    assert (fared.count("reserved"), fared.count("NoRoom")) == (4, THREADS - 4)
    assert ProviderCall.objects.count() == 4


def test_without_the_lock_too_many_are_let_through(step, settings, monkeypatch):
    settings.COST_CEILING_JOB_USD = 3 * PRICE
    monkeypatch.setattr(reservations, "_lock_reservations", lambda: None)

    reserved = [reserve_together(step).count("reserved")]
    while max(reserved) <= 3 and len(reserved) < 20:
        ProviderCall.objects.all().delete()
        reserved.append(reserve_together(step).count("reserved"))

    assert max(reserved) > 3
