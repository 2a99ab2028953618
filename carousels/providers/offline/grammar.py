"""How prompts are read in each language: word lists and patterns from grammar/<language>.json.

A word list is one string of words; a `*` in a noun stands for any letters ("*fehler", "mistake*").
Beside them stand tables of stems for all languages at once: purposes, tones, readers, families.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from carousels.languages import DEFAULT_LANGUAGE

_FOLDER = Path(__file__).with_name("grammar")
_BROAD = frozenset({"productivity", "learning", "career", "tech"})
_SPACED = ("LATIN", "CYRILLIC", "DEVANAGARI", "HANGUL")  # scripts whose words begin where a space ends


@dataclass(frozen=True)
class Grammar:
    """`about` opens a topic ("tips for ..."), `of` binds one to its noun, `cut` ends it or makes it unsure.

    `weak` nouns promise something only behind a number ("5 things"); `units` are counted but promise
    nothing ("10 years"); `how` is a pattern of "how to". `counted`, `around` and `unsure` are patterns
    of unspaced scripts. `orders` opens a sentence that tells us how to write, `mention` one that tells
    us what; `instead` are patterns of "X instead of Y". `joints` are words before which a long sentence
    may break, `sources` ("according to") and `said` ("wrote") name where a figure or quotation is from,
    `news` and `told` match the headlines of an announcement and of a story. `dos` and `donts` are names
    of a comparison's sides; `labels` name a prompt's lines, split by "|".
    """

    kinds: Mapping[str, str]
    numbers: Mapping[str, int]
    stop: str
    instructions: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    about: str = ""
    of: str = ""
    cut: str = ""
    units: str = ""
    weak: str = ""
    how: str = ""
    counted: str = ""
    around: str = ""
    unsure: str = ""
    orders: str = ""
    mention: str = ""
    instead: tuple[str, ...] = ()
    joints: str = ""
    sources: str = ""
    said: str = ""
    news: str = ""
    told: str = ""
    dos: str = ""
    donts: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    english: Mapping[str, str] = field(default_factory=dict)

    def words(self, name: str) -> frozenset[str]:
        return _split(getattr(self, name))

    def kind_of(self, word: str) -> str:
        """The kind of promise that a noun makes, "" for any other word."""
        return next((kind for kind, nouns in self.kinds.items() if _noun_pattern(nouns).fullmatch(word)), "")

    def kind_within(self, text: str) -> str:
        """The same for a text without spaces: the kind whose noun stands in it."""
        return next((kind for kind, nouns in self.kinds.items() if any(n in text for n in nouns.split())), "")


@cache
def open_grammar(language: str) -> Grammar:
    """The language's grammar; English rules where we have none."""
    path = _FOLDER / f"{language}.json"
    content = _load(path if path.is_file() else _FOLDER / f"{DEFAULT_LANGUAGE}.json")
    lists = {name: tuple(content.get(name, ())) for name in ("instructions", "tails", "instead")}
    return Grammar(**content | lists)


def find_name(table: str, text: str) -> str:
    """The name in a table of stems (purposes, tones, readers, families) that a text speaks of first, or "".

    Creators write freely, in any language; the earliest known stem decides, but "planning meals" is
    about meals: a field that goes with any other gives way.
    """
    found = {name: match.start() for name, stems in _stems(table) if (match := stems.search(text))}
    return min(found, key=lambda name: (name in _BROAD, found[name]), default="")


@cache
def _stems(table: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    content = _load(_FOLDER / f"{table}.json")
    return tuple((name, _stem_pattern(stems)) for name, stems in content.items())


def _stem_pattern(stems: str) -> re.Pattern[str]:
    """Stems open a word ("teach" finds "teaching"); one with a full stop is a whole word ("app.")."""
    parts = []
    for stem in stems.split():
        is_spaced = unicodedata.name(stem[0]).startswith(_SPACED)
        start = r"(?<![^\W\d_])" if is_spaced else ""
        end = r"(?![^\W\d_])" if stem.endswith(".") else ""
        parts.append(start + re.escape(stem.rstrip(".").replace("_", " ")) + end)
    return re.compile("|".join(parts), re.IGNORECASE)


@cache
def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


@cache
def _noun_pattern(nouns: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(noun).replace(r"\*", r"\w*") for noun in nouns.split()))


def _load(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))
