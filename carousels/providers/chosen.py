"""Which providers serve this installation: those that are configured, in the operator's order; where none
makes a kind of thing, the offline one.

A rehearsal is always the offline provider's, whatever is configured: it must cost nothing.
"""

from collections.abc import Iterator

from django.conf import settings

from carousels.providers import configuration
from carousels.providers.base import ImageProvider, Moderator, TextProvider
from carousels.providers.configuration import Gemini, OpenAI
from carousels.providers.gemini import GeminiImages, GeminiText
from carousels.providers.offline import OfflineArt, OfflineText
from carousels.providers.offline.rehearsal import ScriptedArt, ScriptedText
from carousels.providers.offline.scripts import Rehearsal
from carousels.providers.openai import OpenAIImages, OpenAIModeration, OpenAIText

VENDORS = {"openai": configuration.openai, "gemini": configuration.gemini}
TEXTS = {OpenAI: OpenAIText, Gemini: GeminiText}
IMAGES = {OpenAI: OpenAIImages, Gemini: GeminiImages}


def texts(rehearsal: Rehearsal | None = None) -> tuple[TextProvider, ...]:
    if rehearsal:
        return (ScriptedText(rehearsal, log=settings.CALL_LOG),)
    made = tuple(TEXTS[type(vendor)](vendor) for vendor in _vendors() if vendor.text_model)
    return made or (OfflineText(),)


def images(rehearsal: Rehearsal | None = None) -> tuple[ImageProvider, ...]:
    if rehearsal:
        return (ScriptedArt(rehearsal, log=settings.CALL_LOG),)
    made = tuple(IMAGES[type(vendor)](vendor) for vendor in _vendors() if vendor.image_model)
    return made or (OfflineArt(),)


def moderator() -> Moderator | None:
    """Who looks at what is asked before anything is made; None when nobody configured can."""
    can = (vendor for vendor in _vendors() if isinstance(vendor, OpenAI) and vendor.moderation_model)
    return next(map(OpenAIModeration, can), None)


def _vendors() -> Iterator[OpenAI | Gemini]:
    """In the operator's order. Raises InvalidConfiguration."""
    return filter(None, (VENDORS[name]() for name in configuration.order()))
