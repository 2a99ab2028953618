"""Makes any text safe to set: what a keyboard, a model or an attacker may have put into it.

Text stays data from here on: nothing is escaped because nothing is ever parsed as markup. The one
inline mark, *emphasis*, becomes runs here.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import budoux

from carousels.design.text.syllables import split_syllables
from carousels.design.text.typography import polish

TEXT_LIMIT = 1200  # characters; more than any slide can hold at its smallest size
LABEL_LIMIT = 160
MARKS_LIMIT = 4  # combining marks on one letter; no living script needs more
LONGEST_RUN = 22  # characters without a place to break
LONGEST_WORD = 30  # letters; up to here a title shrinks rather than hyphenate
WORD_PIECE = 6  # letters at least
PIECE = 12
SHORT_EMPHASIS = 12
LONGEST_LOSS = 24  # characters given up so that a shortened text ends with a word
SEPARATORS = "/._-?&=#@"  # where an address is best parted
LEAST_PIECE = 4
PUNCTUATION = ".,;:!?…\"'“”‘’()*"

ZERO_WIDTH_SPACE, SOFT_HYPHEN, JOINER = "\u200b", "\u00ad", "\u200d"

# Chinese: particles that belong to the word before them, and how long what is joined may grow.
PARTICLES = "的地得了着著过過们們吗嗎呢吧啊里裡"
LONGEST_PHRASE = 6

TRADITIONAL = frozenset({"hant", "tw", "hk", "mo"})
BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
NEVER_SET = ("Cc", "Cs", "Co")  # controls, lone surrogates, private use
INVISIBLE = frozenset("\ufeff\ufff9\ufffa\ufffb\ufffc\ufffd\u2028\u2029")

# Scripts that break anywhere (or by dictionary) need no help.
BREAKS_ITSELF = (
    r"\s\u200b\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
    r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
)
UNBREAKABLE = re.compile(f"[^{BREAKS_ITSELF}]{{{LONGEST_RUN},}}")
# Short words with a hyphen, a dash or a slash inside: e-mail, 5–10, 24/7. Long ones may break there.
COMPOUND = re.compile(r"(?<!\S)(?=\S{3,16}(?!\S))(\S*\w[-–/]\w\S*)")
WORD = re.compile(r"(\S{1,12})(?!\S)")
GAP = re.compile("([ \u200b\u00ad]+)")
EMPHASIS = re.compile(r"\*{1,2}(?=[^\s*])([^*]{1,120}?)(?<=[^\s*])\*{1,2}")  # models like **two** as well


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style; `whole` must not break inside."""

    text: str
    emphasis: bool = False
    whole: bool = False


def clean(text: str, *, limit: int = TEXT_LIMIT) -> str:
    """Normal form, one line, nothing invisible that reorders or piles up, at most `limit` characters."""
    text = unicodedata.normalize("NFC", BIDI_CONTROLS.sub("", text[: limit * 8]))
    text = " ".join("".join(_settable(text)).split())
    return shorten(text, limit=limit)


def shorten(text: str, *, limit: int) -> str:
    """At most `limit` characters, the last of them an ellipsis, if possible after a whole word."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    word_end = kept.rfind(" ")
    if not text[limit - 1].isspace() and word_end > 0 and limit - word_end <= LONGEST_LOSS:
        kept = kept[:word_end]
    return kept.rstrip(" ,;:–—-") + "…"


def split_runs(text: str, *, language: str) -> tuple[Run, ...]:
    """Cleaned text as styled runs, with places to break wherever a line could not end otherwise.

    `language` is a BCP 47 tag.
    """
    parts = EMPHASIS.split(soften(polish(clean(text), language=language)))
    runs: list[Run] = []
    for place, part in enumerate(parts):
        if part:
            runs += _phrases(part, place % 2 == 1, parts[place - 1] if place else " ", language)
    return tuple(runs)


def soften(text: str) -> str:
    """Give every over-long run of characters places to break."""
    return UNBREAKABLE.sub(lambda match: _break_up(match[0]), text)


def _settable(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        category = unicodedata.category(character)
        if category in ("Mn", "Me"):
            marks += 1
        elif category != "Cf":  # a joiner starts no new letter
            marks = 0

        if character.isspace():
            yield " "
        elif marks <= MARKS_LIMIT and category not in NEVER_SET and not _is_invisible(character):
            yield character


def _is_invisible(character: str) -> bool:
    is_noncharacter = ord(character) & 0xFFFE == 0xFFFE
    return is_noncharacter or character in INVISIBLE


def _break_up(run: str) -> str:
    """A long word gets soft hyphens, anything else (an address, an emoji train) silent breaks."""
    is_word = run.strip(PUNCTUATION).isalpha()
    if is_word and len(run) <= LONGEST_WORD:
        return run

    if is_word:
        return SOFT_HYPHEN.join(split_syllables(run, least=WORD_PIECE))

    pieces, piece = [], ""
    for previous, character in zip(" " + run, run, strict=False):
        is_due = len(piece) >= PIECE or _ends_part(piece, character)
        if is_due and _may_part(previous, character):
            pieces.append(piece)
            piece = ""
        piece += character
    return ZERO_WIDTH_SPACE.join([*pieces, piece])


def _ends_part(piece: str, following: str) -> bool:
    """Whether a part of an address, such as `example.` or `path/`, is complete."""
    return len(piece) >= LEAST_PIECE and piece[-1] in SEPARATORS and following not in SEPARATORS


def _may_part(left: str, right: str) -> bool:
    """Whether a grapheme cluster may end between two characters (skin tones and flags included)."""
    if JOINER in (left, right) or unicodedata.category(right) in ("Mn", "Me", "Mc"):
        return False
    return not "\U0001f1e6" <= right <= "\U0001f1ff" and not "\U0001f3fb" <= right <= "\U0001f3ff"


def _phrases(text: str, emphasis: bool, before: str, language: str) -> list[Run]:
    """Japanese, Chinese and Thai write no spaces: split where a reader would.

    Elsewhere short emphasis stays in one piece, but only after a space: Hebrew and Arabic prefixes
    would tear off. So do short compounds, and the words of Korean.
    """
    tag = language.lower().replace("_", "-")
    parser = _phrase_parser(tag)
    if parser is not None:
        phrases = parser.parse(text)
        if tag.startswith("zh"):
            phrases = _join_chinese(phrases)
        # A phrase may hold foreign words and breaks of ours: a box around these would never break.
        pieces = [piece for phrase in phrases for piece in GAP.split(phrase) if piece]
        return [Run(piece, emphasis, whole=GAP.fullmatch(piece) is None) for piece in pieces]

    stands_alone = not before or before[-1].isspace()
    if emphasis and stands_alone and len(text) <= SHORT_EMPHASIS:
        return [Run(text, emphasis, whole=True)]
    pieces = (WORD if tag.startswith("ko") else COMPOUND).split(text)
    return [Run(piece, emphasis, whole=place % 2 == 1) for place, piece in enumerate(pieces) if piece]


def _join_chinese(phrases: Sequence[str]) -> list[str]:
    """The parser leaves single signs: a particle goes with the word before, any other with the next."""
    joined: list[str] = []
    for last, phrase in zip(["", *phrases], phrases, strict=False):
        if joined and len(joined[-1] + phrase) <= LONGEST_PHRASE and _belong_together(last, phrase):
            joined[-1] += phrase
        else:
            joined.append(phrase)
    return joined


def _belong_together(last: str, phrase: str) -> bool:
    if not any(map(str.isalnum, phrase)):
        return True
    if phrase[0] in PARTICLES and not phrase[1:2].isalnum():
        return last[-1].isalnum()
    return len(last) == 1 and last.isalnum() and last not in PARTICLES


@cache
def _phrase_parser(tag: str) -> budoux.Parser | None:
    match tag.split("-")[0]:
        case "ja":
            return budoux.load_default_japanese_parser()
        case "zh" if is_traditional(tag):
            return budoux.load_default_traditional_chinese_parser()
        case "zh":
            return budoux.load_default_simplified_chinese_parser()
        case "th":
            return budoux.load_default_thai_parser()
        case _:
            return None


def is_traditional(tag: str) -> bool:
    """Whether a tag of Chinese names the traditional letters, or a place that writes them."""
    return not TRADITIONAL.isdisjoint(tag.lower().split("-"))
