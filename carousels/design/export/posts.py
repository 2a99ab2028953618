"""The words beside a carousel, as each network takes them: long enough to say it, short enough to be let in.

Every network counts in its own way and the table below says how. A text is shortened where a reader
would pause, and never inside an address, a hashtag or an emoji.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from wcwidth import iter_graphemes

from carousels.design.text.hygiene import clean

CAPTION_LIMIT = 70_000  # characters that are looked at; no network takes more
TAG_LIMIT = 100  # characters of one hashtag
ELLIPSIS, PARAGRAPH = "…", "\n\n"

# What ends nothing, when it stands last before an ellipsis.
LOOSE_ENDS = " \n•·-–—,;:、，；：.([{“„‘«「『"

# An address is told by ASCII alone: no space need part it from Japanese or Chinese words.
_HOST = r"(?:[a-z0-9-]+\.)+[a-z]{2,}"
_PATH = r"(?:[/?#:][!-~\xa1-\u024f]*[a-z0-9/=_&#%+~$*\xc0-\u024f-]|/)?"
URL = re.compile(
    rf"(?<![a-z0-9_@#$])https?://{_HOST}{_PATH}|(?<![a-z0-9_@#$./-]){_HOST}{_PATH}", re.IGNORECASE
)
WITH_SCHEME = re.compile("https?://", re.IGNORECASE)

# A hashtag goes on until a space, a sign or the punctuation of any script; vowel signs and joiners belong.
_SIGNS = r"!-/:-@\[-^`{-~\xa1-\xa9\xab-\xb4\xb6-\xb9\xbb-\xbf"
_PUNCTUATION = r"\u2000-\u200b\u200e-\u206f\u3000-\u303f\uff00-\uff0f"
_HASHTAG = rf"(?<![\w&/])[#＃][^\s{_SIGNS}{_PUNCTUATION}]{{1,{TAG_LIMIT}}}"
_MENTION = r"(?<![\w/])@\w[\w.]{,60}"
_NO_MARK = r"(?![\u0300-\u036f\u200d\u20e3\ufe0f])"  # or the last letter would lose its own
WHOLE = re.compile(f"(?:{URL.pattern}|{_HASHTAG}|{_MENTION}){_NO_MARK}", re.IGNORECASE)

_PICTOGRAPH = r"[\u203c-\u3299\U0001f000-\U0001faff]\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]*"
EMOJI = re.compile(
    "[\U0001f1e6-\U0001f1ff]{2}"  # a flag
    "|[#*0-9]\ufe0f?\u20e3"  # a key
    "|[\xa9\xae]\ufe0f"
    f"|{_PICTOGRAPH}(?:\u200d{_PICTOGRAPH})*"
)
SENTENCE_END = re.compile(
    r"(?<![\s.]\w)[.!?…؟۔।]+[\"'”’»)\]]*(?=\s|$)"  # but not after the g of e.g.
    r"|[。！？]+[」』）”]*"
    r"|[^\s:：](?=\n\n)"
)

X_URL, X_HEAVY = 23, 2
X_LIGHT = (range(0x1100), range(0x2000, 0x200E), range(0x2010, 0x2020), range(0x2032, 0x2038))


@dataclass(frozen=True)
class Post:
    """One network's text; `length` is counted as the network counts, `shortened` says words were lost."""

    text: str
    length: int
    limit: int
    shortened: bool


def count_utf16(text: str) -> int:
    """What most networks call characters: an emoji is two or more of them."""
    return len(text.encode("utf-16-le")) // 2


def count_for_threads(text: str) -> int:
    """An emoji counts as its bytes in UTF-8."""
    emoji = sum(len(match.encode()) for match in EMOJI.findall(text))
    return emoji + sum(map(count_utf16, EMOJI.split(text)))


def count_for_x(text: str) -> int:
    """Weighted: an address is 23, an emoji 2, letters of most alphabets 1, everything else 2."""
    return sum(map(_weigh, _split_pieces(text)))


@dataclass(frozen=True)
class Network:
    """Limits of one network; `hashtags` are set below the text, more than `hashtags_limit` are refused."""

    limit: int
    hashtags: int
    hashtags_limit: int = 30
    count: Callable[[str], int] = count_utf16


NETWORKS = {
    # Since December 2025 newer accounts are held to 5 hashtags, the others to 30.
    "instagram": Network(2_200, hashtags=5),
    "linkedin": Network(3_000, hashtags=5),
    "x": Network(280, hashtags=2, count=count_for_x),
    "facebook": Network(63_206, hashtags=3),
    "threads": Network(500, hashtags=1, count=count_for_threads),
    "tiktok": Network(2_200, hashtags=5),
}


def write_posts(caption: str, hashtags: Iterable[str]) -> dict[str, Post]:
    """The caption for every network; hashtags that already end it are not said twice."""
    body, own = _part_hashtags(_settle(caption))
    tags = _unique(_as_hashtag(tag) for tag in (*hashtags, *own))
    return {name: _write_post(network, body, tags) for name, network in NETWORKS.items()}


def find_hashtags(text: str) -> list[str]:
    """Every hashtag in a text, in order; the # of an address is none."""
    return [match[0] for match in WHOLE.finditer(text) if match[0][0] in "#＃"]


def _settle(caption: str) -> str:
    """Clean lines, at most one blank one in a row."""
    lines = (clean(line, limit=CAPTION_LIMIT) for line in caption[:CAPTION_LIMIT].splitlines())
    return re.sub(r"\n{3,}", PARAGRAPH, "\n".join(lines).strip())


def _part_hashtags(text: str) -> tuple[str, list[str]]:
    """The text without the lines of hashtags it ends with, and those."""
    lines, found = text.split("\n"), []
    while lines and all(word[0] in "#＃" for word in lines[-1].split()):
        found = lines.pop().split() + found
    return "\n".join(lines).rstrip(), found


def _as_hashtag(tag: str) -> str:
    """`#` and what may stand in a hashtag; empty when nothing is left that could be one."""
    letters = (letter for letter in clean(tag, limit=TAG_LIMIT * 2) if _may_stand_in_hashtag(letter))
    word = "".join(letters)
    return f"#{word}" if len(word) <= TAG_LIMIT and any(map(str.isalpha, word)) else ""


def _may_stand_in_hashtag(letter: str) -> bool:
    return letter in "_\u200c\u200d" or unicodedata.category(letter)[0] in "LMN"


def _unique(tags: Iterable[str]) -> list[str]:
    first: dict[str, str] = {}
    for tag in filter(None, tags):
        first.setdefault(tag.casefold(), tag)
    return list(first.values())


def _write_post(network: Network, body: str, tags: list[str]) -> Post:
    body = _drop_surplus(body, network.hashtags_limit)
    said = {tag.casefold() for tag in find_hashtags(body)}
    wanted = [tag for tag in tags if tag.casefold() not in said][: max(0, network.hashtags - len(said))]

    for kept in range(len(wanted), -1, -1):
        text = _join(body, wanted[:kept])
        if (length := network.count(text)) <= network.limit:
            return Post(text, length, network.limit, shortened=False)

    while network.count(_join("", wanted)) > network.limit // 3:
        wanted.pop()
    room = network.limit - network.count(_join(ELLIPSIS, wanted)) + network.count(ELLIPSIS)
    text = _join(_shorten(body, room, network.count), wanted)
    return Post(text, network.count(text), network.limit, shortened=True)


def _join(body: str, tags: list[str]) -> str:
    """Hashtags after a blank line."""
    return PARAGRAPH.join(part for part in (body, " ".join(tags)) if part)


def _drop_surplus(body: str, limit: int) -> str:
    """Hashtags beyond the network's limit stay as words."""
    found = 0

    def keep_or_drop(match: re.Match[str]) -> str:
        nonlocal found
        if match[0][0] not in "#＃":
            return match[0]
        found += 1
        return match[0] if found <= limit else match[0][1:]

    return WHOLE.sub(keep_or_drop, body)


def _shorten(text: str, room: int, count: Callable[[str], int]) -> str:
    """Leave out paragraphs before the last, which calls to act; else end with a sentence or a word."""
    shorter = _leave_out_middle(text.split(PARAGRAPH), room, count)
    if shorter and count(shorter) >= room // 2:
        return shorter

    fitting = _fit(text, room, count)
    ends = [match.end() for match in SENTENCE_END.finditer(text) if match.end() <= fitting]
    if ends and ends[-1] >= fitting // 2:
        return text[: ends[-1]]
    return _end_with_word(text, _fit(text, room - count(ELLIPSIS), count))


def _leave_out_middle(paragraphs: list[str], room: int, count: Callable[[str], int]) -> str:
    """The first paragraphs and the last, as many as fit; empty when not even two do."""
    *leading, last = paragraphs
    room -= count(last)
    kept = []
    for paragraph in leading:
        room -= count(paragraph + PARAGRAPH)
        if room < 0:
            break
        kept.append(paragraph)
    return PARAGRAPH.join([*kept, last]) if kept else ""


def _fit(text: str, room: int, count: Callable[[str], int]) -> int:
    """How many of the text's characters fit, in pieces that stay whole."""
    place = 0
    for piece in _split_pieces(text):
        room -= count(piece)
        if room < 0:
            break
        place += len(piece)
    return place


def _split_pieces(text: str) -> Iterator[str]:
    """Addresses, hashtags and mentions; between them grapheme clusters."""
    place = 0
    for match in WHOLE.finditer(text):
        yield from iter_graphemes(text[place : match.start()])
        yield match[0]
        place = match.end()
    yield from iter_graphemes(text[place:])


def _end_with_word(text: str, fitting: int) -> str:
    head = text[:fitting]
    if not text[fitting : fitting + 1].isspace():
        space = max(head.rfind(" "), head.rfind("\n"))
        # Scripts without spaces, and words longer than a post, end where they must.
        if space >= fitting // 2:
            head = head[:space]
    head = head.rstrip(LOOSE_ENDS)
    return head + ELLIPSIS if head else ""


def _weigh(piece: str) -> int:
    letters = (letter for part in EMOJI.split(piece) for letter in part)
    weight = len(EMOJI.findall(piece)) * X_HEAVY
    weight += sum(1 if any(ord(letter) in light for light in X_LIGHT) else X_HEAVY for letter in letters)
    if not URL.fullmatch(piece):
        return weight
    # Without a scheme X may or may not take it for an address: the dearer way is the safe one.
    return X_URL if WITH_SCHEME.match(piece) else max(X_URL, weight)
