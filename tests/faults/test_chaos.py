"""Faults over faults under load, as `make chaos` has them: a few in a fixed order; and its bookkeeping."""

import random

import pytest

from tests.faults.chaos import ANYWHERE, WITH_BROKER, Plan, Totals
from tests.faults.load import Load
from tests.faults.verdict import Verdict

pytestmark = pytest.mark.journey

SHORT = Plan(
    before=("every message twice",),
    meanwhile=("database restarted",),
    after=("everything killed", "sweeps at once"),
)


def test_faults_over_faults_under_load(world, customer, hold):
    chance = random.Random(1)

    with Load(world, keys=[customer], pause=1.0, chance=chance) as load:
        SHORT.carry_out(world, outage=2.0, chance=chance)
    world.fleet.wait_until_ready()

    assert load.accepted
    hold(load.accepted)
    assert world.audit() == []


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
