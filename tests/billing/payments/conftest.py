"""A shop for each test, with a Stripe of its own on this machine."""

import pytest

from tests.billing.payments.server import KEY, Stripe, running
from tests.billing.payments.shop import SECRET, Shop


@pytest.fixture
def stripe(settings):
    stripe = Stripe()
    with running(stripe) as address:
        settings.STRIPE_API_BASE = address
        settings.STRIPE_SECRET_KEY = KEY
        settings.STRIPE_WEBHOOK_SECRET = SECRET
        yield stripe


@pytest.fixture
def shop(db, stripe):
    return Shop(stripe)
