"""Slides that stand between and after the points: comparisons, checklists, steps, all in short.

Made of the creator's points where they suffice, of the book's phrases otherwise; each at most once.
"""

from collections.abc import Iterable, Sequence

from carousels.providers.offline.phrases import Dice, Phrase, PhraseBook
from carousels.providers.offline.points import Point
from carousels.providers.offline.reading import Reading
from carousels.providers.offline.rhythm import ROWS_MAX
from carousels.providers.offline.text import plain

_ROWS = 3  # rows of a comparison out of the book
_CLOSING_ROWS = 4  # rows of a closing list
_KINDS = ("comparison", "list", "steps")
_WITHOUT_ADVICE = frozenset({"announcement", "greeting", "story", "told", "comparison"})
_A_WAY = frozenset({"tips", "way", "steps", "habits", "mistakes", "ideas", "other"})  # leads somewhere
# Which kind of interlude comes first, by what the headline promises; the dice decide elsewhere.
_FIRST = {"steps": "steps", "way": "steps", "mistakes": "comparison", "myths": "comparison", "signs": "list"}


class Interludes:
    """A supply of slides, taken one by one so that they differ from their neighbours."""

    def __init__(self, slides: Iterable[Point], recap: Point | None = None) -> None:
        self._slides, self._recap = list(slides), recap

    def take(self, before: Sequence[str], after: str) -> Point | None:
        """The next slide that differs from its neighbours' kinds, or at least makes no third in a row."""
        unlike = [slide for slide in self._slides if slide.kind not in (*before[-1:], after)]
        fitting = unlike or [slide for slide in self._slides if not _is_third(slide.kind, before, after)]
        if fitting:
            self._slides.remove(fitting[0])
        return fitting[0] if fitting else None

    def take_recap(self, before: Sequence[str], after: str) -> Point | None:
        """The points in short, if there is something to sum up and it has not been said; else any other."""
        recap, self._recap = self._recap, None
        return recap if recap and not _is_third(recap.kind, before, after) else self.take(before, after)


def supply(
    *, reading: Reading, book: PhraseBook, dice: Dice, spare: list[Phrase], recap: Point | None
) -> Interludes:
    """What may stand beside the points; comparisons are made of phrases that no slide uses."""
    # Beside somebody's news, story or choice, advice on its field would be out of place.
    family, is_news = book.family(reading.family), reading.kind in _WITHOUT_ADVICE
    told = {
        "comparison": [None if is_news else compare(spare, book, dice)],
        "list": [family.get("checklist"), dice.pick(book.of_kind("checklists", reading.kind), "checklist")],
        "steps": [
            family.get("path") if reading.kind in _A_WAY else None,
            dice.pick(book.of_kind("paths", reading.kind), "path"),
        ],
    }
    if is_news:
        told = {kind: slides[-1:] for kind, slides in told.items()}
    for kind in ("list", "steps"):
        told[kind] = [_tell(titled, kind) for titled in told[kind] if titled]

    first = _KINDS.index(_FIRST.get(reading.kind) or dice.pick(_KINDS, "interlude"))
    order = _KINDS[first:] + _KINDS[:first]
    rounds = [slides[turn] for turn in range(2) for kind in order if turn < len(slides := told[kind])]
    return Interludes([slide for slide in [*rounds, _close(book)] if slide], recap)


def compare(phrases: list[Phrase], book: PhraseBook, dice: Dice) -> Point | None:
    """One comparison out of phrases with two sides."""
    pairs = list(dict.fromkeys(phrase for phrase in phrases if phrase.do))[:_ROWS]
    if len(pairs) < 2:
        return None
    return Point(
        title=dice.pick(book["comparisons"], "comparison"),
        kind="comparison",
        items=tuple(phrase.do for phrase in pairs),
        against=tuple(phrase.avoid for phrase in pairs),
    )


def sum_up(points: list[Point], reading: Reading, book: PhraseBook) -> Point | None:
    """The points in short, in their order; as steps where the headline promises a way to go."""
    single = [point for point in points if point.kind == "point"]
    titles = tuple(plain(point.title) for point in single)
    if not 3 <= len(titles) <= ROWS_MAX:
        return None
    if reading.kind == "steps":
        return Point(title=book["lists"]["way"], kind="steps", items=titles)
    return Point(title=book["lists"]["recap"], kind="list", index=single[0].index, items=titles)


def _tell(titled: tuple[str, list[str]], kind: str) -> Point:
    title, rows = titled
    return Point(title=title, kind=kind, items=tuple(rows))


def _close(book: PhraseBook) -> Point:
    todo = tuple(plain(title) for title, _ in book["extras"][:_CLOSING_ROWS])
    return Point(title=book["lists"]["next"], kind="list", items=todo)


def _is_third(kind: str, before: Sequence[str], after: str) -> bool:
    return [kind, kind] in ([*before[-2:]], [*before[-1:], after])
