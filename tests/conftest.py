"""Worlds that many tests share. Rows are made by `tests/factories.py`."""

import hypothesis
import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from carousels.providers import clients
from jobs import estimates
from jobs.outage import outage
from tests import factories
from tests.carousels.providers.fake_vendor import FakeVendor

SLOW = ("faults", "journeys")

hypothesis.settings.register_profile("shared", deadline=None)  # a busy machine is no fault of the input
hypothesis.settings.load_profile("shared")


def pytest_collection_modifyitems(items):
    """What stays together when two processes share the tests: a file, and all that watch real processes.

    Those take longest, so they come first.
    """
    for item in items:
        folder = item.path.relative_to(item.config.rootpath).parts[1]
        together = folder if folder in SLOW else f"{folder}/{item.path.name}"
        item.add_marker(pytest.mark.xdist_group(together))
    items.sort(key=lambda item: item.path.parent.name not in SLOW)


@pytest.fixture(scope="session")
def django_db_modify_db_settings_xdist_suffix():
    """Each process has a server of its own, so its database needs no name of its own."""


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
    settings.CALL_LOG = tmp_path / "calls"


@pytest.fixture(autouse=True)
def _passwords_cost_nothing(settings):
    """The real hasher takes a third of a second per user, on purpose; nothing here is worth protecting."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _nothing_remembered_of_another_test():
    outage.end()
    estimates.memory.forget()


@pytest.fixture
def user(db):
    return factories.user()


@pytest.fixture
def api(user):
    """The API as an app sees it: with an API key, and 500s as answers."""
    return api_of(user)


def api_of(user, *, script: str = "") -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {factories.api_key(user, script=script)}")
    return client


@pytest.fixture
def boss(db):
    return User.objects.create_superuser("boss@example.com", "correct horse")


@pytest.fixture
def operator(boss):
    """The admin as a superuser sees it."""
    client = Client()
    client.force_login(boss)
    return client


def staff_client(*permissions: str) -> Client:
    """A member of staff who is no superuser, logged in, with these permissions: `app.codename`."""
    member = factories.user(is_staff=True)
    for permission in permissions:
        app, codename = permission.split(".")
        member.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(member)
    return client


@pytest.fixture(scope="session")
def _running_vendor():
    with FakeVendor() as vendor:
        yield vendor
        for client in clients._clients.values():  # google-genai does not close an HTTP client given to it
            http = client._client if hasattr(client, "_client") else client._api_client._httpx_client
            http.close()


@pytest.fixture
def vendor(_running_vendor):
    _running_vendor.reset()
    return _running_vendor
