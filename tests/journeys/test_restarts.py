"""The database server drops every connection, as a restart does: the next jobs and a running one go on."""

import time

import pytest

pytestmark = pytest.mark.journey

SMALL = {"prompt": "How to plan a quiet week", "imageCount": 2, "aspectRatio": "4:5"}
LARGE = SMALL | {"imageCount": 10}
RECOVERY = 45  # seconds: a lease of 30, a sweep of 5, and the work itself
IN_FLIGHT = 4  # slides that may be in work at one moment, more than any pool here has processes

TERMINATE = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


def test_jobs_after_all_connections_were_lost_are_done_at_once(running):
    key = running.user("idle@example.com")
    _finish(running, key, SMALL, seconds=30)  # every process has its connections now

    assert running.sql(TERMINATE)[0][0] > 0
    jobs = [_finish(running, key, SMALL, seconds=15) for _ in range(2)]

    for job_id in jobs:
        assert _attempts(running, job_id) == {"strategy": [1], "slide": [1, 1], "finalize": [1]}
        assert _calls(running, job_id) == {None: 1, 1: 1, 2: 1}


def test_job_whose_workers_lost_their_connections_is_completed(running):
    key = running.user("midway@example.com")
    job_id = running.call("/api/carousel/generate", key, LARGE)[1]["data"]["jobId"]
    finished = _wait_until_mid_slide(running, job_id)

    running.sql(TERMINATE)
    status = running.wait_for_end(job_id, key, seconds=RECOVERY)

    attempts, calls = _attempts(running, job_id), _calls(running, job_id)
    assert status["status"] == "completed"
    assert {number: calls[number] for number in finished} == dict.fromkeys(finished, 1)
    assert {number: attempts["slide"][number - 1] for number in finished} == dict.fromkeys(finished, 1)
    assert sum(attempts["slide"]) <= 10 + IN_FLIGHT
    assert sum(calls.values()) <= 1 + 10 + IN_FLIGHT


def _finish(running, key: str, brief: dict, *, seconds: float) -> str:
    """A job handed in and waited for; returns its id."""
    code, accepted = running.call("/api/carousel/generate", key, brief)
    assert code == 200, accepted
    status = running.wait_for_end(accepted["data"]["jobId"], key, seconds=seconds)
    assert status["status"] == "completed"
    return accepted["data"]["jobId"]


def _wait_until_mid_slide(running, job_id: str) -> list[int]:
    """Waits for a slide in work beside finished ones; returns the numbers of the finished."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        rows = running.sql(
            "SELECT slide_number, status FROM job_steps WHERE job_id = %s AND kind = 'slide'", job_id
        )
        statuses = dict(rows)
        if {"done", "running"} <= set(statuses.values()):
            return [number for number, status in statuses.items() if status == "done"]
    raise TimeoutError("no slide was ever being painted beside a finished one")


def _attempts(running, job_id: str) -> dict[str, list[int]]:
    rows = running.sql(
        "SELECT kind, array_agg(attempt ORDER BY slide_number) FROM job_steps "
        "WHERE job_id = %s GROUP BY kind",
        job_id,
    )
    return dict(rows)


def _calls(running, job_id: str) -> dict[int | None, int]:
    """How often each slide was paid for; None is the strategy."""
    rows = running.sql(
        "SELECT slide_number, count(*) FROM provider_calls WHERE job_id = %s GROUP BY slide_number", job_id
    )
    return dict(rows)
