"""A backlog in small: what `make endurance` measures with 2,000 steps over ten minutes."""

import pytest

from tests.faults.endurance import MESSAGES_MOST, RECOVERED_WITHIN, THREADS, pile_up

pytestmark = pytest.mark.journey

STEPS, SECONDS = 256, 8  # much longer than it takes until a silent message is thought lost


def test_backlog_brings_few_messages_twice_and_hides_no_dead_worker(world):
    slow = THREADS * SECONDS / STEPS
    [key] = world.installation.customers("backlog", 1, script=f"slow={slow:.1f}s")

    seen = pile_up(world, key, steps=STEPS, kill_after=0)

    assert seen.messages <= MESSAGES_MOST * STEPS + THREADS  # the killed worker's come again, as they must
    assert seen.recovered <= RECOVERED_WITHIN / 3
