"""Is our key taken, and the model offered? Asked of the vendor itself, at no cost."""

import pytest

from carousels.providers.base import ProviderError, Remedy
from tests.carousels.providers import vendors, wire
from tests.carousels.providers.fake_vendor import MODELS, Reply


def providers(url: str) -> list:
    return [*vendors.texts(url).values(), *vendors.images(url).values(), vendors.moderation(url)]


def test_default_models_are_found(vendor):
    for provider in providers(vendor.url):
        provider.require_model()

    assert (vendor.count(MODELS), vendor.count()) == (6, 6)


@pytest.mark.parametrize("number", range(6))
def test_model_that_is_not_offered_is_refused(vendor, number):
    provider = providers(vendor.url)[number]
    provider.model = "gone-1"

    with pytest.raises(ProviderError) as caught:
        provider.require_model()

    assert (caught.value.code, caught.value.remedy) == ("PROVIDER_REFUSED", Remedy.ELSEWHERE)


@pytest.mark.parametrize("name", ["openai", "gemini"])
def test_key_that_is_not_taken_is_refused_and_not_repeated(vendor, name):
    vendor.script(Reply(status=401, body=wire.openai_error("Incorrect API key provided: sk-secret.")))

    with pytest.raises(ProviderError) as caught:
        vendors.texts(vendor.url)[name].require_model()

    assert caught.value.code == "PROVIDER_REFUSED"
    assert "secret" not in f"{caught.value} {caught.value.__cause__} {caught.value.__context__}"
