"""The test run's own PostgreSQL and Valkey, as a pytest plugin: loaded by `-p tests.pair`, gone with the run.

They live in a temporary folder, never in `.data`. With SOCIALSAAS_TEST_USE_ENV=1 the servers that
DATABASE_URL and REDIS_URL name are used instead.
"""

import os
import tempfile
from pathlib import Path

import pytest

from socialsaas.embedded.pair import Pair


def _is_given_by_environment() -> bool:
    names = ("DATABASE_URL", "REDIS_URL", "SOCIALSAAS_TEST_USE_ENV")

    return all(os.environ.get(name) for name in names) and os.environ["SOCIALSAAS_TEST_USE_ENV"] == "1"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config):
    """A wrapper, so that it comes before pytest-django reads the settings."""
    if not _is_given_by_environment():
        pair = Pair(Path(tempfile.mkdtemp(prefix="socialsaas-tests-")), throwaway=True)
        early_config.add_cleanup(pair.stop)
        os.environ.update(pair.join())

    return (yield)
