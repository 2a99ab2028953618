"""Calls to a provider: longer than a lease, more than connections, and made by a worker thought dead."""

from pathlib import Path

import pytest

from carousels.providers.offline.scripts import Call, read_calls
from tests.faults.world import SETTINGS

pytestmark = pytest.mark.journey

LEASE = float(SETTINGS["LEASE_SECONDS"])
POOL = int(SETTINGS["DATABASE_POOL_SIZE"])


def test_call_three_times_as_long_as_a_lease_is_made_once(world, submit, hold):
    [key] = world.installation.customers("long", 1, script=f"slide1:slow={3 * LEASE}s")
    jobs = submit(1, key=key)

    hold(jobs)

    [long] = calls_of(world, jobs[0])["slide-1"]
    assert long.ended_at - long.started_at >= 3 * LEASE
    assert world.sql("SELECT max(attempt) FROM job_steps WHERE job_id = %s", jobs[0]) == [(1,)]


def test_fifty_calls_at_once_need_no_more_than_two_connections(world, submit, hold):
    [key] = world.installation.customers("many", 1, script="slow=4s")
    jobs = submit(50, key=key, what="strategy")

    hold(jobs)

    calls = [call for job in jobs for call in calls_of(world, job)["strategy"]]
    assert len(calls) == 50
    assert POOL == 2
    assert most_at_once(calls) >= 45
    assert world.sql("SELECT max(attempt) FROM job_steps WHERE job_id = ANY(%s::uuid[])", jobs) == [(1,)]


def test_file_of_a_worker_that_comes_back_replaces_nothing(world, submit, hold):
    """What it draws differs from what the winner drew, because the title changed while it slept."""
    [key] = world.installation.customers("sleeper", 1, script="image:slow=3s")  # time to fall asleep in
    jobs = submit(1, key=key)
    both = {"strategy", "slide-1", "slide-2"}
    world.wait_until(lambda: calls_of(world, jobs[0]).keys() == both, seconds=30, what="both are called for")
    carousel = world.sql("SELECT carousel_id FROM generation_jobs WHERE id = %s", jobs[0])[0][0]

    with world.frozen("ai"):
        world.sql("UPDATE carousels SET title = 'Another title' WHERE id = %s", carousel)
        with world.installation.fleet("ai", logs="winner") as winner:
            winner.wait_until_ready()
            world.wait_for_steps("done", of=jobs, count=2)
            of_winner = art_of(world, carousel)
    world.wait_until(lambda: len(drawn_for(world, carousel)) == 4, seconds=10, what="the sleeper's files")

    hold(jobs)
    assert art_of(world, carousel) == of_winner
    assert {path.name for path in drawn_for(world, carousel)} > {Path(key).name for key in of_winner}


def calls_of(world, job: str) -> dict[str, list[Call]]:
    return read_calls(world.installation.folder / "calls").get(job, {})


def most_at_once(calls: list[Call]) -> int:
    """The largest number of calls under way at the moment when one started."""
    return max(sum(other.started_at <= call.started_at < other.ended_at for other in calls) for call in calls)


def art_of(world, carousel) -> list[str]:
    rows = world.sql("SELECT art_key FROM slides WHERE carousel_id = %s ORDER BY number", carousel)
    return [key for (key,) in rows]


def drawn_for(world, carousel) -> list[Path]:
    return list((world.installation.folder / "media" / "carousels" / str(carousel)).glob("art-*"))
