"""One fake vendor for all tests of the adapters, cleared between them."""

import pytest

from carousels.providers import clients
from tests.carousels.providers.fake_vendor import FakeVendor


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
