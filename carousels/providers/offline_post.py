"""The words below a carousel: the post's text and its hashtags, made from the brief's own words."""

import unicodedata

from carousels.brief import Brief
from carousels.languages import UNSPACED
from carousels.providers.offline_grammar import open_grammar
from carousels.providers.offline_phrases import Dice, PhraseBook
from carousels.providers.offline_reading import Reading
from carousels.providers.offline_text import clean, plain, split_words

POST_MAX = 2_200  # Instagram's limit, the strictest of the networks
TAGS_MIN, TAGS_MAX = 3, 6
_TAG_LENGTH = range(2, 25)
_LISTED = 10


def write_post(
    *, headline: str, lead: str, shown: tuple[str, ...], reading: Reading, book: PhraseBook, dice: Dice, tags
) -> str:
    phrases = book["post"]
    listing = "\n".join(f"• {title}" for title in shown[:_LISTED])
    question = dice.pick(book.of_kind("question", reading.kind), "question")
    parts = [
        f"{plain(headline)}\n{lead}",
        f"{phrases['inside']}\n{listing}" if listing else "",
        f"{question} {phrases['save']}",
        " ".join(tags),
    ]
    return "\n\n".join(part for part in parts if part)[:POST_MAX]


def choose_hashtags(brief: Brief, reading: Reading, book: PhraseBook) -> tuple[str, ...]:
    """3 to 6 tags out of the creator's words; the book's general ones only where those do not suffice."""
    stop = open_grammar(reading.language).words("stop")
    sources = [
        reading.topic,
        reading.audience,
        reading.uncounted,
        *reading.key_points,
        clean(brief.prompt[:600]),
    ]

    tags: dict[str, str] = {}
    for phrase in (reading.topic, reading.audience):
        words = _words(phrase, reading.language, stop)
        if 1 < len(words) <= 3:
            _add(tags, "".join(word[:1].upper() + word[1:] for word in words))
    for source in sources:
        for word in _words(source, reading.language, stop):
            if len(tags) < TAGS_MAX:
                _add(tags, word.lower())
    for word in book["tags"]:
        if len(tags) < TAGS_MIN:
            _add(tags, word)
    return tuple(tags.values())


def _add(tags: dict[str, str], word: str) -> None:
    if len(word) in _TAG_LENGTH:
        tags.setdefault(word.casefold(), f"#{word}")


def _words(text: str, language: str, stop: frozenset[str]) -> list[str]:
    shortest = 2 if language in UNSPACED or language in {"ko", "hi"} else 3
    words = (_bare(word) for part in split_words(text) for word in _runs(part, language))
    return [
        word for word in words if len(word) >= shortest and word.lower() not in stop and _has_letter(word)
    ]


def _bare(word: str) -> str:
    return word.replace("'", "").replace("’", "").replace("-", "").replace("\u200c", "").replace("\u200d", "")


def _has_letter(word: str) -> bool:
    return any(c.isalpha() for c in word) and not word[0].isdigit()


def _runs(word: str, language: str) -> list[str]:
    """An unspaced run cut where the kind of script changes; words of meaning are rarely in hiragana."""
    if language not in UNSPACED:
        return [word]
    runs: list[str] = []
    last = ""
    for character in word:
        script = unicodedata.name(character, " ").split()[0].removesuffix("-HIRAGANA")
        if script == last:
            runs[-1] += character
        else:
            runs.append(character)
        last = script
    return [run for run in runs if not unicodedata.name(run[0], " ").startswith("HIRAGANA")]
