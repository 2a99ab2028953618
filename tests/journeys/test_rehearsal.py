"""Failures rehearsed through real workers: by an app with a sandbox key, and at the terminal."""

import os
import subprocess
import sys
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
    script = "text:429=2-then-ok,slide1:half-image-then-ok,slide2:slow=1s"
    key = sandbox_key(running, "retries@example.com", script)

    job_id = running.call("/api/carousel/generate", key, BRIEF)[1]["data"]["jobId"]
    status = running.wait_for_end(job_id, key, seconds=60)

    events = running.call(f"/api/jobs/{job_id}/events", key)[1]["data"]
    again = [event for event in events if (event["from"], event["to"]) == ("running", "queued")]
    assert [(event["step"], event["slideNumber"], event["reason"]) for event in again] == [
        ("strategy", None, "RATE_LIMITED"),
        ("slide", 1, "INCOMPLETE_ANSWER"),
    ]
    assert [event["data"]["attempt"] for event in again] == [1, 1]
    assert again[0]["data"]["retryInSeconds"] >= 2
    assert (status["status"], status["error"]) == ("completed", None)
    assert status["result"]["metadata"]["aiModel"] == "offline-rehearsal"
    assert status["result"]["metadata"]["totalCost"] == 0
    assert running.call("/api/user", key)[1]["data"]["credits"] == 9
    calls = read_calls(running.folder / "calls")[job_id]
    outcomes = {name: [call.outcome for call in made] for name, made in calls.items()}
    assert outcomes == {"strategy": ["429", "ok"], "slide-1": ["half-image", "ok"], "slide-2": ["ok"]}
    [slow] = calls["slide-2"]
    assert slow.ended_at - slow.started_at >= 1


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
