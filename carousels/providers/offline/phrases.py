"""The offline copywriter's phrase books: JSON files per language in three folders beside this module.

`phrases/` holds what every deck needs, `voices/` what differs by purpose, tone and reader, `families/`
what is said about a topic. Finished sentences: only {topic}, {audience} and numbers are put into one.
Which phrase a deck takes is decided by a Dice: sha256 of the brief, so the same brief reads the same.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

from carousels.brief import Brief
from carousels.languages import DEFAULT_LANGUAGE

_FOLDER = Path(__file__).parent

# A small book has no bank of every kind. A twin makes the same promise; a stand-in does not, so a
# deck that uses one must not number its points under that promise.
_TWINS = {"habits": "tips", "steps": "tips", "lessons": "tips", "way": "tips"}
_LIKE_TIPS = frozenset({"tips", "habits", "steps", "way", "other"})
_STAND_INS = {
    "signs": "questions",
    "causes": "questions",
    "comparison": "questions",
    "story": "told",
    "told": "story",
    "greeting": "announcement",
}

_UNCOUNTED = frozenset({"other", "announcement", "greeting", "story", "told"})

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Dice:
    """Choices that look free and are always the same for the same brief."""

    seed: str

    @classmethod
    def of(cls, brief: Brief) -> "Dice":
        said = asdict(brief)
        del said["tone"]  # which decides by itself what it changes
        text = json.dumps(said, ensure_ascii=True, sort_keys=True)
        return cls(hashlib.sha256(text.encode()).hexdigest())

    def pick(self, options: Sequence[Choice], about: str) -> Choice:
        return options[self._roll(about) % len(options)]

    def sample(self, options: Sequence[Choice], count: int, about: str) -> list[Choice]:
        """`count` of the options, in their own order: a bank is written to be read downwards."""
        ranked = sorted(range(len(options)), key=lambda i: self._roll(f"{about}{i}"))
        return [options[i] for i in sorted(ranked[:count])]

    def _roll(self, about: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{self.seed}{about}".encode()).digest()[:8])


@dataclass(frozen=True)
class Phrase:
    """A point of the book: [title, caption], [.., .., caption without topic] or [.., .., do, avoid]."""

    title: str
    caption: str
    topicless: str = ""
    do: str = ""
    avoid: str = ""

    @classmethod
    def read(cls, parts: Sequence[str]) -> "Phrase":
        title, caption, *rest = parts
        return cls(title, caption, "", *rest) if len(rest) == 2 else cls(title, caption, *rest)

    def caption_about(self, topic: str) -> str:
        if "{topic}" not in self.caption:
            return self.caption
        return self.caption.replace("{topic}", topic) if topic else self.topicless


class PhraseBook:
    """One language's phrases; see the English files for the shape."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content

    def __getitem__(self, key: str) -> Any:
        return self._content[key]

    def of_kind(self, key: str, kind: str) -> Any:
        """The entry of a table for this kind of promise, or the table's `other`."""
        table = self._content[key]
        names = (kind, _TWINS.get(kind), _STAND_INS.get(kind), "other")
        return next(table[name] for name in names if name in table)

    def purpose(self, name: str) -> dict[str, Any]:
        return self._content["purposes"].get(name, {})

    def tone(self, name: str) -> dict[str, Any]:
        return self._content["tones"].get(name, {})

    def family(self, name: str) -> dict[str, Any]:
        return self._content["families"].get(name, {})

    def advice(self, family: str) -> list[Phrase]:
        return _phrases(self.family(family).get("tips", []))

    def asides(self, table: str, name: str) -> list[Phrase]:
        """What is said for one purpose, in one tone or to one group of readers."""
        return _phrases(self._content[table].get(name, {}).get("points", []))

    def banks(self, kind: str, family: str) -> tuple[list[list[Phrase]], bool]:
        """The banks for a kind, nearest to the topic first; and whether they keep the kind's promise."""
        general, near = self._content["points"], self.family(family)
        name = kind if kind in general else _TWINS.get(kind, kind)
        if name not in general:
            stand_in = _STAND_INS.get(kind, "other")
            return [_phrases(general.get(stand_in) or general["other"])], False

        nearest = near.get(kind) or (near.get("tips", []) if kind in _LIKE_TIPS else [])
        return [_phrases(nearest), _phrases(general[name])], name not in _UNCOUNTED


def _phrases(bank: Sequence[Sequence[str]]) -> list[Phrase]:
    return [Phrase.read(parts) for parts in bank]


@cache
def open_book(language: str) -> PhraseBook:
    """The language's book; a language without one is answered in English."""
    if not (_FOLDER / "phrases" / f"{language}.json").is_file():
        language = DEFAULT_LANGUAGE
    content = _load("phrases", language) | _load("voices", language)
    return PhraseBook({**content, "families": _load("families", language)})


def _load(folder: str, language: str) -> dict[str, Any]:
    return json.loads((_FOLDER / folder / f"{language}.json").read_text(encoding="utf-8"))
