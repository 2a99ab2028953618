"""The promise in a headline: "5 pricing mistakes" is kind mistakes, count 5, topic pricing mistakes.

Works on words where words are spaced, on patterns where they are not (Japanese, Chinese).
"""

import re
from dataclasses import dataclass

from carousels.languages import DEFAULT_LANGUAGE, UNSPACED
from carousels.providers.offline import english
from carousels.providers.offline.grammar import Grammar

_PROMISED = range(2, 21)  # "5 tips" promises points; "1 day" and "2026 trends" do not
VERSUS = re.compile(r"\b(?:vs\.?|versus)\b|\bVS\b", re.IGNORECASE)
_EDGES = ".,;:!?¿¡()[]\"'“”„«»‹›‘’…؟،؛।"
_NOUN_WITHIN = 4  # words between a number and what it counts: "5 very common pricing mistakes"
_TOPIC_WORDS, _TOPIC_LENGTH = 6, 42
_UNSPACED_TOPIC = re.compile(r"[^\W\d_][\w・ー]{1,15}")


@dataclass(frozen=True)
class Promise:
    """`uncounted` is the headline without its number; "" where it has none."""

    kind: str = "other"
    count: int | None = None
    uncounted: str = ""
    topic: str = ""
    audience: str = ""


def find_promise(headline: str, language: str, grammar: Grammar) -> Promise:
    if language in UNSPACED and grammar.counted:
        return _find_unspaced(headline, grammar)

    words = headline.split()
    bare = [word.strip(_EDGES).casefold() for word in words]
    number_at, count, noun_at, kind = _find_count(bare, grammar)
    if count:
        uncounted = " ".join(words[:number_at] + words[number_at + 1 :])
        topic, audience = _read_around(words, bare, number_at + 1, noun_at, language, grammar)
        kind = english.refine_kind(kind, bare, noun_at) if language == DEFAULT_LANGUAGE else kind
        return Promise(kind, count, uncounted, topic, audience)

    uncounted = _drop_loose_number(words, bare, grammar)
    kind, noun_at = _find_kind(headline, bare, language, grammar)
    if noun_at is not None:
        topic, audience = _read_around(words, bare, 0, noun_at, language, grammar)
    else:
        topic, audience = _read_whole(uncounted or headline, language, grammar), ""
    return Promise(kind, None, uncounted, topic, audience)


def _find_count(bare: list[str], grammar: Grammar) -> tuple[int, int | None, int | None, str]:
    for number_at, word in enumerate(bare):
        number = _number(word, grammar)
        if number is None:
            continue
        for noun_at in range(number_at + 1, min(len(bare), number_at + 1 + _NOUN_WITHIN)):
            if kind := grammar.kind_of(bare[noun_at]):
                return number_at, number, noun_at, kind
    return 0, None, None, ""


def _number(word: str, grammar: Grammar) -> int | None:
    value = int(word) if word.isdecimal() and len(word) <= 2 else grammar.numbers.get(word)
    return value if value in _PROMISED else None


def _find_kind(headline: str, bare: list[str], language: str, grammar: Grammar) -> tuple[str, int | None]:
    """The kind of an uncounted headline; the noun's place only when the topic hangs on it."""
    if VERSUS.search(headline):
        return "comparison", None
    if kind := _kind_of_form(headline, grammar):
        return kind, None
    if language == DEFAULT_LANGUAGE and (kind := english.kind_of_form(headline)):
        return kind, None
    if grammar.how and re.search(grammar.how, headline, re.IGNORECASE):
        return "steps", None
    for at, word in enumerate(bare):
        if word not in grammar.words("weak") and (kind := grammar.kind_of(word)):
            return (english.refine_kind(kind, bare, at) if language == DEFAULT_LANGUAGE else kind), at
    is_offer = language == DEFAULT_LANGUAGE and english.is_offer(headline)
    return ("announcement" if is_offer else "other"), None


def _kind_of_form(headline: str, grammar: Grammar) -> str:
    """News or a story, told from the sentence's form: "Our café opens on Sunday", "How we lost a client"."""
    bare = re.sub(r"^[\W_]+", "", headline)  # an emoji in front changes nothing
    for kind, pattern in (("story", grammar.told), ("announcement", grammar.news)):
        if pattern and re.search(pattern, bare, re.IGNORECASE):
            return kind
    return ""


def _drop_loose_number(words: list[str], bare: list[str], grammar: Grammar) -> str:
    """Of "7 wonders of the world" we cannot name one: the headline goes without the 7."""
    unlike_nouns = {*grammar.words("units"), *grammar.words("about"), *grammar.words("cut")}
    for at, word in enumerate(bare[:2]):
        follower = bare[at + 1] if at + 1 < len(bare) else ""
        if (
            _number(word, grammar)
            and follower
            and follower not in unlike_nouns
            and not follower[0].isdecimal()
        ):
            return " ".join(words[:at] + words[at + 1 :])
    return ""


def _read_around(
    words: list[str], bare: list[str], start: int, noun_at: int, language: str, grammar: Grammar
) -> tuple[str, str]:
    """(topic, audience) around the counted noun."""
    if language == DEFAULT_LANGUAGE:
        topic = english.topic_of_count([word.rstrip(_EDGES) for word in words], start, noun_at)
        audience = english.find_people([word.strip(_EDGES) for word in words[noun_at + 1 :]])
        return english.soften(_sure(topic, grammar)), audience

    follower = bare[noun_at + 1] if noun_at + 1 < len(bare) else ""
    if follower in grammar.words("of"):
        return _sure(_until_cut(words[noun_at:], grammar, skip=2), grammar), ""
    if follower in grammar.words("about"):
        return _sure(_until_cut(words[noun_at + 2 :], grammar), grammar), ""
    return "", ""


def _read_whole(headline: str, language: str, grammar: Grammar) -> str:
    if language == DEFAULT_LANGUAGE:
        # "Electric cars: is it time to switch?" is about electric cars.
        head = headline.partition(": ")[0]
        topic = _sure(head, grammar) if head != headline else english.topic_of_form(headline)
        head, people = english.split_audience(topic)
        return english.soften(_sure(head if people else topic, grammar))
    return _sure(headline, grammar) if len(headline.split()) <= 4 else ""


def _until_cut(words: list[str], grammar: Grammar, *, skip: int = 0) -> str:
    kept: list[str] = []
    for at, word in enumerate(words):
        if at >= skip and word.strip(_EDGES).casefold() in grammar.words("cut"):
            break
        kept.append(word)
        if at >= skip and word[-1] in _EDGES:
            break
    return " ".join(kept).strip(_EDGES + " ")


def _sure(topic: str, grammar: Grammar) -> str:
    """The topic if it can stand in a sentence as it is, else ""."""
    topic = topic.strip(_EDGES + " ")
    words = [word.strip(_EDGES).casefold() for word in topic.split()]
    if not words or len(words) > _TOPIC_WORDS or not 3 <= len(topic) <= _TOPIC_LENGTH:
        return ""
    unsure = (
        any(word in grammar.words("cut") for word in words)
        or words[-1] in grammar.words("about")
        or words[0] in grammar.words("about")
    )
    if unsure or re.search(r"[.,;:!?()…\"“”«»؟،—–/|&@+]", topic) or not any(c.isalpha() for c in topic):
        return ""
    return topic


def _find_unspaced(headline: str, grammar: Grammar) -> Promise:
    kind = "comparison" if VERSUS.search(headline) else ""
    kind = kind or _kind_of_form(headline, grammar) or grammar.kind_within(headline) or "other"
    match = re.search(grammar.counted, headline)
    number = _number(match["n"], grammar) if match else None
    uncounted = headline[: match.start()] + headline[match.end() :] if match and number else ""

    topic = re.sub(grammar.around, "", uncounted or headline)
    is_sure = _UNSPACED_TOPIC.fullmatch(topic) and not re.search(grammar.unsure, topic)
    return Promise(
        kind=kind,
        count=number if kind != "other" else None,
        uncounted=uncounted,
        topic=topic if is_sure else "",
    )
