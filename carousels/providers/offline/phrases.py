"""The offline copywriter's phrase books: one JSON file per language beside this module.

A book holds finished sentences; only {topic}, {audience} and slide numbers are ever put into one.
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

_FOLDER = Path(__file__).with_name("phrases")

# A small book has no bank of every kind. A twin makes the same promise; a stand-in does not, so a
# deck that uses one must not number its points under that promise.
_TWINS = {"habits": "tips", "steps": "tips", "lessons": "tips"}
_STAND_INS = {"signs": "questions", "causes": "questions", "comparison": "questions"}

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class Dice:
    """Choices that look free and are always the same for the same brief."""

    seed: str

    @classmethod
    def of(cls, brief: Brief) -> "Dice":
        text = json.dumps(asdict(brief), ensure_ascii=True, sort_keys=True)
        return cls(hashlib.sha256(text.encode()).hexdigest())

    def pick(self, options: Sequence[Choice], about: str) -> Choice:
        return options[self._roll(about) % len(options)]

    def sample(self, options: Sequence[Choice], count: int, about: str) -> list[Choice]:
        """`count` of the options, in their own order: a bank is written to be read downwards."""
        ranked = sorted(range(len(options)), key=lambda i: self._roll(f"{about}{i}"))
        return [options[i] for i in sorted(ranked[:count])]

    def _roll(self, about: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{self.seed}{about}".encode()).digest()[:8])


class PhraseBook:
    """One language's phrases; see phrases/en.json for the shape."""

    def __init__(self, content: dict[str, Any]) -> None:
        self._content = content

    def __getitem__(self, key: str) -> Any:
        return self._content[key]

    def of_kind(self, key: str, kind: str) -> Any:
        """The entry of a table for this kind of promise, or the table's `other`."""
        table = self._content[key]
        names = (kind, _TWINS.get(kind), _STAND_INS.get(kind), "other")
        return next(table[name] for name in names if name in table)

    @staticmethod
    def insert_topic(phrase: Sequence[str], topic: str) -> tuple[str, str]:
        """(title, caption) of a phrase; its third wording speaks of no topic, for when none is sure."""
        title, caption, *rest = phrase
        return title, (caption.replace("{topic}", topic) if topic or not rest else rest[0])

    def points(self, kind: str) -> tuple[list[list[str]], bool]:
        """The bank for a kind, and whether its points keep the kind's promise."""
        banks = self._content["points"]
        for name in (kind, _TWINS.get(kind, "")):
            if name in banks:
                return banks[name], name not in {"other", "announcement"}
        return banks[_STAND_INS.get(kind, "other")], False


@cache
def open_book(language: str) -> PhraseBook:
    """The language's book; a language without one is answered in English."""
    path = _FOLDER / f"{language}.json"
    if not path.is_file():
        path = _FOLDER / f"{DEFAULT_LANGUAGE}.json"
    return PhraseBook(json.loads(path.read_text(encoding="utf-8")))
