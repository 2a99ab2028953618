"""A whole palette out of one to three brand colours, in OKLCH, every pair of it legible.

A theme keeps what makes it itself: which of its colours are light, dark, loud or quiet. Its hues become
the brand's. What becomes of the art is `voices.py`'s part; which theme they dress is the caller's choice.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product

from carousels.design.colors.oklch import (
    GREY,
    STEPS,
    Oklch,
    is_between,
    measure_contrast,
    measure_luminance,
    parse,
    shade,
    to_hex,
)
from carousels.design.colors.voices import dress_art, tint
from carousels.design.themes import Colors, Theme

TARGET = 4.8  # contrast aimed at; 4.5 is what must be measured at the end
TARGET_BARE = 7.0  # of bare words on a dark scrim: with less the scrim would have to hide the art
FAITHFUL = 0.2  # in lightness: an accent moved farther is another colour
ASIDE = (0.0, 0.02, -0.02, 0.04, -0.04, 0.06, -0.06, 0.08, -0.08)  # steps in lightness

# Ink, muted and accent of a brand without a colour: a grey accent would look switched off, so it is the
# extreme and letters step back. A breath of blue and of amber keeps them apart from greys between others.
GREYS_ON_DARK = (Oklch(0.88, 0.008, 265), Oklch(0.77, 0.008, 85), Oklch(1, 0, 0))
GREYS_ON_LIGHT = (Oklch(0.36, 0.008, 265), Oklch(0.48, 0.008, 85), Oklch(0.12, 0, 0))
BLACK, WHITE = "#000000", "#FFFFFF"


def grow(theme: Theme, colors: tuple[str, ...]) -> Theme:
    """The theme in the brand's colours: its roles, contrasts and art, their hues. The first colour leads.

    A grey or black that comes first leads only when no other colour is there: it would not stand out.
    The accent is the first colour that stays itself as letters on this theme's ground.
    """
    brand = rank(colors)
    grown = _grow_colors(theme, brand)
    return replace(theme, colors=grown, art=dress_art(theme, grown, [parse(color) for color in brand]))


def rank(colors: Sequence[str]) -> list[str]:
    """The brand's colours, the one that is to be the accent first."""
    lead = next((color for color in colors if parse(color).chroma >= GREY), colors[0])
    return [lead, *(color for color in colors if color != lead)]


def _grow_colors(theme: Theme, names: Sequence[str]) -> Colors:
    colors, brand = theme.colors, [parse(name) for name in names]
    is_dark = measure_luminance(colors.ink) > measure_luminance(colors.card)
    card, scrim = (_settle_ground(ground, brand, is_dark) for ground in (colors.card, colors.scrim))

    target = TARGET_BARE if is_dark and not theme.frame.has_card else TARGET

    def is_legible(color: str) -> bool:
        return min(measure_contrast(color, card), measure_contrast(color, scrim)) >= target

    def settle(color: Oklch) -> str:
        return _move(color, is_legible, up=is_dark)

    ink, muted = tint(parse(colors.ink), brand), tint(parse(colors.muted), brand)
    lead = _choose_lead(brand, settle)
    if lead.chroma < GREY:
        ink, muted, lead = GREYS_ON_DARK if is_dark else GREYS_ON_LIGHT

    texts = [settle(color) for color in (ink, muted, lead)]
    edges = list(product(texts, (card, scrim)))
    return Colors(*texts, on_accent=_choose_on_accent(colors, texts[2], lead, edges), card=card, scrim=scrim)


def _choose_lead(brand: Sequence[Oklch], settle: Callable[[Oklch], str]) -> Oklch:
    """The first colour; another one where letters would have to turn yellow to olive, navy to baby blue."""

    def is_itself(color: Oklch) -> bool:
        return color.chroma >= GREY and abs(parse(settle(color)).lightness - color.lightness) <= FAITHFUL

    return next(filter(is_itself, brand), brand[0])


def _settle_ground(ground: str, brand: Sequence[Oklch], is_dark: bool) -> str:
    """A ground in the brand's tint, dark (or light) enough that legible letters exist."""
    color = parse(ground)
    letters = WHITE if is_dark else BLACK
    return _move(tint(color, brand), lambda shown: measure_contrast(letters, shown) >= TARGET, up=not is_dark)


def _choose_on_accent(colors: Colors, accent: str, lead: Oklch, edges: Sequence[tuple[str, str]]) -> str:
    """The theme's own way of writing on the accent, or close to it, or the opposite; never on an edge.

    `edges` are the pairs of a text and its ground. Where a letter fades into its ground, none of its
    pixels may look like a letter of this colour: legibility is measured on exact colours.
    """
    own = tint(parse(colors.on_accent), [lead])
    other = own._replace(lightness=1.16 - own.lightness)
    tried = [
        to_hex(color._replace(lightness=color.lightness + step)) for color in (own, other) for step in ASIDE
    ]
    legible = [color for color in (*tried, BLACK, WHITE) if measure_contrast(color, accent) >= TARGET]
    apart = [color for color in legible if not any(is_between(color, *edge) for edge in edges)]
    return next(iter(apart or legible), max(BLACK, WHITE, key=lambda color: measure_contrast(color, accent)))


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
