"""From key points and phrase bank to the middle of a deck: which points, on how many slides.

The rule above all: a headline keeps its number only when exactly so many points are shown.
"""

import re
from dataclasses import dataclass, replace

from carousels.providers.offline.phrases import Dice, PhraseBook
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

LIST_MAX = 6
_CLOSING_ROWS = 4  # rows of a closing list
_STAT_MAX = 8  # characters; more than a figure set very large can hold

_FIGURE = re.compile(
    r"(?<![\w.,])(?:[$€£¥₹]\s?\d[\d.,]*[kKmMbB]?|\d[\d.,]*\s?(?:%|٪|％)|\d[\d.,]*\s?[x×](?!\w)|\d[\d.,]*\s?€)"
)
_QUOTED = re.compile(r"[“„«「『\"]\s*([^“”„«»「」『』\"]{12,200}?)\s*[”“»」』\"]")
_AUTHOR = re.compile(
    r"^\s*(?:[—–-]+|\bby\b|\()\s*([^\W\d_][^\n,;()]{1,40}?)(?:,\s*([^\n;()]{2,40}))?\)?\.?\s*$"
)
_AUTHOR_BEFORE = re.compile(r"^([^\W\d_][^\n:,]{1,40}):\s*$")


@dataclass(frozen=True)
class Point:
    """What one slide (kind point, stat, quote or list) says.

    `index` stands only where points are counted; a list's is that of its first row.
    """

    title: str
    caption: str = ""
    kind: str = "point"
    index: int | None = None
    items: tuple[str, ...] = ()
    stat: str = ""
    author: str = ""
    role: str = ""


@dataclass(frozen=True)
class Middle:
    """The slides between cover and call to action, and the titles that a post may list."""

    slides: tuple[Point, ...]
    shown: tuple[str, ...]
    keeps_promise: bool


def arrange(*, reading: Reading, book: PhraseBook, dice: Dice, room: int) -> Middle:
    """Exactly `room` slides: the creator's own points first, then the bank's, then words around them."""
    own = _read_points(reading)
    points, keeps_promise = _promised(own, reading, book, dice, room)
    if not keeps_promise:
        points = _unpromised(own, reading, book, dice, room)

    is_counted = keeps_promise or (reading.kind != "announcement" and _is_numbered(own, reading, book))
    if is_counted:
        points = _number(points)

    shown = tuple(plain(point.title) for point in points) or tuple(plain(point.title) for point in own)
    slides = _group(points, room, book) if len(points) > room else _surround(points, room, book)
    return Middle(slides=tuple(slides), shown=shown, keeps_promise=keeps_promise)


def _promised(
    own: list[Point], reading: Reading, book: PhraseBook, dice: Dice, room: int
) -> tuple[list[Point], bool]:
    """The points that make the headline's number true, or ([], False) when nothing can."""
    count = reading.count
    if not count:
        return [], False
    if len(own) == count and _fits(count, room):
        return [_as_plain(point) for point in own], True

    # A figure or a quotation backs the points up without being one, if there is a slide to spare for it.
    evidence = sum(point.kind != "point" for point in own)
    if count + evidence > room:
        own, evidence = [_as_plain(point) for point in own], 0

    missing = count - (len(own) - evidence)
    bank, is_exact = _bank_beside(own, reading, book)
    if not is_exact or not 0 <= missing <= len(bank) or not _fits(count, room - evidence):
        return [], False
    return own + _draw(bank, missing, reading, book, dice), True


def _unpromised(own: list[Point], reading: Reading, book: PhraseBook, dice: Dice, room: int) -> list[Point]:
    if len(own) > room:
        return [_as_plain(point) for point in own][: room * LIST_MAX]
    bank, _ = _bank_beside(own, reading, book)
    # Room for the creator's words in short is worth more than one more general thought.
    spare = 1 if 3 <= len(own) <= LIST_MAX and room - len(own) > 1 else 0
    return own + _draw(bank, min(len(bank), room - len(own) - spare), reading, book, dice)


def _fits(count: int, room: int) -> bool:
    return count <= room or (room * LIST_MAX >= count > 0 and room > 0)


def _bank_beside(own: list[Point], reading: Reading, book: PhraseBook) -> tuple[list[list[str]], bool]:
    """The bank without what the creator says already."""
    taken = {point.title.casefold() for point in own}
    bank, is_exact = book.points(reading.kind)
    return [phrase for phrase in bank if plain(phrase[0]).casefold() not in taken], is_exact


def _draw(bank: list[list[str]], count: int, reading: Reading, book: PhraseBook, dice: Dice) -> list[Point]:
    return [Point(*book.insert_topic(phrase, reading.topic)) for phrase in dice.sample(bank, count, "points")]


def _is_numbered(own: list[Point], reading: Reading, book: PhraseBook) -> bool:
    """Points of a stand-in bank must not be counted under a headline that names another kind."""
    return bool(own) or reading.kind == "other" or book.points(reading.kind)[1]


def _number(points: list[Point]) -> list[Point]:
    numbered, index = [], 0
    for point in points:
        index += point.kind == "point"
        numbered.append(replace(point, index=index) if point.kind == "point" else point)
    return numbered


def _group(points: list[Point], room: int, book: PhraseBook) -> list[Point]:
    """More points than slides: single ones first, then as few lists as hold the rest."""
    if room == 0:
        return []
    size = next((size for size in (5, LIST_MAX) if room * size >= len(points)), LIST_MAX)
    lists = next(n for n in range(1, room + 1) if room - n + n * size >= len(points))
    singles, rest = points[: room - lists], points[room - lists :]

    slides, start = list(singles), 0
    for at in range(lists):
        end = start + -(-(len(rest) - start) // (lists - at))
        slides.append(_as_list(rest[start:end], at, book))
        start = end
    return slides


def _as_list(points: list[Point], at: int, book: PhraseBook) -> Point:
    first, last = points[0].index, points[-1].index
    if first and last:
        title = book["lists"]["range"].format(first=first, last=last)
    else:
        more = book["lists"]["more"]
        title = more[at % len(more)]
    return Point(title=title, kind="list", index=first, items=tuple(plain(point.title) for point in points))


def _surround(points: list[Point], room: int, book: PhraseBook) -> list[Point]:
    """Fewer points than slides: after them comes all in short, then what to do with it."""
    spare = room - len(points)
    single = [point for point in points if point.kind == "point"]
    titles = tuple(plain(point.title) for point in single)
    after = []
    if spare and 3 <= len(titles) <= LIST_MAX:
        after.append(Point(title=book["lists"]["recap"], kind="list", index=single[0].index, items=titles))

    left = spare - len(after)
    if left == 1:
        todo = tuple(plain(title) for title, _ in book["extras"][:_CLOSING_ROWS])
        after.append(Point(title=book["lists"]["next"], kind="list", items=todo))
    else:
        after += [Point(*extra) for extra in book["extras"][:left]]
    return points + after


def _read_points(reading: Reading) -> list[Point]:
    """The creator's points; one whose title is taken already is not split, and never said twice."""
    points: dict[str, Point] = {}
    for text in reading.key_points:
        point = _read_point(text)
        if point.title.casefold() in points:
            point = Point(title=cut(text, limit=TITLE_MAX)[0])
        points.setdefault(point.title.casefold(), point)
    return list(points.values())


def _read_point(text: str) -> Point:
    """A key point as the creator wrote it; a figure or a quotation in it makes it a slide of that kind."""
    quote = find_quote(text)
    if quote:
        return quote

    title, detail = split_detail(text)
    title = capitalise(trim(title)) or text
    # Without a detail there is no caption: whatever we would add is not what the creator knows.
    caption = cut(capitalise(detail), limit=CAPTION_MAX)[0] if detail else ""
    figure = _FIGURE.search(title)
    if figure and len(figure[0]) <= _STAT_MAX:
        rest = title[figure.end() :].strip()
        is_first = figure.start() == 0 and len(rest.split()) > 1
        return Point(rest if is_first else title, caption, kind="stat", stat=figure[0].replace(" ", ""))
    return Point(title=cut(title, limit=TITLE_MAX)[0], caption=caption)


def find_quote(text: str) -> Point | None:
    """The quotation that a text consists of, with its author only if the text names one."""
    match = _QUOTED.search(text)
    if not match:
        return None
    before, after = text[: match.start()].strip(), text[match.end() :].strip()
    author = _AUTHOR.match(after) or _AUTHOR_BEFORE.match(before)
    if not author and (before or after.strip(".")):
        return None  # quoted words inside a sentence of the creator's own
    name, role = (author[1], (*author.groups(), None)[1]) if author else ("", "")
    return Point(title=match[1], kind="quote", author=name.strip(), role=(role or "").strip())


def _as_plain(point: Point) -> Point:
    """A stat or quote as an ordinary point, where there is no slide to spare for it."""
    if point.kind == "stat" and point.stat not in point.title.replace(" ", ""):
        return Point(title=f"{point.stat} {point.title}", caption=point.caption)
    if point.kind == "quote":
        return Point(title=cut(f"“{point.title}”", limit=TITLE_MAX)[0], caption=point.author)
    return Point(title=point.title, caption=point.caption)
