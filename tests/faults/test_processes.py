"""Processes that die, sleep or are asked to go while they work."""

import pytest

from tests.faults.world import EVERYONE

pytestmark = pytest.mark.journey

LEASE = 3.0  # seconds, see conftest.py


def test_every_process_is_killed(world, submit, hold):
    jobs = submit()
    world.wait_for_steps("running", of=jobs, count=3)

    world.kill(*EVERYONE)

    world.fleet.wait_until_ready()
    hold(jobs)


def test_process_of_the_pool_is_killed(world, submit, hold):
    jobs = submit()
    world.wait_for_steps("running", of=jobs, kind="finalize")

    world.kill_child("render")

    hold(jobs)


def test_worker_that_was_thought_dead_comes_back(world, submit, hold):
    jobs = submit()
    world.wait_for_steps("running", of=jobs, count=3)

    world.freeze("ai", seconds=2 * LEASE)

    hold(jobs)


def test_worker_is_asked_to_stop_during_its_calls(world, submit, hold):
    jobs = submit()
    world.wait_for_steps("running", of=jobs, count=3)

    world.ask_to_stop("ai", seconds=20)
    running = world.sql("SELECT count(*) FROM job_steps WHERE status = 'running' AND kind <> 'finalize'")
    world.start_again("ai")

    assert running == [(0,)]
    hold(jobs)
    assert _attempts(world, jobs) == {1}


def test_step_that_kills_its_worker_fails_its_job_alone(world, customer, submit, hold):
    poisoned = world.submit_poisoned(customer, tries=2)
    others = submit(1)

    world.poison(poisoned, times=2)

    hold([poisoned, *others])
    assert world.sql(
        "SELECT status, error_code, retry_count FROM generation_jobs WHERE id = %s", poisoned
    ) == [("failed", "WORKER_LOST", 1)]
    assert world.sql(
        "SELECT kind, credits FROM billing_ledger WHERE starts_with(reference, %s) ORDER BY id",
        f"job:{poisoned}:",
    ) == [("charge", -1), ("refund", 1)]


def _attempts(world, jobs: list[str]) -> set[int]:
    return {
        attempt
        for (attempt,) in world.sql(
            "SELECT DISTINCT attempt FROM job_steps WHERE job_id = ANY(%s::uuid[])", jobs
        )
    }
