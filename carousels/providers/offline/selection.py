"""Which points a deck shows: the creator's own first, then the book's.

The rule above all: a headline keeps its number only when exactly so many points are shown.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace

from carousels.providers.offline.grammar import open_grammar
from carousels.providers.offline.phrases import Dice, Phrase, PhraseBook
from carousels.providers.offline.points import (
    Point,
    as_line,
    as_plain,
    find_figure,
    gather,
    gather_sides,
    pair_up,
)
from carousels.providers.offline.reading import Reading
from carousels.providers.offline.rhythm import ROWS_MAX, capacity, fold, needed_breaks
from carousels.providers.offline.telling import choose_sentences
from carousels.providers.offline.text import plain

_INTERLUDE_IN = 3  # one slide in so many is an interlude where the brief leaves room
PLAIN_TALK = frozenset({"announcement", "greeting", "story", "told"})  # where advice would be out of place
_WITH_FIGURE = frozenset({"announcement", "greeting"})  # "40% off", "10,000 followers"
_ASIDES = 2  # thoughts of one source: purpose, readers, tone


@dataclass(frozen=True)
class Selection:
    """The points of a deck; `asides` are said to these readers for this purpose and never counted.

    `spare` are phrases of the book that no point uses.
    """

    points: list[Point]
    asides: list[Point]
    spare: list[Phrase]
    own: list[Point]
    keeps_promise: bool

    def lines(self, reading: Reading) -> tuple[str, ...]:
        """What a post may list; of news and stories only what the creator told."""
        shown = self.points or self.own
        if reading.kind in PLAIN_TALK:
            shown = [point for point in shown if point.whole]
        if reading.is_told:
            return tuple(point.whole or as_line(point) for point in shown)
        return tuple(row for point in shown for row in (point.items or (as_line(point),)))


def select(*, reading: Reading, book: PhraseBook, dice: Dice, room: int) -> Selection:
    sides, rest = gather_sides(reading, open_grammar(reading.language))
    own = _own_points(rest, book, room)
    bank = _Bank(reading, book, dice, {point.title.casefold() for point in own})
    asides = _gather_asides(reading, book, dice)

    points = _promise(own, reading, bank, room)
    keeps_promise = bool(points)
    if not keeps_promise:
        own = _head([*([sides] if sides else []), *pair_up(own)], book, dice)
        points, taken = _fill(own, bank, len(asides), room)
        asides = asides[:taken]

    is_plain_talk = reading.kind in PLAIN_TALK or reading.is_told or room == 1
    is_counted = not is_plain_talk and (own or reading.kind == "other" or bank.is_exact)
    if keeps_promise or is_counted:
        points = number(points, _counted(points, keeps_promise=keeps_promise))
    return Selection(points, asides, bank.spare, own, keeps_promise)


def _own_points(reading: Reading, book: PhraseBook, room: int) -> list[Point]:
    """The creator's points; of a running text its strongest sentences, of an offer its figure."""
    own = gather(reading, open_grammar(reading.language))
    if reading.is_told and not reading.count and len(own) >= room > 0:
        own = choose_sentences(own, room)
    figure = find_figure(reading.headline) if reading.kind in _WITH_FIGURE and room > 1 else ""
    if figure and not any(point.kind == "stat" for point in own) and len(own) < room:
        own.insert(0, Point(book["lists"]["figure"], kind="stat", stat=figure, is_own=True))
    return own


def number(points: list[Point], counted: Collection[Point]) -> list[Point]:
    """These points with their places; the others beside them have none."""
    numbered, index = [], 0
    for point in points:
        index += point in counted
        numbered.append(replace(point, index=index) if point in counted else point)
    return numbered


def _counted(points: list[Point], *, keeps_promise: bool) -> list[Point]:
    """The creator's own points where there are any: what we add to them is not theirs to count."""
    single = [point for point in points if point.kind == "point"]
    own = [point for point in single if point.is_own]
    return own if own and not keeps_promise else single


class _Bank:
    """The book's phrases for this brief, without what the creator says already."""

    def __init__(self, reading: Reading, book: PhraseBook, dice: Dice, taken: set[str]) -> None:
        banks, self.is_exact = book.banks(reading.kind, reading.family)
        self._banks = [[p for p in bank if plain(p.title).casefold() not in taken] for bank in banks]
        self._field, self._drawn = book.advice(reading.family), []
        self.is_advice = reading.kind not in PLAIN_TALK
        self._dice, self._is_ordered = dice, reading.kind == "steps"
        # Where the headline is the topic, a sentence with the topic in it would repeat the headline.
        self._topic = "" if reading.topic.casefold() == reading.headline.casefold() else reading.topic

    @property
    def left(self) -> list[Phrase]:
        return [phrase for bank in self._banks for phrase in bank]

    @property
    def spare(self) -> list[Phrase]:
        """What is left and what the topic's field knows beside it, for comparisons."""
        return [*(phrase for phrase in self._field if phrase not in self._drawn), *self.left]

    def draw(self, count: int) -> list[Point]:
        """Points of the bank nearest to the topic first; the topic is put into one of them at most."""
        drawn: list[Phrase] = []
        for at, bank in enumerate(self._banks):
            chosen = self._sample(bank, count - len(drawn), f"points{at}")
            bank[:] = [phrase for phrase in bank if phrase not in chosen]
            drawn += chosen
        drawn = self._pair(drawn)
        self._drawn += drawn

        points = []
        for phrase in drawn:
            points.append(_as_point(phrase, self._topic))
            self._topic = "" if "{topic}" in phrase.caption else self._topic
        return points

    def _pair(self, drawn: list[Phrase]) -> list[Phrase]:
        """One phrase in three with two sides, where the bank has it: it can be told as a comparison."""
        missing = len(drawn) // 3 - sum(bool(phrase.do) for phrase in drawn)
        for bank in self._banks:
            pairs = [phrase for phrase in bank if phrase.do][: max(missing, 0)]
            for pair in pairs:
                single = max(at for at, phrase in enumerate(drawn) if not phrase.do)
                bank[bank.index(pair)], drawn[single] = drawn[single], pair
            missing -= len(pairs)
        return drawn

    def _sample(self, bank: list[Phrase], count: int, about: str) -> list[Phrase]:
        if not self._is_ordered or count < 1:
            return self._dice.sample(bank, max(count, 0), about)
        return bank[:1] + self._dice.sample(bank[1:], count - 1, about)  # a way begins with its first step


def _promise(own: list[Point], reading: Reading, bank: _Bank, room: int) -> list[Point]:
    """The points that make the headline's number true, or [] when nothing can."""
    count = reading.count
    if not count:
        return []
    if len(own) == count and fold(count, room):
        return [as_plain(point) for point in own]

    # A figure or a quotation backs the points up without being one, if there is a slide to spare for it.
    evidence = sum(point.kind != "point" for point in own)
    if count + evidence > room:
        own, evidence = [as_plain(point) for point in own], 0

    missing = count - (len(own) - evidence)
    is_enough = 0 <= missing <= len(bank.left)
    if not (bank.is_exact and is_enough and fold(count + evidence, room)):
        return []
    return own + bank.draw(missing)


def _fill(own: list[Point], bank: _Bank, asides: int, room: int) -> tuple[list[Point], int]:
    """(points, how many asides), so that interludes have their share of the room."""
    if len(own) > room:
        return own[: capacity(room)], 0

    if room == 1 and not own and bank.is_advice and len(bank.left) >= ROWS_MAX:
        return bank.draw(ROWS_MAX), 0  # the only slide between cover and end shows several in short

    left = room - len(own)
    left -= round(left / _INTERLUDE_IN)
    while left and room - len(own) - left < needed_breaks(len(own) + left):
        left -= 1
    asides = min(asides, left // 2)
    return own + bank.draw(left - asides), asides


def _head(points: list[Point], book: PhraseBook, dice: Dice) -> list[Point]:
    """Comparisons of the creator's pairs get their titles from the book, each another one."""
    titles = book["comparisons"]
    at = dice.pick(range(len(titles)), "own comparison")
    headed = []
    for point in points:
        if point.kind == "comparison":
            point, at = replace(point, title=titles[at % len(titles)]), at + 1
        headed.append(point)
    return headed


def _gather_asides(reading: Reading, book: PhraseBook, dice: Dice) -> list[Point]:
    """What is said for this purpose, to these readers and in this tone, one of each in turn.

    Somebody's news or story is not interrupted by it.
    """
    if reading.kind in PLAIN_TALK:
        return []
    sources = [
        book.asides("purposes", reading.purpose),
        book.asides("readers", reading.reader),
        book.asides("tones", reading.tone),
    ]
    chosen = [dice.sample(source, _ASIDES, f"asides{at}") for at, source in enumerate(sources)]
    turns = [phrases[turn] for turn in range(_ASIDES) for phrases in chosen if turn < len(phrases)]
    return [_as_point(phrase, "") for phrase in turns]


def _as_point(phrase: Phrase, topic: str) -> Point:
    return Point(phrase.title, phrase.caption_about(topic), do=phrase.do, avoid=phrase.avoid)
