"""One installation for all faults, running, and gone with the last of them.

Its leases are short, so that what is lost is found soon.
"""

from collections.abc import Callable

import pytest

from tests.faults.world import SETTINGS, World
from tests.installation import Installation


@pytest.fixture(scope="package")
def installation(tmp_path_factory):
    made = Installation(tmp_path_factory.mktemp("faults"), **SETTINGS)
    yield made
    made.close()


@pytest.fixture(scope="package")
def customer(installation) -> str:
    return installation.customers("customer", 1)[0]


@pytest.fixture(scope="package")
def world(installation):
    with installation.fleet() as fleet:
        fleet.wait_until_ready()
        yield World(installation, fleet)
        fleet.check()


@pytest.fixture
def submit(world, customer) -> Callable[..., list[str]]:
    """Hand in some jobs; returns their ids."""

    def submit_some(count: int = 2, *, key: str = customer, **brief) -> list[str]:
        return [world.submit(key, **brief) for _ in range(count)]

    return submit_some


@pytest.fixture
def hold(world) -> Callable[[list[str]], None]:
    """Wait for the end of all jobs, and hold the product to its promises."""

    def hold_to(accepted: list[str], *, seconds: float = 40) -> None:
        world.wait_until_done(seconds=seconds)
        assert world.judge(accepted).faults == {}

    return hold_to
