"""How large words are where they are read: a slide as wide as a phone's screen.

The limits of preflight and of the repairs; how text gets its size is the templates' business.
"""

from carousels.design.layout import Fit

SLIDE_WIDTH = 1080  # px
SCREEN_WIDTH = 390  # points, the usual phone in portrait

LEGIBLE = 8.5  # points; smaller words cannot be read at arm's length
COMFORTABLE = 10.0
CHROME_LEGIBLE = 8.0  # short labels that nobody has to read to follow

CHROME = frozenset({"handle", "kicker", "label", "author", "role", "button", "watermark"})


def size_on_phone(size: float) -> float:
    """Points on a phone's screen for px on a slide."""
    return round(size * SCREEN_WIDTH / SLIDE_WIDTH, 1)


def find_least(part: str) -> float:
    """The least points on a phone that this part of a slide may have."""
    return CHROME_LEGIBLE if part in CHROME else LEGIBLE


def is_legible(fit: Fit) -> bool:
    return size_on_phone(fit.size) >= find_least(fit.part)
