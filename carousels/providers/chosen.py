"""Which providers serve this installation: those with a key, in the operator's order; without any the
offline one.

A rehearsal is always the offline provider's, whatever is configured: it must cost nothing.
"""

from django.conf import settings

from carousels.providers.base import ImageProvider, Moderator, TextProvider
from carousels.providers.offline import OfflineArt, OfflineText
from carousels.providers.offline.rehearsal import ScriptedArt, ScriptedText
from carousels.providers.offline.scripts import Rehearsal


def texts(rehearsal: Rehearsal | None = None) -> tuple[TextProvider, ...]:
    if rehearsal:
        return (ScriptedText(rehearsal, log=settings.CALL_LOG),)
    return (OfflineText(),)


def images(rehearsal: Rehearsal | None = None) -> tuple[ImageProvider, ...]:
    if rehearsal:
        return (ScriptedArt(rehearsal, log=settings.CALL_LOG),)
    return (OfflineArt(),)


def moderator() -> Moderator | None:
    """Who looks at what is asked before anything is made; None when nobody configured can."""
    return None
