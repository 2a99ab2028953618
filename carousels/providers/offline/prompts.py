"""A prompt taken apart: labelled lines, bullets, quotations, prose and a link. No meaning is read here.

Works on whole lines and sentences, in time linear to the prompt; what is an order to us ("Make it
funny") is told from what is content by the language's grammar.
"""

import re
from dataclasses import dataclass, field

from carousels.providers.offline.grammar import Grammar
from carousels.providers.offline.text import clean, find_link, split_sentences, width

_READ_AT_MOST = 6_000  # characters: an article's first pages say more than a deck can hold
_BULLET = re.compile(r"^\s*(?:[-*•–—▪◦✓✔→☑✅]|\d{1,2}[.)．、]|[①-⑩])\s*(?=\S)")
_BULLET_SPACED = re.compile(r"^\s*(?:[-*–—]\s|[•▪◦✓✔→☑✅①-⑩]|\d{1,2}(?:[.)]\s|[．、]))")
_QUOTATION = re.compile(
    r"[“„«「\"]\s*[^“”„«»「」\"\n]{12,200}[”“»」\"]\s*(?:[—–]|-\s|\(|\bby\b)\s*"
    r"[^\W\d_][^\n.;()“”\"]{1,60}\)?(?=[.\n]|$)"
)
_LISTED = re.compile(r"[;,،、，；]\s*")
_SENTENCE_MIN, _SENTENCE_MAX = 12, 240  # characters of a sentence that can be a point
_POINTS_MAX = 60  # as many as a deck could ever show


@dataclass(frozen=True)
class Prompt:
    """`prose` are the lines that are no bullets; `body` what the prose says after its first sentence."""

    prose: tuple[str, ...]
    bullets: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    quotations: tuple[str, ...] = ()
    labels: dict[str, str] = field(default_factory=dict)
    link: str = ""


def take_apart(text: str, grammar: Grammar) -> Prompt:
    """Any text gives a Prompt with at least one line of prose."""
    text = text[:_READ_AT_MOST]
    link = find_link(text)
    quotations = tuple(match[0] for match in _QUOTATION.finditer(text))
    rest = _QUOTATION.sub(" ", text) if clean(_QUOTATION.sub(" ", text)) else text

    labels: dict[str, str] = {}
    bullets, prose = [], []
    for line in filter(str.strip, rest.splitlines()):
        name, value = _read_label(line, grammar)
        if name:
            labels.setdefault(name, value)
            bullets += _LISTED.split(value) if name == "points" and value else []
        elif _BULLET_SPACED.match(line):
            bullets.append(strip_bullet(line))
        else:
            prose.append(line)

    if not prose:
        prose = [labels.pop("topic", "") or (bullets.pop(0) if bullets else rest)]
    body = _find_body(prose, grammar)
    return Prompt(tuple(prose), tuple(bullets[:_POINTS_MAX]), body, quotations, labels, link)


def strip_bullet(line: str) -> str:
    return _BULLET.sub("", line, count=1) if _BULLET_SPACED.match(line) else line


def _read_label(line: str, grammar: Grammar) -> tuple[str, str]:
    """("audience", "new parents") of "Audience: new parents"; "points" heads a list and says nothing."""
    head, colon, value = line.strip(" \t*_#").partition(":")
    if not colon:
        head, colon, value = line.partition("：")
    if not colon or len(head) > 30:
        return "", ""
    word = clean(head).casefold()
    name = next((name for name, words in grammar.labels.items() if word in words.split("|")), "")
    return (name, clean(value)) if name and (value.strip() or name == "points") else ("", "")


def _find_body(prose: list[str], grammar: Grammar) -> tuple[str, ...]:
    """The sentences after the first, without orders, questions to us and mere fragments."""
    sentences = [clean(sentence) for line in prose for sentence in split_sentences(line)]
    found = []
    for sentence in sentences[1:]:
        wanted = _strip_wish(sentence, grammar)
        if width(wanted) >= _SENTENCE_MIN and len(wanted) <= _SENTENCE_MAX:
            found.append(wanted)
    return tuple(found[:_POINTS_MAX])


def _strip_wish(sentence: str, grammar: Grammar) -> str:
    """What an order wants said ("Mention free delivery"); "" of one about how to say it."""
    if grammar.mention and (match := re.match(grammar.mention, sentence, re.IGNORECASE)):
        return sentence[match.end() :]
    return "" if grammar.orders and re.match(grammar.orders, sentence, re.IGNORECASE) else sentence
