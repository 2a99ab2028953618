"""A theme as one carousel wears it: in a palette, in a brand's colours, in a brand's letters."""

from dataclasses import replace

from carousels.design.colors.palette import grow
from carousels.design.themes import THEMES, Theme


def dress(name: str, *, palette: str = "", colors: tuple[str, ...] = (), fonts: str = "") -> Theme:
    """The theme `name`; brand `colors` win over `palette`, `fonts` names the theme whose letters to use.

    Raises KeyError for names that are not on offer.
    """
    theme = THEMES[name]
    if palette:
        chosen = theme.palettes[palette]
        theme = replace(theme, colors=chosen.colors, art={**theme.art, **chosen.art})
    if colors:
        theme = grow(theme, colors)
    return replace(theme, type=THEMES[fonts].type) if fonts else theme
