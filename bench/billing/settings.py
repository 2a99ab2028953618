"""The product's settings, and an empty view beside its own."""

from socialsaas.settings import *  # noqa: F403

ROOT_URLCONF = "bench.billing.urls"
