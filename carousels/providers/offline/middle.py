"""The middle of a deck, between cover and call to action: its points and interludes in their order.

Every slide is used, and never more than two slides of a kind stand in a row.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from carousels.providers.offline import rhythm
from carousels.providers.offline.interludes import Interludes, sum_up, supply
from carousels.providers.offline.phrases import Dice, PhraseBook
from carousels.providers.offline.points import Point, as_plain
from carousels.providers.offline.reading import Reading
from carousels.providers.offline.rhythm import Plan, fold, needed_breaks
from carousels.providers.offline.selection import Selection, number, select
from carousels.providers.offline.telling import is_monotonous
from carousels.providers.offline.text import plain

_KINDS = {"T": "comparison", "G": "list", "P": "point"}  # what a beat will be, for its neighbours
_OWN_WORTH_SUMMING_UP = 3
_ROW_MAX = 70  # characters


@dataclass(frozen=True)
class Middle:
    """The slides between cover and call to action, and the lines that a post may list."""

    slides: tuple[Point, ...]
    shown: tuple[str, ...]
    keeps_promise: bool


def arrange(*, reading: Reading, book: PhraseBook, dice: Dice, room: int) -> Middle:
    """Exactly `room` slides: the creator's own points first, then the bank's, with interludes between."""
    chosen = select(reading=reading, book=book, dice=dice, room=room)
    plan, points = _plan(chosen, reading, book, room)
    titles = {point.title for point in chosen.points}
    chosen = replace(chosen, points=[point for point in points if point.title in titles])

    # Thoughts out of the book are worth no summary; what was promised or given is, once.
    recap = sum_up([point for point in chosen.points if point.index], reading, book)
    recap = recap if (chosen.keeps_promise or chosen.own) and not plan.groups else None
    interludes = supply(reading=reading, book=book, dice=dice, spare=chosen.spare, recap=recap)
    slides = tuple(_stage(plan, points, interludes, reading, book))
    return Middle(slides=slides, shown=chosen.lines(reading), keeps_promise=chosen.keeps_promise)


def _plan(chosen: Selection, reading: Reading, book: PhraseBook, room: int) -> tuple[Plan, list[Point]]:
    """The beats of the middle and the points in the order that they are set in."""
    points = chosen.points
    if reading.is_told and len(points) == room and not is_monotonous(points):
        return Plan("P" * room), points
    head = points if chosen.keeps_promise else points[: len(chosen.own)]
    is_worth_summing_up = chosen.keeps_promise or len(head) >= _OWN_WORTH_SUMMING_UP
    if is_worth_summing_up and room - len(head) > needed_breaks(len(head)):
        return _plan_tail(head, points[len(head) :] + chosen.asides, book, room)

    points = points + ([] if chosen.keeps_promise else chosen.asides)
    spare = room - len(points)
    if spare >= needed_breaks(len(points)):
        return rhythm.spread(len(points), spare), points

    if reading.kind != "steps":
        points = _bring_pairs_forward(points)
    plan = rhythm.turn([bool(point.do) for point in points], spare) if spare >= 0 else None
    return plan or fold(len(points), room), points


def _plan_tail(
    points: list[Point], others: list[Point], book: PhraseBook, room: int
) -> tuple[Plan, list[Point]]:
    """All that was promised or given first, then the points in short, then others and interludes by turns."""
    head = rhythm.spread(len(points), needed_breaks(len(points)))
    left = room - len(head.beats)
    extras = [Point(title, caption) for title, caption in book["extras"]]
    tail = "R" + "".join("PX"[at % 2] for at in range(left - 1))
    return Plan(head.beats + tail), points + (others + extras)[: left // 2]


def _bring_pairs_forward(points: list[Point]) -> list[Point]:
    """Every third point one that can be told as a comparison, as far as there are such."""
    thirds = len(points) // 3
    pairs = [point for point in points if point.do][-thirds:] if thirds else []
    singles = [point for point in points if point not in pairs]
    ordered = []
    while singles or pairs:
        is_third = len(ordered) % 3 == rhythm.IN_A_ROW
        ordered.append((pairs if pairs and (is_third or not singles) else singles).pop(0))
    return number(ordered, [point for point in ordered if point.index])


def _stage(
    plan: Plan, points: list[Point], interludes: Interludes, reading: Reading, book: PhraseBook
) -> Iterator[Point]:
    waiting, groups, kinds = list(points), list(plan.groups), []
    extras = iter(Point(title, caption) for title, caption in reversed(book["extras"]))
    beats = plan.beats if "R" in plan.beats else _mark_recap(plan.beats, points)
    for at, beat in enumerate(beats):
        if beat in "XR":
            after = _KINDS.get(beats[at + 1 : at + 2], "")
            take = interludes.take_recap if beat == "R" else interludes.take
            slide = take(kinds, after) or next(extras)
        elif beat == "G":
            size = groups.pop(0)
            slide = _group(waiting[:size], beats[:at].count("G"), reading, book)
            waiting = waiting[size:]
        else:
            slide = waiting.pop(0)
            slide = _turn(slide, book, at) if beat == "T" else slide
        kinds.append(slide.kind)
        yield slide


def _mark_recap(beats: str, points: list[Point]) -> str:
    """The last interlude sums the points up, if the last of the counted ones was told before it."""
    counted = [place for place, point in enumerate(points, start=1) if point.index]
    at = beats.rfind("X")
    is_told = "G" not in beats and counted and at - beats[: max(at, 0)].count("X") >= counted[-1]
    return f"{beats[:at]}R{beats[at + 1 :]}" if is_told and at >= 0 else beats


def _turn(point: Point, book: PhraseBook, at: int) -> Point:
    """A point told as a comparison of its two sides; a creator's pair needs a title that is no repetition."""
    title = book["comparisons"][at % len(book["comparisons"])] if point.is_own else point.title
    return Point(title=title, kind="comparison", index=point.index, items=(point.do,), against=(point.avoid,))


def _group(points: list[Point], at: int, reading: Reading, book: PhraseBook) -> Point:
    rows = tuple(plain(row) for point in points for row in (point.items or (_as_row(point),)))
    is_counted = all(point.index for point in points)
    first, last = points[0].index, points[-1].index
    if first == 1 and reading.kind == "steps":
        return Point(title=book["lists"]["way"], kind="steps", items=rows)
    if is_counted:
        title = book["lists"]["range"].format(first=first, last=last)
    else:
        more = book["lists"]["more"]
        title = more[at % len(more)] if any(point.is_own for point in points) else book["lists"]["some"]
    return Point(title=title, kind="list", index=first if is_counted else None, items=rows[: rhythm.ROWS_MAX])


def _as_row(point: Point) -> str:
    """A point in one row: of the creator's own nothing is dropped that a row can hold."""
    title = as_plain(point).title
    told = f"{title}: {point.caption}"
    return told if point.is_own and point.caption and len(told) <= _ROW_MAX else title
