"""A small `make storm`: whoever dies in a transaction, the ledger is right; without the lock it is not."""

import pytest

from billing import ledger
from tests.concurrency.storm import Storm
from tests.jobs import broker

pytestmark = pytest.mark.django_db(transaction=True)

SMALL = {"operations": 160, "processes": 2, "threads": 5, "accounts": 3, "seed": 1}


@pytest.fixture(autouse=True)
def _no_messages_of_other_tests():
    broker.empty()


def remove_the_lock() -> None:
    ledger.LOCK = ledger.LOCK.replace("FOR NO KEY UPDATE", "")


def test_ledger_is_right_after_a_storm_in_which_processes_die():
    verdict = Storm(**SMALL).rage()

    assert (verdict.faults, verdict.unexpected) == ([], 0)
    assert verdict.kills == 3
    assert verdict.torn >= verdict.kills
    assert verdict.operations >= SMALL["operations"]


def test_without_the_lock_the_storm_makes_the_ledger_wrong():
    verdict = Storm(**SMALL, prepare=remove_the_lock).rage()

    assert verdict.faults != []
    assert not verdict.holds
