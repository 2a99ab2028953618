"""A submit while the broker is away: accepted without waiting for it, charged once, worked off later."""

import signal
import time

import pytest

from jobs.outage import Outage
from tests.installation import SECRET

pytestmark = pytest.mark.journey

PATIENCE = 0.9  # seconds a submit may take while the broker is away: whoever waited for it took one


def test_submit_is_accepted_while_the_broker_refuses(world, submit, hold):
    with world.without_broker(seconds=0):
        began = time.monotonic()
        jobs = submit(1)
        seconds = time.monotonic() - began

    assert seconds < PATIENCE
    hold(jobs)


def test_submit_is_accepted_while_the_broker_stalls(world, submit, hold):
    broker = world.installation.servers.broker
    broker.send(signal.SIGSTOP)
    try:
        began = time.monotonic()
        jobs = submit(1)
        seconds = time.monotonic() - began
    finally:
        broker.send(signal.SIGCONT)

    assert seconds < PATIENCE
    hold(jobs)


def test_outside_scheduler_starts_a_job_whose_message_was_lost(world, submit, hold):
    with world.frozen("beat"):  # no sweep in this world
        with world.without_broker(seconds=0):
            jobs = submit(1)
        time.sleep(Outage.MOMENT)  # the web process leaves a broker that refused alone for so long

        code, answer = world.installation.call("/api/queue/process", SECRET, {})
        hold(jobs)

    assert (code, answer["data"]["processed"]) == (200, 1)
