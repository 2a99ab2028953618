"""The words below a carousel: the post's text and its hashtags, made from the brief's own words."""

import re
from collections.abc import Iterable

from carousels.languages import UNSPACED
from carousels.providers.offline.grammar import Grammar, open_grammar
from carousels.providers.offline.phrases import Dice, PhraseBook
from carousels.providers.offline.reading import Reading
from carousels.providers.offline.text import plain, split_words

POST_MAX = 2_200  # Instagram's limit, the strictest of the networks
TAGS_MIN, TAGS_MAX = 3, 8
_SINGLE_MAX = 3  # tags of a headline's single words
_TAG_MAX = 24
_LISTED = 10


def write_post(
    *, headline: str, lead: str, shown: tuple[str, ...], reading: Reading, book: PhraseBook, dice: Dice, tags
) -> str:
    phrases = book["post"]
    listing = "\n".join(f"• {title}" for title in shown[:_LISTED])
    question = dice.pick(book.of_kind("question", reading.kind), "question")
    gap = "" if reading.language in UNSPACED else " "
    parts = [
        f"{plain(headline)}\n{lead}",
        f"{phrases['inside']}\n{listing}" if listing else "",
        f"{question}{gap}{phrases['save']}",
        reading.link,
        " ".join(tags),
    ]
    return "\n\n".join(part for part in parts if part)[:POST_MAX]


def choose_hashtags(reading: Reading, book: PhraseBook) -> tuple[str, ...]:
    """3 to 8 tags: topic and readers as the creator names them, then the topic's field, then general ones."""
    grammar, is_spaced = open_grammar(reading.language), reading.language not in UNSPACED
    phrases = [
        _telling_words(phrase, reading.language, grammar) for phrase in (reading.topic, reading.audience)
    ]
    joined = [_join(words) for words in phrases if 1 <= len(words) <= 3 and (is_spaced or len(words) == 1)]

    said = "".join(joined).casefold()
    # A headline's other words, without those that a tag holds already and those that only count.
    single = [
        _capitalise(word)
        for word in _telling_words(reading.uncounted, reading.language, grammar)
        if word.casefold() not in said and not grammar.kind_of(word.casefold())
    ]
    field = book.family(reading.family).get("tags", [])
    tags = _unique([*joined, *single[:_SINGLE_MAX], *field])
    if len(tags) < TAGS_MIN:
        tags = _unique([*tags, *book["tags"]])[:TAGS_MIN]
    return tuple(f"#{tag}" for tag in tags[:TAGS_MAX])


def _telling_words(text: str, language: str, grammar: Grammar) -> list[str]:
    """The words that a reader might search for, without the small ones."""
    if language in UNSPACED:
        text = re.sub(grammar.between, " ", text) if grammar.between else text
    shortest = 2 if language in UNSPACED or language in {"ko", "hi"} else 3
    silent = grammar.words("stop") | grammar.words("cut")
    parts = (part for word in split_words(text) for part in re.split("['’]", word))
    words = (re.sub("[-\u200c\u200d]", "", part) for part in parts)
    return [
        word for word in words if len(word) >= shortest and word.lower() not in silent and word[0].isalpha()
    ]


def _join(words: list[str]) -> str:
    """RemoteWork; a script without capitals needs a visible seam."""
    has_case = words[0].upper() != words[0].lower()
    return "".join(map(_capitalise, words)) if has_case else "_".join(words)


def _capitalise(word: str) -> str:
    return word[:1].upper() + word[1:]


def _unique(tags: Iterable[str]) -> list[str]:
    first: dict[str, str] = {}
    for tag in tags:
        if len(tag) <= _TAG_MAX:
            first.setdefault(tag.casefold(), tag)
    return list(first.values())
