"""Which provider serves this installation: the configured one, the offline one without a key."""

from carousels.providers.base import ImageProvider, TextProvider
from carousels.providers.offline import OfflineArt, OfflineText


def text() -> TextProvider:
    return OfflineText()


def image() -> ImageProvider:
    return OfflineArt()
