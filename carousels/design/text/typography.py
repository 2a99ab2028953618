"""Typographic manners, language by language: quotation marks, apostrophes, and words that stay together.

Works on cleaned text and gives text back; only marks and spaces change, never a letter. Stars of
emphasis are passed over as if they were not there.
"""

import re
from collections.abc import Iterator

NO_BREAK = "\u00a0"
APOSTROPHE = "’"

# Opening and closing marks, outer then inner.
ENGLISH = ("“", "”", "‘", "’")
GERMAN = ("„", "“", "‚", "‘")
POLISH = ("„", "”", "‚", "’")
FRENCH = ("«" + NO_BREAK, NO_BREAK + "»", "“", "”")
ANGULAR = ("«", "»", "“", "”")
SWEDISH = ("”", "”", "’", "’")
MARKS = {
    **dict.fromkeys(("de", "cs", "sk", "sl", "hr", "bg", "et", "lt", "lv", "is"), GERMAN),
    **dict.fromkeys(("pl", "hu", "ro"), POLISH),
    **dict.fromkeys(("ru", "uk", "be", "no", "nb", "nn", "el", "ar", "fa"), ANGULAR),
    **dict.fromkeys(("sv", "fi"), SWEDISH),
    "fr": FRENCH,
}
AS_TYPED = frozenset({"ja", "ur"})  # have marks of another kind, which a model writes itself

OPENERS = "([{*“‘„‚«¿¡—–-/\u00a0"
HEBREW_LETTER = "[\u05d0-\u05ea]"
GERSHAYIM = re.compile(f'(?<={HEBREW_LETTER})"(?={HEBREW_LETTER})')
GERESH = re.compile(f"(?<={HEBREW_LETTER})'")

UNITS = (
    r"%|‰|°[CF]?|€|\$|£|¥|zł|Kč|kr|km/h|km|cm|mm|m²|m|kg|mg|g|ml|cl|l|h|min|ms|s|px|pt|kWh|kW|W"
    r"|GB|MB|TB|kB|Mio\.?|Mrd\.?|Tsd\.?|mln|mrd|млн|тыс\.?|руб\.?|million|billion|AM|PM|am|pm|a\.m\.|p\.m\."
)
WITH_ITS_UNIT = re.compile(rf"(?<=\d) (?=(?:{UNITS})(?![\w/]))")
WITH_ITS_SIGN = re.compile(r"(?<=[€$£¥№§]) (?=\d)")
ELISION = re.compile(r"(?:\d|n\b|em\b|til\b|tis\b|twas\b|cause\b)", re.IGNORECASE)
FRENCH_SPACES = re.compile(r" (?=[?!;:»])|(?<=«) ")

# A word of one letter does not end a line, unless what follows is long.
LONE_LETTER = re.compile(r"(?<!\S)([^\W\d_]) (?=\w{1,10}\b)")
SPACELESS = frozenset({"ja", "zh", "th", "lo", "km", "my"})

WIDOW_WORDS = 4  # a text this long or longer leaves no short word alone on its last line
WIDOW, ITS_NEIGHBOUR = 4, 9  # letters at most


def polish(text: str, *, language: str) -> str:
    """The text as a typesetter of this language (a BCP 47 tag) would set it."""
    primary = re.split("[-_]", language.lower())[0]
    if primary == "he":
        text = GERESH.sub("׳", GERSHAYIM.sub("״", text))
    if primary not in AS_TYPED:
        marks = MARKS.get(primary, ENGLISH)
        text = "".join(_curl(text, marks, is_spaced=primary not in SPACELESS))
    if primary == "fr":
        text = FRENCH_SPACES.sub(NO_BREAK, text)
    return text if primary in SPACELESS else _bind(text)


def _curl(text: str, marks: tuple[str, str, str, str], *, is_spaced: bool) -> Iterator[str]:
    """Straight quotes as opening and closing ones, straight apostrophes as round ones."""
    opening, closing, inner_opening, inner_closing = marks
    is_open = is_inner_open = False
    for place, character in enumerate(text):
        before, after = text[:place].rstrip("*")[-1:], text[place + 1 :].lstrip("*")[:1]
        follows_space = not before or before.isspace() or before in OPENERS
        starts = (follows_space or not is_spaced) and bool(after) and not after.isspace()

        if character == '"' and starts and not is_open:
            is_open = True
            yield opening
        elif character == '"':
            is_inches = before.isdigit() and not is_open
            is_open = False
            yield character if is_inches else closing
        elif character == "'" and starts and _closes_later(text, place):
            is_inner_open = True
            yield inner_opening
        elif character == "'":
            ends = is_inner_open and not after.isalnum()
            is_inner_open = is_inner_open and not ends
            yield inner_closing if ends else APOSTROPHE
        else:
            yield character


def _closes_later(text: str, place: int) -> bool:
    """Whether a quotation opens here and ends somewhere; ’90s and rock ’n’ roll open none."""
    rest = text[place + 1 :]
    return ELISION.match(rest) is None and re.search(r"\S'(?!\w)", rest) is not None


def _bind(text: str) -> str:
    """No-break spaces where a line must not end."""
    for place in (WITH_ITS_UNIT, WITH_ITS_SIGN):
        text = place.sub(NO_BREAK, text)
    text = LONE_LETTER.sub(rf"\1{NO_BREAK}", text)
    return _keep_last_word_company(text)


def _keep_last_word_company(text: str) -> str:
    words = text.split(" ")
    if len(words) < WIDOW_WORDS:
        return text
    *others, neighbour, last = words
    is_short = len(last.strip("*.,!?…")) <= WIDOW and len(neighbour) <= ITS_NEIGHBOUR
    if not is_short or not any(map(str.isalnum, neighbour)):
        return text
    return " ".join([*others, neighbour + NO_BREAK + last])
