"""One installation for all journeys, and its processes while a journey needs them."""

import pytest

from tests.installation import Installation


@pytest.fixture(scope="session")
def installation(tmp_path_factory):
    made = Installation(tmp_path_factory.mktemp("journey"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def running(installation):
    with installation.fleet() as fleet:
        fleet.wait_until_ready()
        yield installation
        fleet.check()
