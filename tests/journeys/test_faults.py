"""The main job while things break: a broker that refuses, one that stalls, a worker that is killed."""

import json
import os
import signal
import time

import pytest

from jobs.outage import Outage
from tests.journeys.installation import SECRET

pytestmark = pytest.mark.journey

BRIEF = {"prompt": "How to plan a quiet week", "imageCount": 10, "aspectRatio": "4:5"}
PATIENCE = 2.0  # seconds a submit may take while the broker is away


def test_submit_is_accepted_while_the_broker_refuses(installation):
    key = installation.user("refused@example.com")
    with installation.fleet() as fleet:
        fleet.wait_until_ready()
        installation.relay.shut()

        seconds, code, accepted = _timed_generate(installation, key)
        installation.relay.open()
        status = installation.wait_for_end(accepted["data"]["jobId"], key)

    assert (code, status["status"], seconds < PATIENCE) == (200, "completed", True)
    assert _charges(installation, "refused@example.com") == [-1]


def test_submit_is_accepted_while_the_broker_stalls(installation):
    key = installation.user("stalled@example.com")
    broker = json.loads((installation.pair.folder / "run.json").read_text())["processes"]["valkey"][0]
    with installation.fleet() as fleet:
        fleet.wait_until_ready()
        os.kill(broker, signal.SIGSTOP)
        try:
            seconds, code, accepted = _timed_generate(installation, key)
        finally:
            os.kill(broker, signal.SIGCONT)
        status = installation.wait_for_end(accepted["data"]["jobId"], key)

    assert (code, status["status"], seconds < PATIENCE) == (200, "completed", True)
    assert _charges(installation, "stalled@example.com") == [-1]


def test_killed_worker_loses_no_slide_and_repeats_no_finished_one(installation):
    key = installation.user("killed@example.com")
    with installation.fleet() as fleet:
        fleet.wait_until_ready()
        job_id = installation.call("/api/carousel/generate", key, BRIEF)[1]["data"]["jobId"]
        _wait_until_mid_slide(installation, job_id)
        fleet.restart("render")  # kill -9 of the worker and its pool, then a new one
        before = _slides(installation, job_id)
        status = installation.wait_for_end(job_id, key)
        after = _slides(installation, job_id)

    finished = {number: row for number, row in before.items() if row[0] == "done"}
    cut_off = {number for number, row in before.items() if row[0] == "running"}
    assert status["status"] == "completed"
    assert finished
    assert cut_off
    assert {number: after[number] for number in finished} == finished
    assert {after[number][1] for number in cut_off} == {2}
    calls = _calls(installation, job_id)
    assert {calls[number] for number in finished} == {1}
    assert {number for number, count in calls.items() if count > 1} <= cut_off  # booked, not recorded
    assert sorted(calls) == list(range(1, 11))


def test_outside_scheduler_starts_a_job_whose_message_was_lost(installation):
    key = installation.user("scheduled@example.com")
    with installation.fleet("web", "ai", "render") as fleet:  # no sweep in this world
        fleet.wait_until_ready()
        installation.relay.shut()
        job_id = _timed_generate(installation, key)[2]["data"]["jobId"]
        installation.relay.open()
        time.sleep(Outage.MOMENT)  # the web process leaves a broker that refused alone for so long

        code, answer = installation.call("/api/queue/process", SECRET, {})
        status = installation.wait_for_end(job_id, key)

    assert (code, answer["data"]["processed"]) == (200, 1)
    assert status["status"] == "completed"


def _timed_generate(installation, key: str) -> tuple[float, int, dict]:
    began = time.monotonic()
    code, answer = installation.call("/api/carousel/generate", key, BRIEF | {"imageCount": 2})
    return time.monotonic() - began, code, answer


def _wait_until_mid_slide(installation, job_id: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        statuses = [row[0] for row in _slides(installation, job_id).values()]
        if "done" in statuses and "running" in statuses:
            return
    raise TimeoutError("no slide was ever being painted beside a finished one")


def _slides(installation, job_id: str) -> dict[int, tuple]:
    rows = installation.sql(
        "SELECT slide_number, status, attempt, started_at, finished_at FROM job_steps "
        "WHERE job_id = %s AND kind = 'slide' ORDER BY slide_number",
        job_id,
    )
    return {number: tuple(rest) for number, *rest in rows}


def _calls(installation, job_id: str) -> dict[int, int]:
    rows = installation.sql(
        "SELECT slide_number, count(*) FROM provider_calls WHERE job_id = %s AND step_kind = 'slide' "
        "GROUP BY slide_number",
        job_id,
    )
    return dict(rows)


def _charges(installation, email: str) -> list[int]:
    rows = installation.sql(
        "SELECT l.credits FROM billing_ledger l JOIN users u ON u.id = l.account_id "
        "WHERE u.email = %s AND l.kind = 'charge'",
        email,
    )
    return [credits for (credits,) in rows]
