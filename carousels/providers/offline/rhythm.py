"""The rhythm of a deck's middle: where single points, grouped points and interludes stand.

Arithmetic on counts and letters only, so that every case can be tested: `P` a point, `T` a point told
as a comparison, `G` points grouped on one slide, `X` an interlude. Never more than two of a kind in a row.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

ROWS_MAX = 6  # rows that one slide can hold
IN_A_ROW = 2


@dataclass(frozen=True)
class Plan:
    """`beats`: one letter a slide; `groups`: how many points each `G` holds."""

    beats: str
    groups: tuple[int, ...] = ()


def needed_breaks(points: int) -> int:
    """How many other slides must stand between so many points."""
    return max(0, -(-points // IN_A_ROW) - 1)


@cache
def capacity(room: int) -> int:
    """The most points that fit on `room` slides."""
    return max(points for points in range(room * ROWS_MAX + 1) if fold(points, room))


@cache
def fold(points: int, room: int) -> Plan | None:
    """As many points as possible on slides of their own, the others grouped; None when they don't fit."""
    for singles in range(min(points, room), -1, -1):
        rest = points - singles
        groups = -(-rest // ROWS_MAX)
        interludes = room - singles - groups
        is_varied = needed_breaks(singles) <= groups + interludes
        if rest != 1 and interludes >= 0 and is_varied and groups <= max(IN_A_ROW * singles, IN_A_ROW):
            return Plan(_spread(singles, _mix(groups, interludes)), _share(rest, groups))
    return None


def spread(points: int, interludes: int) -> Plan:
    """Every point on a slide of its own, the interludes evenly between and after them."""
    return Plan(_spread(points, "X" * interludes))


def turn(is_pair: Sequence[bool], spare: int) -> Plan | None:
    """Every point on a slide of its own; a third in a row that is a pair is told as a comparison.

    `spare` interludes help where there is no pair, the rest of them end the middle.
    """
    beats, run = "", 0
    for pair in is_pair:
        run += 1
        if run > IN_A_ROW and pair:
            beats, run = f"{beats}T", 0
        elif run > IN_A_ROW and spare:
            beats, run, spare = f"{beats}XP", 1, spare - 1
        elif run > IN_A_ROW:
            return None
        else:
            beats += "P"
    return Plan(beats + "X" * spare)


def _spread(points: int, breaks: str) -> str:
    beats, placed = "", 0
    for number, letter in enumerate(breaks, start=1):
        until = min(placed + IN_A_ROW, -(-number * points // len(breaks)))
        beats += "P" * (until - placed) + letter
        placed = until
    return beats + "P" * (points - placed)


def _mix(groups: int, interludes: int) -> str:
    """The interludes evenly among the groups, a group first."""
    letters = ""
    for number in range(1, interludes + 1):
        until = -(-number * groups // interludes)
        letters += "G" * (until - letters.count("G")) + "X"
    return letters + "G" * (groups - letters.count("G"))


def _share(points: int, groups: int) -> tuple[int, ...]:
    """Points per group, as equal as can be, larger ones first."""
    if not groups:
        return ()
    least, more = divmod(points, groups)
    return tuple(least + (at < more) for at in range(groups))
