"""Real workers call a vendor on this machine: ceilings, room, and what becomes of calls that are cut off."""

import json
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest

from socialsaas.processes import Fleet
from tests.carousels.providers.fake_vendor import IMAGE, FakeVendor, Reply
from tests.faults.world import SETTINGS, World
from tests.installation import Installation

pytestmark = pytest.mark.journey

PICTURE_USD = 0.055  # 1088x1088 in medium quality, at 30 USD for a million tokens
PRICES = {
    "gpt-image-2.5-flare": {"input": 5, "output": 30},
    "gpt-6-luna": {"input": 0.1, "output": 0.5},
}
TIMEOUT = 5


@pytest.fixture(scope="module")
def vendor():
    with FakeVendor() as vendor:
        yield vendor


@pytest.fixture(autouse=True)
def _cleared(vendor):
    yield
    vendor.reset()


@pytest.fixture(scope="module")
def world(tmp_path_factory, vendor):
    """Everything but the workers that call: each test starts those as it needs them."""
    installation = Installation(
        tmp_path_factory.mktemp("vendor"),
        **SETTINGS | {"OFFLINE_SCRIPT": ""},
        OPENAI_BASE_URL=vendor.base_url,
        OPENAI_API="responses",
        OPENAI_IMAGE_MODEL="gpt-image-2.5-flare",
        OPENAI_IMAGE_TIMEOUT=str(TIMEOUT),
        OPENAI_TEXT_TIMEOUT=str(TIMEOUT),
        AI_PRICES=json.dumps(PRICES),
    )
    with installation.fleet("web", "render", "control", "beat") as fleet:
        fleet.wait_until_ready()
        yield World(installation, fleet)
    installation.close()


@pytest.fixture(scope="module")
def customer(world):
    return world.installation.customers("customer", 1)[0]


@contextmanager
def callers(world, name: str, count: int = 1, **environment: str) -> Iterator[list[Fleet]]:
    """So many worker processes of the queue `ai`."""
    with ExitStack() as stack:
        fleets = [
            stack.enter_context(world.installation.fleet("ai", logs=f"{name}-{number}", **environment))
            for number in range(count)
        ]
        for fleet in fleets:
            fleet.wait_until_ready()
        yield fleets


def calls_of(world, job: str) -> list[tuple]:
    return world.sql(
        "SELECT slide_number, outcome, cost_usd IS NULL FROM provider_calls "
        "WHERE job_id = %s AND purpose = 'picture' ORDER BY id",
        job,
    )


def bought(world, job: str) -> list[int]:
    """The slides whose pictures came, one entry for each time."""
    return sorted(number for number, outcome, _ in calls_of(world, job) if outcome == "ok")


def in_flight(world, vendor, count: int) -> None:
    world.wait_until(lambda: vendor.in_flight >= count, seconds=30, what=f"{count} calls in flight")


def asked(world, vendor, kind: str, count: int) -> None:
    """Until the vendor has heard so many; what they are answered takes its time."""
    world.wait_until(lambda: vendor.count(kind) >= count, seconds=30, what=f"{count} calls of kind {kind}")


def test_ceiling_of_three_pictures_is_three_calls_of_two_processes(world, vendor, customer):
    ceiling = {"COST_CEILING_JOB_USD": str(3.5 * PICTURE_USD)}

    with callers(world, "ceiling", 2, **ceiling):
        vendor.delay = 1.5
        job = world.submit(customer, imageCount=10)
        ended = world.installation.wait_for_end(job, customer)
        world.wait_until(lambda: vendor.in_flight == 0, seconds=10, what="no call in flight")

    assert (ended["status"], ended["error"]["code"]) == ("failed", "COST_CEILING")
    assert vendor.count(IMAGE) == 3
    assert world.audit() == []


def test_vendor_never_sees_more_calls_than_it_takes_though_a_process_is_killed(world, vendor, customer):
    with callers(world, "room", 2, OPENAI_CONCURRENCY="4") as (doomed, _):
        vendor.delay = 1.0
        jobs = [world.submit(customer, imageCount=5) for _ in range(3)]
        in_flight(world, vendor, 4)
        os.killpg(doomed.pid_of("ai"), signal.SIGKILL)
        world.wait_until_done(seconds=90)

    assert vendor.most_in_flight == 4
    for job in jobs:
        assert bought(world, job) == [1, 2, 3, 4, 5]
    assert world.audit() == []


def test_picture_that_has_come_is_not_bought_again_and_what_was_cut_off_is_unknown(world, vendor, customer):
    with callers(world, "killed") as (doomed,):
        vendor.script(*[Reply(delay=2.0)] * 4, kind=IMAGE)
        job = world.submit(customer, imageCount=4)
        asked(world, vendor, IMAGE, 1)
        under_way = vendor.in_flight
        os.killpg(doomed.pid_of("ai"), signal.SIGKILL)
    with callers(world, "after"):
        world.wait_until_done(seconds=60)
        world.wait_until(
            lambda: not world.sql("SELECT 1 FROM provider_calls WHERE outcome = 'open'"),
            seconds=30,
            what="no call is open",
        )

    assert bought(world, job) == [1, 2, 3, 4]
    unknown = [row for row in calls_of(world, job) if row[1] == "unknown"]
    assert 1 <= len(unknown) <= under_way + 4
    assert all(has_no_cost for *_, has_no_cost in unknown)
    assert 4 < vendor.count(IMAGE) <= 4 + len(unknown)  # one that was killed before it called is unknown too


def test_call_that_takes_too_long_is_unknown_and_made_again(world, vendor, customer):
    with callers(world, "slow"):
        vendor.script(*[Reply(delay=TIMEOUT + 2)] * 2, kind=IMAGE)
        job = world.submit(customer, imageCount=2)
        world.wait_until_done(seconds=60)

    assert [outcome for _, outcome, _ in calls_of(world, job)].count("unknown") == 2
    assert bought(world, job) == [1, 2]


def test_cancel_during_a_call_books_what_it_cost_and_a_requeue_keeps_what_had_come(world, vendor, customer):
    with callers(world, "cancelled", OPENAI_CONCURRENCY="1"):
        vendor.delay = 0.7
        job = world.submit(customer, imageCount=3)
        world.wait_for_steps("done", of=[job])
        code, _ = world.installation.call(f"/api/jobs/{job}/cancel", customer, {})
        assert code == 200
        world.wait_until(lambda: vendor.in_flight == 0, seconds=10, what="no call in flight")
        world.wait_until(
            lambda: not world.sql("SELECT 1 FROM provider_calls WHERE outcome = 'open'"),
            seconds=30,
            what="the call that was under way is booked",
        )
        world.installation.call(f"/api/jobs/{job}/requeue", customer, {})
        world.wait_until_done(seconds=60)

    assert bought(world, job) == [1, 2, 3]
    assert all(not has_no_cost for *_, has_no_cost in calls_of(world, job))
    assert world.audit() == []
