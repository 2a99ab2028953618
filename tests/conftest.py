"""Worlds that many tests share. Rows are made by `tests/factories.py`."""

import pytest
from django.db import connection
from rest_framework.test import APIClient

from jobs import dispatch
from tests import factories


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """A transactional test ends in TRUNCATE, which the ledger's trigger refuses: it alone is off here.

    `tests/billing/test_ledger_trigger.py` proves the real one.
    """
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE billing_ledger DISABLE TRIGGER ledger_no_truncate")


@pytest.fixture(autouse=True)
def _files_in_a_folder_of_their_own(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _passwords_cost_nothing(settings):
    """The real hasher takes a third of a second per user, on purpose; nothing here is worth protecting."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _no_outage_of_another_test():
    dispatch.outage.end()


@pytest.fixture
def user(db):
    return factories.user()


@pytest.fixture
def api(user):
    """The API as an app sees it: with an API key, and 500s as answers."""
    return api_of(user)


def api_of(user) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {factories.api_key(user)}")
    return client
