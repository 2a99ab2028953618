"""Where a headline carries its one *emphasis*: on the words that say what it is about."""

import re

from carousels.languages import DEFAULT_LANGUAGE
from carousels.providers.offline.grammar import Grammar, open_grammar
from carousels.providers.offline.reading import Reading
from carousels.providers.offline.text import split_words

_STOPS = "on|in|at|with|for|from|before|after|when|while|without|by|and|or|to|of|about|during|as|if|than"


def emphasise(headline: str, reading: Reading) -> str:
    """Mark the topic where it stands in the headline, else the last words that carry meaning."""
    match = re.search(re.escape(reading.topic), headline, re.IGNORECASE) if reading.topic else None
    if match and match[0] != headline:
        return _mark(headline, match.start(), match.end())

    match = _find_action(headline) if reading.language == DEFAULT_LANGUAGE else None
    if match:
        return _mark(headline, match.start("action"), match.end("action"))

    word = _find_word(headline, open_grammar(reading.language))
    at = headline.rfind(word) if word else 0
    return _mark(headline, at, at + len(word)) if word else headline


def _find_action(headline: str) -> re.Match[str] | None:
    """Find "grow tomatoes" in "How to grow tomatoes on a balcony"."""
    return re.search(
        rf"\bto (?P<action>[^\W\d]\w*(?: (?:an?|the|your|my|our))?"
        rf"(?: (?!(?:{_STOPS})\b)[\w'’-]+){{0,2}})(?![\w'’-])",
        headline,
    )


def _find_word(headline: str, grammar: Grammar) -> str:
    """The noun that promises, else the last word that carries meaning; "" in a very short headline."""
    words = split_words(headline)
    promising = next((word for word in words if grammar.kind_of(word.casefold())), "")
    silent = grammar.words("stop") | grammar.words("cut")
    telling = [
        word for word in words if len(word) > 3 and word[0].isalpha() and word.casefold() not in silent
    ]
    return promising or (telling[-1] if telling and len(words) > 2 else "")


def _mark(headline: str, start: int, end: int) -> str:
    return f"{headline[:start]}*{headline[start:end]}*{headline[end:]}"
