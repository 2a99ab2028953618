"""The test run's own PostgreSQL and Valkey, as a pytest plugin: loaded by `-p tests.pair`, gone with the run.

They live in a temporary folder, never in `.data`. With SOCIALSAAS_TEST_USE_ENV=1 the servers that
DATABASE_URL and REDIS_URL name are used instead. No test finds the developer's AI services: a key in the
environment is put aside for the `live` tests, as LIVE_OPENAI_API_KEY.
"""

import os
import tempfile
from pathlib import Path

import pytest

from socialsaas.embedded.pair import Pair


def _is_given_by_environment() -> bool:
    names = ("DATABASE_URL", "REDIS_URL", "SOCIALSAAS_TEST_USE_ENV")

    return all(os.environ.get(name) for name in names) and os.environ["SOCIALSAAS_TEST_USE_ENV"] == "1"


def _put_ai_services_aside() -> None:
    """Keys and addresses are emptied, not taken away: a `.env` of the checkout would give them back."""
    for name in [name for name in os.environ if name.startswith(("OPENAI_", "GOOGLE_AI_", "AI_"))]:
        value = os.environ.pop(name)
        if name.endswith("_API_KEY") and value:
            os.environ[f"LIVE_{name}"] = value
    os.environ.update(dict.fromkeys(("OPENAI_API_KEY", "OPENAI_BASE_URL", "GOOGLE_AI_API_KEY"), ""))


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config):
    """A wrapper, so that it comes before pytest-django reads the settings."""
    _put_ai_services_aside()
    if not _is_given_by_environment():
        pair = Pair(Path(tempfile.mkdtemp(prefix="socialsaas-tests-")), throwaway=True)
        early_config.add_cleanup(pair.stop)
        os.environ.update(pair.join())

    return (yield)
