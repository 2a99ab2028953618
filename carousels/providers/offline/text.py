"""Small operations on strings that the offline copywriter needs: clean, condense, split, cut.

They hold in any script, never raise and run in time linear to their input. No phrase stands here.
"""

import re
import unicodedata

TITLE_MAX, CAPTION_MAX = 70, 160
HEADLINE_MAX = 110  # a cover has room for a second clause
_LINK_MAX = 200

_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_SPACE = re.compile(r"\s+")
_LOOSE_STOP = re.compile(r" ([,.](?= |$))")  # what a removed tag or address left behind
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>|<!--[^<>]{0,200}-->")  # a whole tag; any other < or > is text
_MARKS = re.compile(r"[*`~|{}\\]+|(?<!\w)[#_]+|[#_]+(?!\w)")  # markup; a lone # or _ inside a word stays
_KEPT_FORMATS = frozenset("\u200c\u200d")  # joiners are spelling in Persian, Hindi and emoji
_SENTENCE_END = re.compile(
    r"(?<=[^\W\d_]{3}[.!?؟…])\s+|(?<=\d{4}[.!?])\s+(?=[^\W\d_a-z])|(?<=।)\s+|(?<=[。！？])"
)
_CLAUSE_END = re.compile(r"[,;:،؛、，；：]\s|[、，；：]|\s[–—-]\s|\s\(")
_WORD = re.compile(
    r"[^\W_][\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u097f\u0e00-\u0e7f\u200c\u200d]*"
    r"(?:['’-][^\W_][\w\u0300-\u036f]*)*"
)
_EDGES = " \t\n.,;:،؛。、，；：!?！？؟।-–—…\"'“”„«»‹›‘’「」『』()[]"


def clean(text: str) -> str:
    """One line of plain text: no markup, no tags, no addresses, no control characters."""
    kept = (c for c in unicodedata.normalize("NFC", text) if c.isspace() or _is_printable(c))
    plain = _URL.sub(" ", _TAG.sub(" ", "".join(kept)))
    return _LOOSE_STOP.sub(r"\1", _SPACE.sub(" ", _MARKS.sub(" ", plain))).strip()


def split_words(text: str) -> list[str]:
    """The words of a text without punctuation; an unspaced script comes in runs."""
    return _WORD.findall(text)


def split_sentences(text: str) -> list[str]:
    return [sentence.strip() for sentence in _SENTENCE_END.split(text) if sentence.strip()]


def first_sentence(text: str) -> str:
    return _SENTENCE_END.split(text, maxsplit=1)[0].strip()


def width(text: str) -> int:
    """How much a text says, in letters: a character of an unspaced script says about two."""
    return len(text) + sum("\u3040" <= character <= "\u9fff" for character in text)


def find_link(text: str) -> str:
    """The first address in a text as it stands there, without the punctuation behind it; or ""."""
    match = _URL.search(text)
    return match[0].rstrip(".,;:!?)]}>\"'”»") if match and len(match[0]) <= _LINK_MAX else ""


def trim(text: str) -> str:
    """Without the punctuation around it; a closing ! or ? is part of what is said."""
    bare = text.strip(_EDGES)
    whole = text.rstrip(" \t\n\"'“”„«»‹›‘’「」『』()[]")
    end = whole[-1:]
    if not (bare and end and end in "!?！？؟"):
        return bare
    return f"{bare} {end}" if whole[-2:-1].isspace() else bare + end  # French: "que choisir ?"


def capitalise(text: str) -> str:
    """With a first capital, unless the first word has a shape of its own (iPhone)."""
    return text if text[1:2].isupper() else text[:1].upper() + text[1:]


def plain(title: str) -> str:
    """A title without its *emphasis* mark."""
    return title.replace("*", "")


def condense(text: str, *, limit: int = TITLE_MAX) -> str:
    """At most `limit` characters: the first clauses if they fit, else whole words and an ellipsis."""
    if len(text) <= limit:
        return text

    clauses = [match.start() for match in _CLAUSE_END.finditer(text[: limit + 1])]
    if clauses and clauses[-1] >= limit // 4:
        return text[: clauses[-1]].rstrip(_EDGES)

    return cut(text, limit=limit)[0]


def cut(text: str, *, limit: int) -> tuple[str, str]:
    """(head of at most `limit` characters, ending in an ellipsis if cut; the rest), between words."""
    if len(text) <= limit:
        return text, ""

    at = text.rfind(" ", limit // 3, limit)
    if at < 0:
        at = _character_boundary(text, limit - 1)
    return text[:at].rstrip(" ,;:،؛、，；：-–—") + "…", text[at:].strip()


def split_detail(text: str, joints: frozenset[str] = frozenset()) -> tuple[str, str]:
    """("title", "detail") of "title: detail" or "title - detail"; an overlong title continues as detail.

    It breaks where a reader would breathe: at a comma, else before one of the `joints` ("and", "because").
    """
    match = re.search(r"(?<=\S):\s+|：|\s[–—-]{1,2}\s", text)
    if match and 2 <= match.start() <= TITLE_MAX and text[match.end() :].strip():
        return text[: match.start()].strip(), text[match.end() :].strip()

    sentence = first_sentence(text)
    if len(sentence) <= TITLE_MAX:
        return sentence, text[len(sentence) :].strip()

    at = _breath(sentence, joints)
    head, rest = (
        (sentence[:at].rstrip(_EDGES), sentence[at:].lstrip(" ,;、，；–—-"))
        if at
        else cut(sentence, limit=TITLE_MAX)
    )
    return head, f"…{rest}{text[len(sentence) :]}"


def _breath(sentence: str, joints: frozenset[str]) -> int:
    """Where an overlong sentence pauses within a title's length; 0 when it never does."""
    window = sentence[: TITLE_MAX + 1]
    pauses = [match.start() for match in _CLAUSE_END.finditer(window)]
    links = [
        match.start() for match in re.finditer(r"\s(?=(\w+)\s)", window) if match[1].casefold() in joints
    ]
    for places in (pauses, links):
        if places and places[-1] >= TITLE_MAX // 4:
            return places[-1]
    return 0


def _is_printable(character: str) -> bool:
    return character in _KEPT_FORMATS or unicodedata.category(character)[0] != "C"


def _character_boundary(text: str, at: int) -> int:
    """The nearest place at or before `at` that splits no accent, joined emoji or flag pair."""
    start = at
    while at > 1 and start - at < 32 and _joins(text[at - 1], text[at]):
        at -= 1
    return at


def _joins(before: str, after: str) -> bool:
    return (
        before == "\u200d"
        or after in "\u200d\ufe0f"
        or unicodedata.category(after)[0] == "M"
        or "\U0001f3fb" <= after <= "\U0001f3ff"
    )
