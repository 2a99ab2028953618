"""A whole palette out of one to three brand colours, in OKLCH, every pair of it legible.

Pure arithmetic on colours; which theme they dress is the caller's choice.
"""

from carousels.design.themes import Theme


def grow(theme: Theme, colors: tuple[str, ...]) -> Theme:
    """The theme in the brand's colours: its roles, contrasts and art, their hues."""
    raise NotImplementedError
