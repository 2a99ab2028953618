"""One short round of `make chaos`: faults over faults under load, and nothing is lost or bought twice."""

import random

import pytest

from tests.faults.chaos import ANYWHERE, WITH_BROKER, Customers, Plan, Totals, run_round
from tests.faults.verdict import Verdict

pytestmark = pytest.mark.journey

SHORT = Plan(
    before=("every message twice", "ai killed"),
    meanwhile=("database restarted at once",),
    after=("workers killed and messages lost", "sweeps at once"),
)


def test_short_round_is_clean(world):
    customers = Customers.of(world.installation)

    verdict = run_round(world, SHORT, customers=customers, outage=2.0, chance=random.Random(1))

    assert verdict.faults == {}


def test_plan_has_every_fault_once():
    plan = Plan.draw(random.Random(1))

    assert sorted([*plan.before, *plan.meanwhile, *plan.after]) == sorted([*ANYWHERE, *WITH_BROKER])
    assert set(plan.meanwhile) < set(ANYWHERE)


def test_same_seed_gives_the_same_order():
    assert Plan.draw(random.Random(7)) == Plan.draw(random.Random(7))
    assert Plan.draw(random.Random(7)) != Plan.draw(random.Random(8))


def test_totals_name_what_was_promised_and_what_else_was_found():
    totals = Totals()
    totals.add(Verdict())
    assert str(totals) == "0 lost, 0 stuck, 0 double charges, 0 finished slides bought twice"

    totals.add(Verdict(stuck=["job 1 is still queued"], gaps_in_events=["a gap"]))
    totals.add(Verdict(stuck=["job 1 is still queued", "job 2 is still queued"]))
    assert str(totals) == (
        "0 lost, 2 stuck, 0 double charges, 0 finished slides bought twice, 1 gaps in events"
    )
