"""What a prompt asks for, read without a model: headline, kind of promise, how many, topic, audience.

Reads only; every word it returns stands in the brief (an English verb may be bent: "save", "saving").
When a rule is not sure it answers "" or None, and the deck does without.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from carousels.brief import Brief
from carousels.languages import DEFAULT_LANGUAGE, detect
from carousels.providers.offline import english
from carousels.providers.offline.grammar import Grammar, open_grammar
from carousels.providers.offline.promises import find_promise
from carousels.providers.offline.text import capitalise, clean, condense, first_sentence, trim

_READ_AT_MOST = 1_200  # characters of a prompt that can hold its headline
_BULLET = re.compile(r"^\s*(?:[-*•–—▪◦✓✔→]|\d{1,2}[.)])\s+(?=\S)")
_HIDDEN_POINTS = 60  # as many as a deck could ever show


@dataclass(frozen=True)
class Reading:
    """`count` is what the headline promises; `uncounted` is the headline without that promise."""

    language: str
    headline: str
    uncounted: str
    kind: str
    count: int | None
    topic: str
    audience: str
    key_points: tuple[str, ...]


def read(brief: Brief) -> Reading:
    """Read the brief; total: any text gives a Reading with a headline."""
    prompt = brief.prompt[:_READ_AT_MOST]
    language = detect(f"{prompt}\n{' '.join(brief.key_points)}")
    grammar = open_grammar(language)

    lines = [line for line in prompt.splitlines() if line.strip()] or [prompt]
    bullets = [line for line in lines if _BULLET.match(line)]
    prose = [line for line in lines if line not in bullets] or lines
    headline, audience = _find_headline(prose, language, grammar)
    promise = find_promise(headline, language, grammar)

    return Reading(
        language=language,
        headline=headline,
        uncounted=capitalise(promise.uncounted) or headline,
        kind=promise.kind,
        count=promise.count,
        topic=promise.topic,
        audience=_condense_audience(brief.audience, language) or audience or promise.audience,
        key_points=_clean_points(brief.key_points or (bullets if len(bullets) > 1 else ())),
    )


def _find_headline(lines: list[str], language: str, grammar: Grammar) -> tuple[str, str]:
    """The headline hidden in an order ("Create a carousel about X for Y" -> "X"), and Y if named."""
    text = capitalise(clean(" ".join(lines[:1])) or clean(" ".join(lines)))
    audience, is_order = "", False
    for pattern in grammar.instructions:
        match = re.match(pattern, text, re.IGNORECASE)
        if match and trim(text[match.end() :]):
            audience = audience or match.groupdict().get("audience") or ""
            text, is_order = text[match.end() :], True

    text = first_sentence(text)
    for pattern in grammar.tails:
        text = re.sub(pattern, "", trim(text), flags=re.IGNORECASE) or text

    if language == DEFAULT_LANGUAGE and not audience:
        if is_order:
            text, audience = english.split_listeners(trim(text))
        audience = audience or english.split_audience(trim(text))[1]
    return _as_headline(capitalise(text), lines), audience


def _as_headline(text: str, lines: list[str]) -> str:
    headline = trim(text) or text.strip() or _bare_address(" ".join(" ".join(lines).split()))
    letters = [c for c in headline if c.isalpha()]
    if len(letters) > 12 and all(c.isupper() for c in letters) and headline.lower() != headline:
        headline = headline.lower()  # shouting is for the typography to do
    return condense(headline) or "…"


def _bare_address(text: str) -> str:
    """The host of a prompt that is nothing but an address; any other text without its asterisks."""
    host = re.match(r"(?:https?://)?(?:www\.)?([^\s/?#]+)", text, re.IGNORECASE)
    return (host[1] if host and "." in host[1] else text).replace("*", "").strip()


def _condense_audience(audience: str, language: str) -> str:
    """Short enough for a label; a long description of a market is none."""
    short = trim(re.split(r"[,;.(\n،。、，；]", clean(audience), maxsplit=1)[0])
    if len(short) > 40:
        return ""
    return english.soften(short) if language == DEFAULT_LANGUAGE else short


def _clean_points(points: Sequence[str]) -> tuple[str, ...]:
    cleaned = (clean(_BULLET.sub("", point))[:1_000] for point in points[:_HIDDEN_POINTS])
    unique: dict[str, str] = {}
    for point in filter(None, cleaned):
        unique.setdefault(trim(point).casefold() or point, point)
    return tuple(unique.values())
