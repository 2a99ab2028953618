"""Failures rehearsed through real workers: by an app with a sandbox key, and at the terminal."""

import os
import subprocess
import sys
import time
from itertools import chain

import pytest

from carousels.providers.offline.scripts import read_calls
from tests.installation import ROOT

pytestmark = pytest.mark.journey

BRIEF = {"prompt": "5 pricing mistakes freelancers make", "imageCount": 2}


def sandbox_key(running, email: str, script: str) -> str:
    running.user(email)
    return running.manage("createapikey", email, "--script", script)


def test_app_sees_retries_and_then_a_finished_carousel(running):
    key = sandbox_key(running, "retries@example.com", "text:429=2-then-ok,slide2:500-then-slow=2s")

    job_id = running.call("/api/carousel/generate", key, BRIEF)[1]["data"]["jobId"]
    status = running.wait_for_end(job_id, key, seconds=60)

    events = running.call(f"/api/jobs/{job_id}/events", key)[1]["data"]
    again = [event for event in events if (event["from"], event["to"]) == ("running", "queued")]
    assert [(event["step"], event["slideNumber"], event["reason"]) for event in again] == [
        ("strategy", None, "RATE_LIMITED"),
        ("slide", 2, "PROVIDER_UNAVAILABLE"),
    ]
    assert [event["data"]["attempt"] for event in again] == [1, 1]
    assert again[0]["data"]["retryInSeconds"] >= 2
    assert (status["status"], status["error"]) == ("completed", None)
    assert status["result"]["metadata"]["aiModel"] == "offline-rehearsal"
    assert status["result"]["metadata"]["totalCost"] == 0
    assert running.call("/api/user", key)[1]["data"]["credits"] == 9


def test_each_call_is_in_the_log_with_its_start_and_end(running):
    key = sandbox_key(running, "log@example.com", "slide1:slow=1s,slide2:half-image-then-ok")

    job_id = running.call("/api/carousel/generate", key, BRIEF)[1]["data"]["jobId"]
    running.wait_for_end(job_id, key, seconds=60)

    calls = read_calls(running.folder / "calls")[job_id]
    outcomes = {name: [call.outcome for call in made] for name, made in calls.items()}
    assert outcomes == {"strategy": ["ok"], "slide-1": ["ok"], "slide-2": ["half-image", "ok"]}
    [slow] = calls["slide-1"]
    assert slow.ended_at - slow.started_at >= 1


def test_more_slow_calls_wait_at_once_than_there_are_connections(running):
    key = sandbox_key(running, "slow@example.com", "image:slow=6s")
    brief = BRIEF | {"imageCount": 10, "aspectRatio": "1:1"}
    jobs = [running.call("/api/carousel/generate", key, brief)[1]["data"]["jobId"] for _ in range(3)]

    def calls_in_flight() -> int:
        made = read_calls(running.folder / "calls")
        calls = [call for job in jobs for calls in made.get(job, {}).values() for call in calls]
        return sum(call.ended_at is None for call in calls)

    deadline, most = time.monotonic() + 30, 0
    while most < 30 and time.monotonic() < deadline:
        most = max(most, calls_in_flight())
        time.sleep(0.05)
    answers = [running.call(f"/api/jobs/{job}/cancel", key, {})[0] for job in jobs]

    assert most == 30  # twice the pool of `ai`: who waits for an answer holds no connection
    assert answers == [200, 200, 200]


def test_app_sees_a_failure_and_its_credit_again(running):
    key = sandbox_key(running, "refusal@example.com", "image:policy")

    job_id = running.call("/api/carousel/generate", key, BRIEF)[1]["data"]["jobId"]
    status = running.wait_for_end(job_id, key, seconds=60)

    assert (status["status"], status["error"]["code"]) == ("failed", "CONTENT_REJECTED")
    assert running.call("/api/user", key)[1]["data"]["credits"] == 10


def test_demo_tells_of_every_retry_and_that_the_credit_was_paid_back(installation, tmp_path):
    options = {"--prompt": BRIEF["prompt"], "--slides": "2", "--script": "text:429-then-policy"}
    demo = subprocess.run(
        [sys.executable, "manage.py", "demo", "--out", tmp_path, *chain.from_iterable(options.items())],
        cwd=ROOT,
        env=os.environ | installation.environment,
        capture_output=True,
        text=True,
    )

    assert demo.returncode == 1
    assert "Rehearsing text:429-then-policy" in demo.stdout
    assert demo.stdout.count("RATE_LIMITED") == 1
    assert "before try 2" in demo.stdout
    assert "CONTENT_REJECTED: This request was declined by the content policy." in demo.stderr
    assert "The credit was paid back." in demo.stderr
    assert list(tmp_path.rglob("*.png")) == []
