"""Ends a text earlier, where a reader would pause: after a sentence, a clause or a word.

How much fits is measured by the templates; here a good place to stop is found.
"""

import re
import unicodedata

from carousels.design.text.hygiene import EMPHASIS, SOFT_HYPHEN
from carousels.design.text.syllables import split_syllables

ELLIPSIS = "…"
LOOSE_ENDS = " ,;:–—-(„“«‘'\"،、，；："

SENTENCE_END = re.compile(
    r"(?<![\s.]\w)[.!?…؟۔।]+[\"'”’»)\]*]*(?=\s)"  # but not after the g of e.g.
    r"|[。！？]+[」』）”*]*"
)
CLAUSE_END = re.compile(r"[,;:،](?=\s)|[、，；：]|\s[–—-](?=\s)")

LONG_WORD = re.compile("[A-Za-z\u00c0-\u052f]{16,}")
PIECE = 4  # letters at least

SENTENCE_SHARE, CLAUSE_SHARE = 0.5, 0.6  # of what fits; a shorter rest would say too little


def count_shown(text: str, shown: str) -> int:
    """How many characters of `text` are in `shown`, its beginning as the templates set it.

    Only letters, digits and symbols are counted: marks and spaces are set otherwise than written.
    """
    left = len(read_letters(shown))
    for place, character in enumerate(text):
        left -= _counts(character)
        if left < 0:
            return place
    return len(text)


def read_letters(text: str) -> str:
    """What of a text is the same however it is set."""
    return "".join(filter(_counts, text))


def shorten(text: str, room: int) -> str:
    """At most the first `room` characters of `text`, and an ellipsis where no sentence or clause ends."""
    for pattern, share, is_sentence in (
        (SENTENCE_END, SENTENCE_SHARE, True),
        (CLAUSE_END, CLAUSE_SHARE, False),
    ):
        ends = [match.end() if is_sentence else match.start() for match in pattern.finditer(text)]
        fitting = [end for end in ends if room * share <= end <= room]
        if fitting:
            return _close_emphasis(text, fitting[-1])
    return _close_emphasis(text, _find_word_end(text, room), ELLIPSIS)


def hyphenate(text: str) -> str:
    """Places to break in long words of alphabets that are hyphenated."""
    return LONG_WORD.sub(lambda match: SOFT_HYPHEN.join(split_syllables(match[0], least=PIECE)), text)


def ends_inside_a_figure(text: str, room: int) -> bool:
    """Whether the text would end within a number: 12,500 cut short is another number."""
    word = re.search(r"\S*$", text[:room])[0]
    return any(map(str.isdigit, word)) and not text[room : room + 1].isspace() and room < len(text)


def _find_word_end(text: str, room: int) -> int:
    """Behind the last whole word; a word of half the room is parted rather than lost."""
    if text[room : room + 1].isspace():
        return room
    space = text.rfind(" ", 0, room)
    return space if space >= room / 2 else room


def _close_emphasis(text: str, end: int, ellipsis: str = "") -> str:
    """The text up to `end`; emphasis that begins before and ends behind it is closed."""
    head = text[:end]
    for match in EMPHASIS.finditer(text):
        if match.start() < end < match.end():
            stars = "**" if match[0].startswith("**") else "*"
            inside = head[match.start() :].strip("*" + LOOSE_ENDS)
            head = head[: match.start()] + (stars + inside + stars if inside else "")
    return (head.rstrip(LOOSE_ENDS) if ellipsis else head.rstrip()) + ellipsis


def _counts(character: str) -> bool:
    return character != "*" and unicodedata.category(character)[0] in "LNMS"
