"""A backlog in small: what `make endurance` measures with 2,000 steps over ten minutes."""

import pytest

from tests.faults.endurance import MESSAGES_MOST, THREADS, pile_up
from tests.faults.world import SETTINGS

pytestmark = pytest.mark.journey

LEASE, SWEEP = float(SETTINGS["LEASE_SECONDS"]), 5.0
STEPS, SECONDS = 400, 20  # three times as long as it takes until a silent message is thought lost


def test_backlog_brings_few_messages_twice_and_hides_no_dead_worker(world):
    slow = THREADS * SECONDS / STEPS
    [key] = world.installation.customers("backlog", 1, script=f"slow={slow:.1f}s")

    seen = pile_up(world, key, steps=STEPS, kill_after=0)

    assert seen.messages_per_step <= MESSAGES_MOST
    assert seen.recovered <= LEASE + SWEEP + 2 * slow
