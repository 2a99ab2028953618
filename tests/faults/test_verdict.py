"""The judge itself: a clean job passes, and whatever is bent afterwards is seen under its promise."""

import json
import time

import pytest
from django.db import connection

from carousels.providers.offline.scripts import Call
from jobs.models import GenerationJob
from tests import factories
from tests.faults.verdict import RECORDING, Kill, is_anything_under_way, judge
from tests.jobs import fakes

pytestmark = pytest.mark.django_db

SLIDE_1 = "slide-1"


@pytest.fixture
def job(settings) -> GenerationJob:
    """A finished job of two slides, each bought once; its pages are the pictures alone."""
    settings.OFFLINE_SCRIPT = "ok"
    finished = fakes.settle_all(factories.started_job(factories.user(), imageCount=2, aspectRatio="1:1"))
    sql("UPDATE slides SET image_key = art_key, jpeg_key = art_key, thumbnail_key = art_key")
    return finished


@pytest.fixture
def judged(settings):
    def judge_now(*jobs, **given):
        accepted = [str(job.pk) if isinstance(job, GenerationJob) else job for job in jobs]
        return judge(sql=sql, calls=settings.CALL_LOG, media=settings.MEDIA_ROOT, accepted=accepted, **given)

    return judge_now


def sql(statement: str, *values) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def forge(settings, job, *lines: dict, name: str = SLIDE_1) -> None:
    """Append to the provider's log of one call."""
    with (settings.CALL_LOG / str(job.pk) / f"{name}.jsonl").open("a") as log:
        log.writelines(f"{json.dumps(line)}\n" for line in lines)


def promises_broken(verdict) -> set[str]:
    return set(verdict.faults)


def test_finished_job_passes(job, judged):
    verdict = judged(job)

    assert (verdict.faults, verdict.in_flight) == ({}, 0)
    assert not is_anything_under_way(sql)


def test_job_without_a_row_is_lost(job, judged):
    verdict = judged(job, "3f1d0a34-0000-4000-8000-000000000000")

    assert verdict.faults == {
        "lost": ["job 3f1d0a34-0000-4000-8000-000000000000 was accepted and has no row"]
    }


def test_job_that_had_to_fail_and_did_not_is_lost(job, judged):
    assert judged(job, failing=[str(job.pk)]).faults == {"lost": [f"job {job.pk} is completed"]}


def test_job_that_failed_for_no_reason_is_lost(judged, settings):
    settings.OFFLINE_SCRIPT = "policy"
    failed = factories.work_off(factories.job(factories.user()))

    assert judged(failed).faults == {"lost": [f"job {failed.pk} is failed"]}
    assert judged(failed, failing=[str(failed.pk)]).faults == {}


def test_job_that_never_ends_is_stuck(job, judged):
    waiting = factories.started_job(factories.user())

    assert judged(job).faults == {"stuck": [f"job {waiting.pk} is still processing"]}
    assert is_anything_under_way(sql)


BENT = [
    ("UPDATE slides SET art_key = '' WHERE number = 1", "lost"),
    ("UPDATE job_steps SET status = 'queued' WHERE kind = 'finalize'", "stuck"),
    (
        "INSERT INTO billing_ledger (account_id, kind, credits, balance_after, reference, actor) "
        "SELECT user_id, 'charge', -1, 8, 'job:' || id || ':2', 'system' FROM generation_jobs; "
        "UPDATE billing_accounts SET credits = 8",
        "double_charges",
    ),
    (
        "INSERT INTO billing_ledger (account_id, kind, credits, balance_after, reference, actor) "
        "SELECT user_id, 'refund', 1, 10, 'job:' || id || ':1', 'system' FROM generation_jobs; "
        "UPDATE billing_accounts SET credits = 10",
        "double_charges",
    ),
    ("UPDATE billing_accounts SET credits = 10", "wrong_ledger"),
    (
        "INSERT INTO billing_ledger (account_id, kind, credits, balance_after, reference, actor) "
        "SELECT user_id, 'grant', 5, 5, 'gift', 'test' FROM generation_jobs; "
        "UPDATE billing_accounts SET credits = 14",
        "wrong_ledger",
    ),
    ("DELETE FROM job_events WHERE sequence = 3", "gaps_in_events"),
    ("DELETE FROM job_events", "gaps_in_events"),
    ("UPDATE job_events SET from_status = 'failed' WHERE to_status = 'completed'", "gaps_in_events"),
    (
        "DELETE FROM job_events e WHERE sequence = (SELECT max(sequence) FROM job_events)",
        "gaps_in_events",
    ),
    ("UPDATE slides SET art_key = 'carousels/gone.png' WHERE number = 1", "damaged_files"),
]


@pytest.mark.parametrize(("statement", "promise"), BENT)
def test_bent_rows_are_seen(job, judged, statement, promise):
    sql(statement)

    assert promises_broken(judged(job)) == {promise}


def test_job_that_was_never_charged_is_seen(job, judged):
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql("ALTER TABLE billing_ledger DISABLE TRIGGER ledger_no_update_or_delete")
    sql("DELETE FROM billing_ledger WHERE kind = 'charge'")
    sql("UPDATE billing_accounts SET credits = 10")

    assert judged(job).faults == {"wrong_ledger": [f"job {job.pk} was never charged"]}


def test_file_with_other_bytes_is_seen(job, judged, settings):
    key = job.carousel.slides.get(number=1).art_key
    (settings.MEDIA_ROOT / key).write_bytes(b"of another worker")

    assert judged(job).faults == {"damaged_files": [f"{key} is not what its name says"]}


def test_finished_slide_without_a_call_is_seen(job, judged, settings):
    (settings.CALL_LOG / str(job.pk) / f"{SLIDE_1}.jsonl").unlink()

    assert judged(job).faults == {
        "bought_twice": [f"{SLIDE_1} of job {job.pk} is there and was never bought"]
    }


def test_call_for_a_finished_slide_is_bought_twice_whatever_was_killed(job, judged, settings):
    now = time.time()
    forge(settings, job, {"event": "start", "at": now, "pid": 2})

    verdict = judged(job, kills=[Kill(began=0, ended=now + 1, pids=None)])

    assert (promises_broken(verdict), verdict.in_flight) == ({"bought_twice"}, 0)


@pytest.mark.parametrize("outcome", ["429", "500", "timeout"])
def test_failed_call_buys_nothing(job, judged, settings, outcome):
    start = {"event": "start", "at": time.time(), "pid": 2}
    forge(settings, job, start, {"event": "end", "call": 2, "at": time.time(), "outcome": outcome})

    verdict = judged(job)

    assert (verdict.faults, verdict.in_flight) == ({}, 0)


@pytest.fixture
def repeated(job, settings) -> GenerationJob:
    """By its log, process 7 began a call at 100 s and process 8 made it again from 110 to 112 s."""
    (settings.CALL_LOG / str(job.pk) / f"{SLIDE_1}.jsonl").unlink()
    forge(
        settings,
        job,
        {"event": "start", "at": 100.0, "pid": 7},
        {"event": "start", "at": 110.0, "pid": 8},
        {"event": "end", "call": 2, "at": 112.0, "outcome": "ok"},
    )
    return job


def test_repeat_after_a_kill_counts_as_in_flight(repeated, judged):
    verdict = judged(repeated, kills=[Kill(began=105, ended=105.1, pids=frozenset([7]))])

    assert (verdict.faults, verdict.in_flight) == ({}, 1)


def test_repeat_after_a_kill_between_answer_and_record_is_told_apart(repeated, judged, settings):
    forge(settings, repeated, {"event": "end", "call": 1, "at": 103.0, "outcome": "ok"})

    soon = judged(repeated, kills=[Kill(began=104, ended=104.1, pids=frozenset([7]))])
    late = judged(repeated, kills=[Kill(began=103.1 + RECORDING, ended=109, pids=frozenset([7]))])

    assert (soon.faults, soon.in_flight, soon.unrecorded) == ({}, 0, 1)
    assert (promises_broken(late), late.in_flight, late.unrecorded) == ({"bought_twice"}, 0, 0)


def test_repeat_without_a_kill_is_bought_twice(repeated, judged):
    verdict = judged(repeated)

    assert (promises_broken(verdict), verdict.in_flight) == ({"bought_twice"}, 0)


@pytest.mark.parametrize(
    ("ended_at", "began", "ended", "pids", "explains"),
    [
        (None, 105, 105.1, {7}, True),
        (None, 99.9, 100.1, {7}, True),
        (None, 105, 106, None, True),
        (109, 105, 108, {7}, True),  # asleep, and woke up
        (None, 105, 105.1, {8}, False),  # somebody else was killed
        (None, 90, 99, {7}, False),  # before it began
        (None, 111, 111.1, {7}, False),  # after it was made again
        (104.5, 105, 105.1, {7}, False),  # after its end
    ],
)
def test_kill_explains_the_repeat_of_a_call_that_it_cut(ended_at, began, ended, pids, explains):
    first = Call(number=1, pid=7, started_at=100, ended_at=ended_at, outcome=ended_at and "ok")
    again = Call(number=2, pid=8, started_at=110, ended_at=112, outcome="ok")

    assert Kill(began=began, ended=ended, pids=pids and frozenset(pids)).cut(first, again) == explains
