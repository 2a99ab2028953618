"""The real services, for a few cents: `OPENAI_API_KEY=... pytest -m live tests/carousels/providers`."""

import io
import os

import pytest
from django.test import override_settings
from PIL import Image

from carousels.providers import chosen
from tests.carousels.providers.vendors import BRIEF, REQUEST

pytestmark = pytest.mark.live

KEYS = ("OPENAI_API_KEY", "GOOGLE_AI_API_KEY")
with override_settings(**{key: os.environ.get(f"LIVE_{key}", "") for key in KEYS}):
    TEXTS, IMAGES, MODERATOR = chosen.texts(), chosen.images(), chosen.moderator()


def write(provider) -> None:
    strategy, usage = provider.write_strategy(BRIEF, end_user="a-test")

    assert len(strategy.slides) == BRIEF.image_count
    assert strategy.language == "en"
    assert 0 < usage.cost_usd < 1
    print(strategy, usage)


def paint(provider) -> None:
    picture, usage = provider.paint(REQUEST, end_user="a-test")

    assert Image.open(io.BytesIO(picture.data)).size == (1080, 1350)
    assert usage.cost_usd == pytest.approx(provider.expected_cost(REQUEST), rel=1.0)


def moderate(provider) -> None:
    assert provider.check("A tour of my drugstore")[0] == ()


def find_model(provider) -> None:
    provider.require_model()


ACTS = [
    *((find_model, provider) for provider in (*TEXTS, *IMAGES)),
    *((write, provider) for provider in TEXTS),
    *((paint, provider) for provider in IMAGES),
    *((moderate, provider) for provider in [MODERATOR] if provider is not None),
]


@pytest.mark.parametrize(
    ("act", "provider"),
    ACTS,
    ids=[f"{act.__name__} {provider.name} {provider.model}" for act, provider in ACTS],
)
def test_service(act, provider):
    act(provider)
