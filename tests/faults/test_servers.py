"""Servers that lose everything or go away while jobs are under way, and messages that come twice."""

import signal
import time

import pytest

pytestmark = pytest.mark.journey


def test_broker_loses_every_message(world, submit, hold):
    jobs = submit()
    world.wait_for_steps("running", of=jobs, count=3)

    world.flush()

    hold(jobs)


def test_broker_is_killed_and_is_away_for_two_seconds(world, submit, hold):
    jobs = submit()
    world.wait_for_steps("running", of=jobs, count=3)

    with world.without_broker(seconds=2):
        pass

    hold(jobs)


def test_workers_are_killed_and_the_broker_loses_every_message(world, submit, hold):
    jobs = submit()
    world.wait_for_steps("running", of=jobs, count=3)

    world.kill("ai", "render", "control")
    world.flush()

    hold(jobs)


def test_messages_cannot_be_sent_after_their_commit(world, submit, hold):
    jobs = submit()
    world.wait_for_steps("running", of=jobs, kind="strategy", count=2)

    with world.without_broker(seconds=0):
        world.wait_for_steps("queued", of=jobs, count=4)  # committed, and nobody was told

    hold(jobs)


def test_database_restarts(world, submit, hold):
    jobs = submit()
    world.wait_for_steps("running", of=jobs, count=3)

    world.restart_database(signal.SIGQUIT)  # at once: it has to recover what it had written

    hold(jobs)


def test_every_message_comes_again_and_again(world, submit, hold):
    jobs = submit()

    for _ in range(15):
        world.deliver_again(jobs)
        time.sleep(0.3)

    hold(jobs)
