"""One installation for all journeys, running, and gone with the last of them."""

from collections.abc import Iterator

import pytest

from socialsaas.processes import Fleet
from tests.installation import NEEDED, Installation


@pytest.fixture(scope="package")
def installation(tmp_path_factory):
    made = Installation(tmp_path_factory.mktemp("journey"))
    yield made
    made.close()


@pytest.fixture(scope="package")
def fleet(installation) -> Iterator[Fleet]:
    """Every process that production has: the doctor asks for all."""
    with installation.fleet(*NEEDED, "webhooks") as fleet:
        fleet.wait_until_ready()
        yield fleet
        fleet.check()


@pytest.fixture
def running(installation, fleet) -> Installation:
    return installation
