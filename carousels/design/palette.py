"""A whole palette out of one to three brand colours, in OKLCH, every pair of it legible.

A theme keeps what makes it itself: which of its colours are light, dark, loud or quiet. Its hues become
the brand's. What becomes of the art is `voices.py`'s part; which theme they dress is the caller's choice.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

from carousels.design.oklch import (
    GREY,
    STEPS,
    Oklch,
    measure_contrast,
    measure_luminance,
    parse,
    shade,
    to_hex,
)
from carousels.design.themes import Colors, Theme
from carousels.design.voices import dress_art, tint

TARGET = 4.8  # contrast aimed at; 4.5 is what must be measured at the end
GREYS_ON_DARK = (1.0, 0.88, 0.77)  # lightness of accent, ink and muted for a brand without a colour
GREYS_ON_LIGHT = (0.12, 0.36, 0.48)
BLACK, WHITE = "#000000", "#FFFFFF"


def grow(theme: Theme, colors: tuple[str, ...]) -> Theme:
    """The theme in the brand's colours: its roles, contrasts and art, their hues. The first colour leads.

    A grey or black that comes first leads only when no other colour is there: it would not stand out.
    """
    brand = rank(colors)
    grown = _grow_colors(theme.colors, brand)
    return replace(theme, colors=grown, art=dress_art(theme, grown, [parse(color) for color in brand]))


def rank(colors: Sequence[str]) -> list[str]:
    """The brand's colours, the one that is to be the accent first."""
    lead = next((color for color in colors if parse(color).chroma >= GREY), colors[0])
    return [lead, *(color for color in colors if color != lead)]


def _grow_colors(colors: Colors, names: Sequence[str]) -> Colors:
    brand = [parse(name) for name in names]
    is_dark = measure_luminance(colors.ink) > measure_luminance(colors.card)
    card, scrim = (_settle_ground(ground, brand, is_dark) for ground in (colors.card, colors.scrim))

    def is_legible(color: str) -> bool:
        return min(measure_contrast(color, card), measure_contrast(color, scrim)) >= TARGET

    def settle(color: Oklch) -> str:
        return _move(color, is_legible, up=is_dark)

    ink, muted = tint(parse(colors.ink), brand), tint(parse(colors.muted), brand)
    lead = brand[0]
    if lead.chroma < GREY:  # a grey accent looks switched off: the extreme is the accent, letters step back
        steps = GREYS_ON_DARK if is_dark else GREYS_ON_LIGHT
        lead, ink, muted = (
            color._replace(lightness=step) for color, step in zip((lead, ink, muted), steps, strict=True)
        )

    accent = settle(lead)
    return Colors(
        ink=settle(ink),
        muted=settle(muted),
        accent=accent,
        on_accent=_choose_on_accent(colors, accent, lead),
        card=card,
        scrim=scrim,
    )


def _settle_ground(ground: str, brand: Sequence[Oklch], is_dark: bool) -> str:
    """A ground in the brand's tint, dark (or light) enough that legible letters exist."""
    color = parse(ground)
    letters = WHITE if is_dark else BLACK
    return _move(tint(color, brand), lambda shown: measure_contrast(letters, shown) >= TARGET, up=not is_dark)


def _choose_on_accent(colors: Colors, accent: str, lead: Oklch) -> str:
    """The theme's own way of writing on the accent, else the opposite, else plain black or white."""
    own = tint(parse(colors.on_accent), [lead])
    other = Oklch(1.16 - own.lightness, own.chroma, own.hue)
    tinted = [to_hex(own), to_hex(other)]
    legible = [color for color in tinted if measure_contrast(color, accent) >= TARGET]
    return legible[0] if legible else max(BLACK, WHITE, key=lambda color: measure_contrast(color, accent))


def _move(color: Oklch, is_enough: Callable[[str], bool], *, up: bool) -> str:
    """The colour, lighter (`up`) or darker by just as much as it takes."""

    def at(lightness: float) -> str:
        depth = max(0.0, color.lightness - lightness)  # a pale colour gone dark would look dusty
        return to_hex(Oklch(lightness, color.chroma * (1 + depth), shade(color.hue, lightness)))

    if is_enough(at(color.lightness)):
        return at(color.lightness)
    short, enough = color.lightness, 1.0 if up else 0.0
    for _ in range(STEPS):
        middle = (short + enough) / 2
        if is_enough(at(middle)):
            enough = middle
        else:
            short = middle
    return at(enough)
