"""The art of a theme in a brand's colours: each hue of it, a voice, is spoken by one of the brand's.

A brand with fewer colours than the art has voices lends neighbours of its hues, so that the picture
stays more than one colour in tints. Which tokens the art has is not known here: a colour is a colour.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from carousels.design.oklch import GREY, Oklch, parse, shade, to_hex
from carousels.design.themes import Colors, Theme

HEX = re.compile("#[0-9A-Fa-f]{6}")

QUIET = 0.045  # chroma below which a colour of the art is a ground, not a voice
DARK = 0.3  # lightness below which it is one too
SAME_HUE = 28  # degrees that two colours may differ and still be one voice
SPREAD = 42  # degrees from a brand's hue to the neighbours it lends
FAITH = 0.7  # how far a voice gives up its own chroma for the brand's
PULL_BARE, PULL_CARD = 0.5, 0.8  # and its lightness: less where words stand right on the art
PULL_GREY = 0.35  # greys have only their lightness to differ in
LOUD = 0.15  # chroma of a brand that tints grounds and letters as strongly as the theme itself does
FARTHEST = 0.2  # that a colour may be moved in lightness


@dataclass(frozen=True)
class Voice:
    """One hue of the art with its loudest chroma, and the brand's colour that speaks it."""

    hue: float
    chroma: float
    brand: Oklch


def dress_art(theme: Theme, grown: Colors, brand: Sequence[Oklch]) -> Mapping[str, Any]:
    """The art's tokens with every `#RRGGBB` in them replaced; `brand` in rank.

    A colour that the theme also uses for words or cards stays the same colour as those.
    """
    was, becomes = asdict(theme.colors), asdict(grown)
    shared = {was[role].upper(): becomes[role] for role in reversed(was)}
    voices = _hear_voices(list(_list_colors(theme.art)), brand)
    pull = PULL_CARD if theme.frame.has_card else PULL_BARE

    def turn(color: str) -> str:
        if color.upper() in shared:
            return shared[color.upper()]
        return to_hex(_speak(parse(color), voices, brand, pull))

    return {name: _replace_colors(value, turn) for name, value in theme.art.items()}


def tint(color: Oklch, brand: Oklch) -> Oklch:
    """A quiet colour with a breath of the brand's."""
    chroma = color.chroma * min(brand.chroma / LOUD, 1.2)
    return Oklch(color.lightness, chroma, shade(brand.hue, color.lightness))


def nearest(brand: Sequence[Oklch], lightness: float) -> Oklch:
    """The brand's colour that is closest to being this light."""
    return min(brand, key=lambda color: abs(color.lightness - lightness))


def _hear_voices(colors: Sequence[str], brand: Sequence[Oklch]) -> list[Voice]:
    """The art's distinct hues, the loudest first, each with its speaker."""
    loud = sorted((parse(color) for color in colors), key=lambda color: -color.chroma)
    heard: list[Oklch] = []
    for color in loud:
        is_ground = color.chroma < QUIET or color.lightness < DARK
        if not is_ground and all(_turn(color.hue, other.hue) > SAME_HUE for other in heard):
            heard.append(color)
    speakers = _cast(brand, len(heard))
    return [Voice(color.hue, color.chroma, speaker) for color, speaker in zip(heard, speakers, strict=True)]


def _cast(brand: Sequence[Oklch], count: int) -> list[Oklch]:
    """So many speakers: the brand's own colours, then neighbours of their hues, far from each other."""
    speakers = list(brand[:count])
    own = [color for color in brand if color.chroma >= GREY] or list(brand)
    neighbours = [
        color._replace(hue=(color.hue + turn) % 360, chroma=color.chroma * 0.9)
        for turn in (SPREAD, -SPREAD, 2 * SPREAD, -2 * SPREAD)
        for color in own
    ]
    while len(speakers) < count:
        taken = tuple(speakers)
        speakers.append(
            max(neighbours, key=lambda color: min(SPREAD, *(_turn(color.hue, one.hue) for one in taken)))
        )
    return speakers


def _speak(color: Oklch, voices: Sequence[Voice], brand: Sequence[Oklch], pull: float) -> Oklch:
    voice = min(voices, key=lambda voice: _turn(color.hue, voice.hue), default=None)
    if voice is None or color.chroma < QUIET:
        return tint(color, nearest(brand, color.lightness))

    share = min(color.chroma / voice.chroma, 1.0)
    speaker = voice.brand
    is_grey = speaker.chroma < GREY
    loudest = speaker.chroma if is_grey else FAITH * speaker.chroma + (1 - FAITH) * voice.chroma
    strength = pull * share * _openness(color.lightness) * (PULL_GREY if is_grey else 1)
    moved = strength * (speaker.lightness - color.lightness)
    lightness = color.lightness + min(max(moved, -FARTHEST), FARTHEST)
    hue = speaker.hue + _signed_turn(voice.hue, color.hue) / 2
    return Oklch(lightness, loudest * share, shade(hue, lightness))


def _openness(lightness: float) -> float:
    """How freely a colour may become lighter or darker: what is nearly black or white stays so."""
    return min(max((lightness - DARK) / 0.15, 0.0), max((0.97 - lightness) / 0.12, 0.0), 1.0)


def _turn(first: float, second: float) -> float:
    """Degrees between two hues, 0..180."""
    return abs(_signed_turn(first, second))


def _signed_turn(start: float, end: float) -> float:
    return (end - start + 180) % 360 - 180


def _list_colors(value: Any) -> Iterator[str]:
    """Every `#RRGGBB` in JSON-like data, in order."""
    if isinstance(value, str):
        if HEX.fullmatch(value):
            yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _list_colors(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _list_colors(inner)


def _replace_colors(value: Any, turn: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return turn(value) if HEX.fullmatch(value) else value
    if isinstance(value, Mapping):
        return {name: _replace_colors(inner, turn) for name, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_replace_colors(inner, turn) for inner in value)
    return value
