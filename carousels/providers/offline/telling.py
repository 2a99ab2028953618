"""A running text as a deck: which of its sentences are shown, and what breaks their monotony.

Nobody counts the sentences of a text, so some may stay behind; none is changed. A promise or a
creator's own list of points never comes here.
"""

from dataclasses import replace

from carousels.providers.offline.points import Point, as_plain
from carousels.providers.offline.rhythm import IN_A_ROW

_PULLED_MAX = 130  # characters of a sentence that can stand large, as a pulled quotation


def choose_sentences(points: list[Point], room: int) -> list[Point]:
    """The strongest `room` sentences in their order: figures and voices first, then those that fit whole."""
    strength = [_strength(point) for point in points]
    strength[0] += 1  # the first sentence sets the scene
    ranked = sorted(range(len(points)), key=lambda at: (-strength[at], at))
    return vary([points[at] for at in sorted(ranked[:room])])


def vary(points: list[Point]) -> list[Point]:
    """A third sentence of a kind in a row is set another way: pulled out as a quotation, or plainly."""
    varied: list[Point] = []
    for point in points:
        if is_monotonous([*varied, point]):
            point = _set_differently(point)
        varied.append(point)
    return varied


def is_monotonous(points: list[Point]) -> bool:
    kinds = [point.kind for point in points]
    return any(len(set(kinds[at : at + IN_A_ROW + 1])) == 1 for at in range(len(kinds) - IN_A_ROW))


def _strength(point: Point) -> int:
    if point.kind in ("stat", "quote"):
        return 3
    if point.caption.endswith("…"):
        return 0
    return 1 if point.caption.startswith("…") else 2


def _set_differently(point: Point) -> Point:
    if point.kind != "point":
        return as_plain(point)
    if len(point.whole) > _PULLED_MAX:
        return point
    return replace(point, kind="quote", title=point.whole, caption="")
