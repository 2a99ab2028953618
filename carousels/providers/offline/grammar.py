"""How prompts are read in each language: word lists and patterns from grammar/<language>.json.

A word list is one string of words; a `*` in a noun stands for any letters ("*fehler", "mistake*").
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from carousels.languages import DEFAULT_LANGUAGE

_FOLDER = Path(__file__).with_name("grammar")


@dataclass(frozen=True)
class Grammar:
    """`about` opens a topic ("tips for ..."), `of` binds one to its noun, `cut` ends it or makes it unsure.

    `weak` nouns promise something only behind a number ("5 things"); `units` are counted but promise
    nothing ("10 years"); `how` is a pattern of "how to". `counted`, `around`, `unsure` and `between`
    (what stands between words of meaning) are patterns of unspaced scripts.
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
    between: str = ""
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
    return Grammar(**content | {name: tuple(content[name]) for name in ("instructions", "tails")})


def find_purpose(purpose: str) -> str:
    """What a carousel is meant to do (educate, sell, engage, inspire, grow), "" when unknown.

    The creator writes it freely in any language; the earliest known stem decides.
    """
    lowered = purpose.lower()[:200]
    places = {
        name: min((at for stem in stems.split() if (at := lowered.find(stem)) >= 0), default=None)
        for name, stems in _load(_FOLDER / "purposes.json").items()
    }
    found = {name: at for name, at in places.items() if at is not None}
    return min(found, key=lambda name: found[name], default="")


@cache
def _split(words: str) -> frozenset[str]:
    return frozenset(words.split())


@cache
def _noun_pattern(nouns: str) -> re.Pattern[str]:
    return re.compile("|".join(re.escape(noun).replace(r"\*", r"\w*") for noun in nouns.split()))


def _load(path: Path):
    return json.loads(path.read_text(encoding="utf-8"))
