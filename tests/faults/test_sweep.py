"""The sweep: several at once, and none for an hour."""

import time

import pytest

from tests.faults.world import SETTINGS

pytestmark = pytest.mark.journey

LEASE = float(SETTINGS["LEASE_SECONDS"])
BACK = 20  # seconds to work off what waited for an hour
AN_HOUR_AGO = """
    UPDATE generation_jobs SET created_at = created_at - interval '1 hour',
        scheduled_at = scheduled_at - interval '1 hour', started_at = started_at - interval '1 hour',
        updated_at = updated_at - interval '1 hour' WHERE id = ANY(%s::uuid[])
"""
STEPS_AN_HOUR_AGO = """
    UPDATE job_steps SET lease_until = lease_until - interval '1 hour',
        redrive_at = redrive_at - interval '1 hour', started_at = started_at - interval '1 hour'
    WHERE status IN ('waiting', 'queued', 'running') AND job_id = ANY(%s::uuid[])
"""


def test_sweeps_at_once_take_each_step_once(world, submit, hold):
    jobs = submit()
    with world.frozen("beat"):
        world.wait_for_steps("running", of=jobs, count=4)
        world.kill("ai")
        time.sleep(1.2 * LEASE)

        for _ in range(10):
            world.send("jobs.sweep", queue="ai")  # a worker with many threads: they come together
        world.wait_for_steps("done", of=jobs, count=4)

    hold(jobs)
    taken = world.sql(
        "SELECT count(*) FROM job_events WHERE reason = 'WORKER_LOST' AND job_id = ANY(%s::uuid[]) "
        "GROUP BY job_id, slide_number",
        jobs,
    )
    assert taken == [(1,)] * 4


def test_hour_without_beat_is_made_up_for(world, submit, hold):
    """Waiting an hour shows nothing that rows an hour old do not: all that ages are times in rows."""
    with world.frozen("beat"):
        cut_off = submit(2)
        world.wait_for_steps("running", of=cut_off, count=4)
        world.kill("ai")
        with world.without_broker(seconds=0):
            untold = submit(2)
        jobs = [*cut_off, *untold]
        world.sql(AN_HOUR_AGO, jobs)
        world.sql(STEPS_AN_HOUR_AGO, jobs)
        world.fleet.wait_until_ready()

        waiting = world.sql("SELECT status FROM generation_jobs WHERE id = ANY(%s::uuid[])", untold)
        assert waiting == [("queued",)] * 2

    hold(jobs, seconds=BACK)
