"""What a font cannot show and what must not be set: replaced by its plain form, or left out if it adorns.

A letter that nobody can replace stays: a word without it would be another word, and preflight says so.
"""

import re
import unicodedata
from collections.abc import Iterator

from wcwidth import iter_graphemes

from carousels.design.fonts import find_missing
from carousels.design.text.hygiene import TEXT_LIMIT, clean

LOOKED_AT = TEXT_LIMIT * 8  # characters; what stands behind them is never set

# Scripts nobody writes any more: Linear A and B, cuneiform, hieroglyphs. Their signs adorn.
ORNAMENTS = ((0x10000, 0x100FF), (0x10600, 0x1077F), (0x12000, 0x1254F), (0x13000, 0x1467F))
GAP = "\0"  # stands where something was left out, until the words have closed up
CLOSING = re.compile(rf"(?<=[*(\[“„«]){GAP}+ +| *{GAP}(?=[{GAP}\s.,;:!?…)\]]|$)|{GAP}")
EMPTY_EMPHASIS = re.compile(rf"\*{{1,2}}{GAP}+\*{{1,2}}")


def make_settable(text: str, families: tuple[str, ...]) -> str:
    """The text as it can be set in these families; the same string when nothing has to go."""
    plain = " ".join(unicodedata.normalize("NFC", text[:LOOKED_AT]).split())
    settable = clean(text[:LOOKED_AT], limit=LOOKED_AT)
    missing = frozenset(find_missing(settable, families))
    if missing:
        settable = _close_up("".join(_replace(settable, missing, families)))
    return text if settable in (plain, "") else settable


def _replace(text: str, missing: frozenset[str], families: tuple[str, ...]) -> Iterator[str]:
    """Whole clusters: half an emoji would be another one."""
    for cluster in iter_graphemes(text):
        if missing.isdisjoint(cluster):
            yield cluster
            continue
        simpler = "".join(_simplify(character, missing, families) for character in cluster)
        yield GAP if simpler == "" or _is_half(cluster, simpler) else simpler


def _simplify(character: str, missing: frozenset[str], families: tuple[str, ...]) -> str:
    """A character that can be shown, its plain form, nothing for an adornment, or itself."""
    if character not in missing:
        return character
    plain = unicodedata.normalize("NFKC", character)
    if plain != character and not find_missing(plain, families):
        return plain
    return "" if _is_adornment(character) else character


def _is_adornment(character: str) -> bool:
    """Marks on letters, symbols and dead scripts; never a letter or digit that somebody reads."""
    is_sign = unicodedata.category(character) in ("Mn", "Me") or unicodedata.category(character)[0] in "SPC"
    return is_sign or any(first <= ord(character) <= last for first, last in ORNAMENTS)


def _is_half(cluster: str, simpler: str) -> bool:
    """An emoji that lost a part of itself."""
    return unicodedata.category(cluster[0])[0] == "S" and len(simpler) < len(cluster)


def _close_up(text: str) -> str:
    """No double space, no space before a full stop, no stars around nothing."""
    if GAP not in text:
        return text
    text = CLOSING.sub("", EMPTY_EMPHASIS.sub(GAP, text))
    return " ".join(text.split())
