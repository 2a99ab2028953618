"""The creator's own points: what each key point is by its words: a thought, a figure, a quotation, a pair.

Nothing is added to what the creator wrote; a point without a detail has no caption.
"""

import re
from dataclasses import dataclass, replace

from carousels.providers.offline.grammar import Grammar
from carousels.providers.offline.reading import Reading
from carousels.providers.offline.text import (
    CAPTION_MAX,
    TITLE_MAX,
    capitalise,
    cut,
    plain,
    split_detail,
    trim,
)

SIDES_MAX = 4  # rows on either side of a comparison
_STAT_MAX = 8  # characters; more than a figure set very large can hold
_PAIR_MAX = 120  # characters of one side of a comparison; longer ones are sentences, not sides

_FIGURE = re.compile(
    r"(?<![\w.,])(?:[$€£¥₹]\s?\d[\d.,]*[kKmMbB]?|\d[\d.,]*\s?(?:%|٪|％)|\d[\d.,]*\s?[x×](?!\w)|\d[\d.,]*\s?€"
    r"|\d{1,3}(?:[.,]\d{3})+(?![\d.,]*\w)|\d+(?:[.,]\d+)?[kKM](?!\w))"
)
_SOURCE = re.compile(r"\s*\(([^()]{3,100})\)[.\s]*$")
_QUOTED = re.compile(r"[“„«「『\"]\s*([^“”„«»「」『』\"]{12,200}?)\s*[”“»」』\"]")
_AUTHOR = re.compile(
    r"^\s*(?:[—–-]+|\bby\b|\()\s*([^\W\d_][^\n,;()]{1,40}?)(?:,\s*([^\n;()]{2,40}))?\)?\.?\s*$"
)
_AUTHOR_BEFORE = re.compile(r"^([^\W\d_][^\n:,]{1,40}):\s*$")
_NAMED = r"([^\W\d_][^\n,;()]{1,40}?)"


@dataclass(frozen=True)
class Point:
    """What one slide of the middle says.

    `index` stands only where points are counted; a list's is that of its first row. `do` and `avoid`
    are the two sides of a point that can be told as a comparison; `is_own` marks the creator's words,
    `whole` are these as they were given.
    """

    title: str
    caption: str = ""
    kind: str = "point"
    index: int | None = None
    items: tuple[str, ...] = ()
    against: tuple[str, ...] = ()
    labels: tuple[str, str] | tuple[()] = ()
    stat: str = ""
    author: str = ""
    role: str = ""
    do: str = ""
    avoid: str = ""
    is_own: bool = False
    whole: str = ""


def gather(reading: Reading, grammar: Grammar) -> list[Point]:
    """The creator's points in order; one whose title is taken already is not split, and never said twice."""
    points: dict[str, Point] = {}
    for text in reading.key_points:
        point = _read_point(text, grammar)
        if point.title.casefold() in points:
            point = Point(title=cut(text, limit=TITLE_MAX)[0])
        points.setdefault(point.title.casefold(), replace(point, is_own=True, whole=text))
    return list(points.values())


def gather_sides(reading: Reading, grammar: Grammar) -> tuple[Point | None, Reading]:
    """One comparison of all points marked as one side ("Do: ...", "Notion: ..."), and the other points."""
    patterns = [(grammar.dos, grammar.donts), tuple(f"{re.escape(side)}" for side in reading.sides)]
    for labels, names in zip(((), reading.sides), patterns, strict=True):
        sides = [_marked(reading.key_points, name) for name in names]
        if len(sides) == 2 and all(sides):
            kept = [text for text in reading.key_points if not any(text in side for side in sides)]
            these, those = (tuple(side.values())[:SIDES_MAX] for side in sides)
            point = Point(title="", kind="comparison", items=these, against=those, labels=labels)
            return point, replace(reading, key_points=tuple(kept))
    return None, reading


def _marked(texts: tuple[str, ...], name: str) -> dict[str, str]:
    """The texts that open with this name and a colon -> what they say."""
    if not name:
        return {}
    found = {text: re.match(rf"(?:{name})\s*[:：]\s*(?=\S)", text, re.IGNORECASE) for text in texts}
    return {text: _side(text[match.end() :]) for text, match in found.items() if match}


def _side(text: str) -> str:
    return cut(capitalise(trim(text)) or text, limit=TITLE_MAX)[0]


def _read_point(text: str, grammar: Grammar) -> Point:
    """A key point as the creator wrote it; a figure, a quotation or a pair in it says what kind it is."""
    quote = find_quote(text, grammar)
    if quote:
        return quote

    sourced = _SOURCE.search(text[-120:])
    source = sourced[1].strip() if sourced else ""
    title, detail = split_detail(_SOURCE.sub("", text) if sourced else text, grammar.words("joints"))
    title = capitalise(trim(title)) or text
    if grammar.sources and re.match(rf"…(?:{grammar.sources})", detail, re.IGNORECASE):
        detail = detail.removeprefix("…")
    # Without a detail there is no caption: whatever we would add is not what the creator knows.
    caption = cut(capitalise(" · ".join(filter(None, [detail, source]))), limit=CAPTION_MAX)[0]

    figure = _FIGURE.search(title)
    if figure and len(figure[0]) <= _STAT_MAX:
        rest = title[figure.end() :].strip()
        is_first = figure.start() == 0 and len(rest.split()) > 1
        return Point(rest if is_first else title, caption, kind="stat", stat=figure[0].replace(" ", ""))

    do, avoid = find_pair(text, grammar)
    return Point(title=cut(title, limit=TITLE_MAX)[0], caption=caption, do=do, avoid=avoid)


def find_figure(text: str) -> str:
    """The figure in a text that can be set very large, or ""."""
    figure = _FIGURE.search(text)
    return figure[0].replace(" ", "") if figure and len(figure[0]) <= _STAT_MAX else ""


def find_pair(text: str, grammar: Grammar) -> tuple[str, str]:
    """("Invoice on Friday", "waiting for month's end") of "Invoice on Friday instead of waiting ..."."""
    sentence = trim(text) if len(text) <= _PAIR_MAX else ""
    for pattern in grammar.instead:
        match = re.fullmatch(pattern, sentence, re.IGNORECASE)
        if match and trim(match["do"]) and trim(match["avoid"]):
            return _side(match["do"]), _side(match["avoid"])
    return "", ""


def pair_up(points: list[Point]) -> list[Point]:
    """Neighbouring pairs become one comparison each of up to SIDES_MAX rows; its title is still to come."""
    paired: list[Point] = []
    for point in points:
        if not point.do:
            paired.append(point)
            continue
        last = paired[-1] if paired else None
        if not (last and last.kind == "comparison" and len(last.items) < SIDES_MAX):
            last = Point(title="", kind="comparison")
            paired.append(last)
        paired[-1] = replace(last, items=(*last.items, point.do), against=(*last.against, point.avoid))
    return paired


def find_quote(text: str, grammar: Grammar) -> Point | None:
    """The quotation that a text consists of, with its author only if the text names one."""
    match = _QUOTED.search(text)
    if not match:
        return None
    before, after = text[: match.start()].strip(), text[match.end() :].strip()
    author = _AUTHOR.match(after) or _AUTHOR_BEFORE.match(before) or _find_speaker(before, after, grammar)
    if not author and (before or after.strip(".")):
        return None  # quoted words inside a sentence of the creator's own
    name, role = (author[1], (*author.groups(), None)[1]) if author else ("", "")
    words = match[1].rstrip(" ,،、")
    return Point(title=words, kind="quote", author=capitalise(name.strip()), role=(role or "").strip())


def _find_speaker(before: str, after: str, grammar: Grammar) -> re.Match[str] | None:
    """Who speaks in '"...", said Ana Ruiz, baker.' and in 'Ana Ruiz said: "..."'."""
    if not grammar.said:
        return None
    behind = rf"[,.]?\s*(?:{grammar.said})\s+{_NAMED}(?:,\s*([^\n;().]{{2,60}}?))?[.\s]*$"
    ahead = rf"{_NAMED}\s+(?:{grammar.said})\s*[:,]?\s*$"
    is_behind = not before and re.match(behind, after, re.IGNORECASE)
    is_ahead = not after.strip(".") and re.match(ahead, before, re.IGNORECASE)
    return is_behind or is_ahead or None


def as_line(point: Point) -> str:
    """A point in one line, as a post lists it: a broken sentence whole, a figure back in its place."""
    if point.kind == "quote" and point.author:
        return f"“{point.title}” — {point.author}"
    if point.whole and (point.caption.startswith("…") or point.kind == "quote"):
        return point.whole
    return plain(as_plain(point).title)


def as_plain(point: Point) -> Point:
    """A stat or quote as an ordinary point, where there is no slide to spare for it."""
    title, caption = point.title, point.caption
    if point.kind == "stat" and point.stat not in title.replace(" ", ""):
        title = f"{point.stat} {title}"
    if point.kind == "quote":
        title, caption = cut(f'"{title}"', limit=TITLE_MAX)[0], point.author
    return replace(point, kind="point", title=title, caption=caption, stat="", author="", role="")
