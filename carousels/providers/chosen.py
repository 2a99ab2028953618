"""Which provider serves this installation: the configured one, the offline one without a key.

A rehearsal is always the offline provider's, whatever is configured: it must cost nothing.
"""

from django.conf import settings

from carousels.providers.base import ImageProvider, TextProvider
from carousels.providers.offline import OfflineArt, OfflineText
from carousels.providers.offline.rehearsal import ScriptedArt, ScriptedText
from carousels.providers.offline.scripts import Rehearsal


def text(rehearsal: Rehearsal | None = None) -> TextProvider:
    return ScriptedText(rehearsal, log=settings.CALL_LOG) if rehearsal else OfflineText()


def image(rehearsal: Rehearsal | None = None) -> ImageProvider:
    return ScriptedArt(rehearsal, log=settings.CALL_LOG) if rehearsal else OfflineArt()
