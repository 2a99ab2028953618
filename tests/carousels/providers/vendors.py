"""The adapters pointed at a fake on this machine, and what to ask them."""

import contextlib
from collections.abc import Iterator
from dataclasses import fields, replace
from typing import Any

from django.test import override_settings

from carousels.brief import Brief
from carousels.providers import configuration
from carousels.providers.base import ImageRequest
from carousels.providers.gemini import GeminiImages, GeminiText
from carousels.providers.openai import OpenAIImages, OpenAIModeration, OpenAIText

BRIEF = Brief("5 pricing mistakes freelancers make", 5, audience="freelancers", tone="dry")
REQUEST = ImageRequest(
    prompt="Hands putting down a pen",
    style="photo",
    theme="editorial",
    aspect_ratio="4:5",
    seed_text="Pricing mistakes",
    number=1,
    total=5,
)


def brief(*, slides: int = 5, **changes: Any) -> Brief:
    return replace(BRIEF, image_count=slides, **changes)


def request(**changes: Any) -> ImageRequest:
    return replace(REQUEST, **changes)


def openai(url: str, **changes: Any) -> configuration.OpenAI:
    """OpenAI as it is configured by default, at this address."""
    with override_settings(OPENAI_API_KEY="sk-secret"):
        return _changed(configuration.openai(), base_url=f"{url}/v1", **changes)


def compatible(url: str, **changes: Any) -> configuration.OpenAI:
    """A server of one's own, without a key."""
    with override_settings(OPENAI_BASE_URL=f"{url}/v1", OPENAI_TEXT_MODEL="llama3.2"):
        return _changed(configuration.openai(), **changes)


def gemini(url: str, **changes: Any) -> configuration.Gemini:
    with override_settings(GOOGLE_AI_API_KEY="AIza-secret"):
        return _changed(configuration.gemini(), base_url=url, **changes)


def _changed(vendor: Any, **changes: Any) -> Any:
    """With those of the changes that this vendor has a setting for."""
    known = {field.name for field in fields(vendor)}
    return replace(vendor, **{name: value for name, value in changes.items() if name in known})


def texts(url: str, **changes: Any) -> dict[str, OpenAIText | GeminiText]:
    return {
        "openai": OpenAIText(openai(url, **changes)),
        "chat": OpenAIText(compatible(url, **changes)),
        "gemini": GeminiText(gemini(url, **changes)),
    }


def images(url: str, **changes: Any) -> dict[str, OpenAIImages | GeminiImages]:
    return {"openai": OpenAIImages(openai(url, **changes)), "gemini": GeminiImages(gemini(url, **changes))}


def moderation(url: str, **changes: Any) -> OpenAIModeration:
    return OpenAIModeration(openai(url, **changes))


@contextlib.contextmanager
def configured(url: str, **settings: str) -> Iterator[None]:
    """Both vendors chosen by the product, at this address, with the prices of their own models."""
    told = {
        "OPENAI_BASE_URL": f"{url}/v1",
        "OPENAI_API": "responses",
        "OPENAI_IMAGE_MODEL": "gpt-image-2.5-flare",
        "OPENAI_MODERATION_MODEL": "omni-moderation-latest",
        "GOOGLE_AI_API_KEY": "AIza-secret",
        "GOOGLE_AI_BASE_URL": url,
    }
    with override_settings(**(told | settings)):
        yield
