"""The real services, for a few cents: `OPENAI_API_KEY=... pytest -m live tests/carousels/providers`."""

import io
import os

import pytest
from django.test import override_settings
from PIL import Image

from carousels.providers import chosen
from tests.carousels.providers import vendors
from tests.carousels.providers.vendors import BRIEF

pytestmark = pytest.mark.live

TOLD = {
    name.removeprefix("LIVE_"): key for name, key in os.environ.items() if name.startswith("LIVE_") and key
}
with override_settings(**TOLD):
    TEXTS, IMAGES, MODERATOR = chosen.texts(), chosen.images(), chosen.moderator()


def name_of(provider) -> str:
    return f"{provider.name} {provider.model}"


@pytest.mark.parametrize("provider", TEXTS, ids=name_of)
def test_carousel_is_written(provider):
    strategy, usage = provider.write_strategy(BRIEF, end_user="a-test")

    assert len(strategy.slides) == BRIEF.image_count
    assert strategy.language == "en"
    assert 0 < usage.cost_usd < 1
    print(strategy, usage)


@pytest.mark.parametrize("provider", IMAGES, ids=name_of)
def test_picture_is_painted(provider):
    picture, usage = provider.paint(vendors.REQUEST, end_user="a-test")

    assert Image.open(io.BytesIO(picture.data)).size == (1080, 1350)
    assert 0 < usage.cost_usd < 1
    assert usage.cost_usd == pytest.approx(provider.expected_cost(vendors.REQUEST), rel=1.0)


@pytest.mark.parametrize("provider", [*TEXTS, *IMAGES], ids=name_of)
def test_model_is_offered(provider):
    provider.require_model()


@pytest.mark.parametrize("moderator", [MODERATOR] if MODERATOR else [], ids=name_of)
def test_drugstore_passes(moderator):
    assert moderator.check("A tour of my drugstore")[0] == ()
