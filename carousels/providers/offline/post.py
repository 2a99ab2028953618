"""The words below a carousel: the post's text and its hashtags, made from the brief's own words."""

import re
from collections.abc import Iterable

from carousels.languages import DEFAULT_LANGUAGE, UNSPACED
from carousels.providers.base import SlidePlan
from carousels.providers.offline import english
from carousels.providers.offline.grammar import Grammar, open_grammar
from carousels.providers.offline.phrases import Dice, PhraseBook
from carousels.providers.offline.reading import Reading
from carousels.providers.offline.selection import PLAIN_TALK
from carousels.providers.offline.text import capitalise, plain, split_words

POST_MAX = 2_200  # Instagram's limit, the strictest of the networks
TAGS_MIN, TAGS_MAX = 3, 8
_SINGLE_MAX = 2  # tags of a headline's single words
_VERBAL = frozenset({"es", "fr", "it", "nl", "pt"})
_TAG_MAX = 24
_UNSPACED_MAX = 8  # characters of a topic that reads as one tag
_SURE_RUN = re.compile(r"[ァ-ヺー]{3,}|[A-Za-z]{3,}")  # words that show their ends among unspaced ones
_LISTED, _WORTH_LISTING = 10, 2


def write_post(
    *,
    headline: str,
    lead: str,
    shown: tuple[str, ...],
    ending: SlidePlan | None,
    reading: Reading,
    book: PhraseBook,
    dice: Dice,
    tags: tuple[str, ...],
) -> str:
    """Hook, what is inside, a call, the tags. `ending` closes a post with a purpose, a question any other."""
    told = "" if lead in shown else "\n\n".join(shown[:_LISTED])
    listing = "\n".join(f"• {title}" for title in shown[:_LISTED])
    if len(shown) < _WORTH_LISTING:
        listing = ""
    if not reading.is_told and listing:
        listing = f"{dice.pick(book.of_kind('inside', reading.kind), 'inside')}\n{listing}"
    gap = "" if reading.language in UNSPACED else " "
    question = dice.pick(book.of_kind("question", reading.kind), "question")
    call = (
        [plain(ending.title), ending.caption]
        if ending
        else [question, dice.pick(book.of_kind("save", reading.kind), "save")]
    )
    parts = [
        f"{plain(headline)}\n{lead}",
        told if reading.is_told else listing,
        "\n".join(call) if ending else gap.join(call),
        reading.link,
        " ".join(tags),
    ]
    return "\n\n".join(part for part in parts if part)[:POST_MAX]


def choose_hashtags(reading: Reading, book: PhraseBook) -> tuple[str, ...]:
    """3 to 8 tags: topic and readers as the creator names them, then the topic's field, then general ones."""
    grammar = open_grammar(reading.language)
    phrases = [
        _telling_words(phrase, reading.language, grammar) for phrase in (reading.topic, reading.audience)
    ]
    joined = [_join(words) for words in phrases if 1 <= len(words) <= 3]
    if reading.language in UNSPACED:  # where one word ends is not written: whole or not at all
        joined = [p for p in (reading.topic, reading.audience) if p.isalnum() and len(p) <= _UNSPACED_MAX]

    said = "".join(joined).casefold()
    # A headline's other words, without those that a tag holds already and those that only count.
    single = [
        capitalise(word)
        for word in _telling_words(reading.uncounted, reading.language, grammar)
        if word.casefold() not in said
        and not grammar.kind_of(word.casefold())
        and _is_noun_like(word, reading)
    ]
    field = [*book.family(reading.family).get("tags", []), *book["kindTags"].get(reading.kind, [])]
    # Where words carry their prepositions and verbs look like nouns, a sentence's words are no tags.
    is_safe = reading.language not in {"ar", "he", "hi"} or not field
    # The last words of a sentence tell most: "Why we open sourced our editor".
    tags = _unique([*joined, *(single[-_SINGLE_MAX:] if is_safe else []), *field])
    if len(tags) < TAGS_MIN:
        tags = _unique([*tags, *book["tags"]])[:TAGS_MIN]
    return tuple(f"#{tag}" for tag in tags[:TAGS_MAX])


def _telling_words(text: str, language: str, grammar: Grammar) -> list[str]:
    """The words that a reader might search for, without the small ones."""
    if language in UNSPACED:
        text = " ".join(_SURE_RUN.findall(text))
    shortest = 2 if language in UNSPACED or language in {"ko", "hi"} else 3
    silent = grammar.words("stop") | grammar.words("cut")
    parts = (part for word in split_words(text) for part in re.split("['’]", word))
    words = (re.sub("[-\u200c\u200d]", "", part) for part in parts)
    return [
        word for word in words if len(word) >= shortest and word.lower() not in silent and word[0].isalpha()
    ]


def _is_noun_like(word: str, reading: Reading) -> bool:
    """Whether somebody would search for this word alone; in German nouns say so themselves."""
    if reading.language == DEFAULT_LANGUAGE:
        return english.is_searchable(word)
    if reading.language == "de":
        return word[:1].isupper() and not reading.uncounted.startswith(word)
    if reading.kind in PLAIN_TALK and reading.language in _VERBAL:
        return word[:1].isupper() and not reading.uncounted.startswith(word)  # only the names in a sentence
    # Hebrew infinitives and Arabic words under a preposition are no tags.
    return not (reading.language in {"he", "ar"} and word.startswith(("ל", "ل", "ب")) and len(word) > 3)


def _join(words: list[str]) -> str:
    """RemoteWork; a script without capitals needs a visible seam."""
    has_case = words[0].upper() != words[0].lower()
    return "".join(map(capitalise, words)) if has_case else "_".join(words)


def _unique(tags: Iterable[str]) -> list[str]:
    first: dict[str, str] = {}
    for tag in tags:
        if len(tag) <= _TAG_MAX:
            first.setdefault(tag.casefold(), tag)
    return list(first.values())
