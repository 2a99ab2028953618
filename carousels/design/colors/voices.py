"""The art of a theme in a brand's colours: each hue of it, a voice, is spoken by one of the brand's.

A brand with fewer colours than the art has voices lends neighbours of its hues, so that the picture
stays more than one colour in tints. Which tokens the art has is not known here: a colour is a colour.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import permutations
from typing import Any

from carousels.design.colors.oklch import GREY, Oklch, parse, shade, to_hex
from carousels.design.themes import Colors, Theme

HEX = re.compile("#[0-9A-Fa-f]{6}")

QUIET, QUIET_LIGHT = 0.03, 0.09  # chroma below which a colour of the art is a ground, not a voice
DARK, LIGHT = 0.41, 0.88  # lightness: all that is darker is a ground, what is lighter a little sooner
SAME_HUE = 28  # degrees that two colours may differ and still be one voice
SPREAD = 36  # degrees from a brand's hue to the neighbours it lends
LENT_LIGHTNESS = 0.78  # at most, of such a neighbour: lighter ones are pale
GOLDEN = range(48, 106)  # hues of orange and yellow, brown when they are any darker
SICKLY = range(106, 162)  # hues of green that look wrong unless they are the brand's own
FAITH = 0.7  # how far a voice gives up its own chroma for the brand's
LOUDER = 2.5  # times its own, at most: a soft voice stays softer than the others
PULL_BARE, PULL_CARD = 0.5, 0.8  # and its lightness: less where words stand right on the art
PULL_GREY = 0.35  # greys have only their lightness to differ in
LOUD = 0.18  # chroma of a brand that tints grounds and letters as strongly as the theme itself does
MOST_TINT = 0.9
TOO_FAR = 0.28  # in lightness, for a brand's colour to stand in for another when there is a better one
CREAM = 80  # the hue of warm white
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


def tint(color: Oklch, brand: Sequence[Oklch]) -> Oklch:
    """A quiet colour with a breath of the brand's: of the one that is closest to being this light."""

    def distance(one: Oklch) -> float:
        return abs(one.lightness - color.lightness)

    greys = [one for one in brand if one.chroma < GREY]
    nearest = min(brand, key=distance)
    if greys and distance(nearest) > TOO_FAR:
        nearest = greys[0]
    chroma = color.chroma * min(nearest.chroma / LOUD, MOST_TINT)
    hue = shade(nearest.hue, color.lightness)
    if color.lightness > LIGHT and hue < CREAM:  # a breath of orange is cream; it would look pink
        hue = (hue + CREAM) / 2
    return Oklch(color.lightness, chroma, hue)


def _hear_voices(colors: Sequence[str], brand: Sequence[Oklch]) -> list[Voice]:
    """The art's distinct hues, the loudest first, each with its speaker."""
    loud = sorted((parse(color) for color in colors), key=lambda color: -color.chroma)
    heard: list[Oklch] = []
    for color in loud:
        if not _is_ground(color) and all(_turn(color.hue, other.hue) > SAME_HUE for other in heard):
            heard.append(color)
    speakers = _cast(heard, brand)
    return [Voice(color.hue, color.chroma, speaker) for color, speaker in zip(heard, speakers, strict=True)]


def _cast(heard: Sequence[Oklch], brand: Sequence[Oklch]) -> list[Oklch]:
    """A speaker for each voice, light ones for light; then by turns. One alone brings its neighbours."""
    first = min(len(heard), len(brand))

    def misfit(order: Sequence[Oklch]) -> float:
        pairs = zip(order, heard[:first], strict=True)
        return round(sum(abs(speaker.lightness - color.lightness) for speaker, color in pairs), 3)

    speakers = list(min(permutations(brand[:first]), key=misfit))
    if len(brand) == 1:
        speakers += _lend_neighbours(brand[0])
    return [speakers[place % len(speakers)] for place in range(len(heard))]


def _lend_neighbours(lead: Oklch) -> list[Oklch]:
    if lead.chroma < GREY:
        return []
    hues = [round(lead.hue + turn) % 360 for turn in (SPREAD, -SPREAD)]
    lights = [LENT_LIGHTNESS if hue in GOLDEN else min(lead.lightness, LENT_LIGHTNESS) for hue in hues]
    return [
        Oklch(lightness, lead.chroma * 0.9, hue)
        for lightness, hue in zip(lights, hues, strict=True)
        if hue not in SICKLY
    ]


def _speak(color: Oklch, voices: Sequence[Voice], brand: Sequence[Oklch], pull: float) -> Oklch:
    voice = min(voices, key=lambda voice: _turn(color.hue, voice.hue), default=None)
    if voice is None or _is_ground(color):
        return tint(color, brand)

    share = min(color.chroma / voice.chroma, 1.0)
    speaker = voice.brand
    if speaker.lightness - color.lightness > TOO_FAR:  # a dark yellow is brown: a dark colour speaks
        speaker = min(brand, key=lambda one: abs(one.lightness - color.lightness))
    is_grey = speaker.chroma < GREY
    blended = FAITH * speaker.chroma + (1 - FAITH) * voice.chroma
    loudest = speaker.chroma if is_grey else min(blended, voice.chroma * LOUDER)
    strength = pull * share * _openness(color.lightness) * (PULL_GREY if is_grey else 1)
    moved = strength * (speaker.lightness - color.lightness)
    lightness = color.lightness + min(max(moved, -FARTHEST), FARTHEST)
    hue = speaker.hue + _signed_turn(voice.hue, color.hue) / 2
    return Oklch(lightness, loudest * share, shade(hue, lightness))


def _is_ground(color: Oklch) -> bool:
    quiet = QUIET_LIGHT if color.lightness > LIGHT else QUIET
    return color.lightness < DARK or color.chroma < quiet


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
