"""Checks of words as they would be set: room, size on a phone, what was cut, missing glyphs.

Everything here is known from a layout alone, before there is any picture.
"""

from collections.abc import Iterable, Iterator, Sequence

from carousels.design.layout import Fit, Layout
from carousels.design.phone import CHROME, COMFORTABLE, find_least, is_legible, size_on_phone
from carousels.design.preflight.verdict import Check, Status, judge
from carousels.design.repair import OVERFLOW_MOST, Repair

EXCERPT = 30  # characters of a text in a message


def check_layout(layout: Layout) -> list[Check]:
    """Room, sizes and cuts of one slide."""
    return [_check_overflow(layout), *_check_sizes(layout.fits), *_check_cuts(layout)]


def check_glyphs(missing: Sequence[str]) -> Check:
    """`missing` are the characters that none of the slide's fonts can show."""
    codes = [f"U+{ord(character):04X}" for character in missing]
    return judge(
        "glyphs",
        not codes,
        "the fonts have a glyph for every character",
        f"no glyph for {', '.join(codes)}",
        measured=codes,
        limit=0,
    )


def tell_repairs(repairs: Iterable[Repair]) -> list[Check]:
    """What was mended before, one check each."""
    return [
        Check(
            repair.kind,
            Status.REPAIRED,
            _tell_repair(repair),
            measured={"from": repair.before, "to": repair.after},
            part=repair.field,
        )
        for repair in repairs
    ]


def _tell_repair(repair: Repair) -> str:
    end = repair.after[-EXCERPT:]
    if repair.kind == "shortened":
        return f"the {repair.field} was too long for its place and now ends with {end!r}"
    if repair.kind == "hyphenated":
        return f"long words of the {repair.field} got places to break"
    return f"the {repair.field} had characters that cannot be shown and now ends with {end!r}"


def _check_overflow(layout: Layout) -> Check:
    return judge(
        "overflow",
        layout.overflow <= OVERFLOW_MOST,
        "the words fit their place",
        f"the words overflow by {layout.overflow} px",
        measured=layout.overflow,
        limit=OVERFLOW_MOST,
    )


def _check_sizes(fits: Sequence[Fit]) -> Iterator[Check]:
    """One check a part: rows of a list share one size."""
    smallest: dict[str, Fit] = {}
    for fit in fits:
        if fit.part not in smallest or fit.size < smallest[fit.part].size:
            smallest[fit.part] = fit
    return map(_check_size, smallest.values())


def _check_size(fit: Fit) -> Check:
    points, least = size_on_phone(fit.size), find_least(fit.part)
    if fit.size < fit.least:
        status, message = Status.FAILED, f"{fit.part} is set in {fit.size} px, least is {fit.least} px"
    elif not is_legible(fit):
        status, message = Status.FAILED, f"{fit.part} is {points} pt on a phone, least is {least} pt"
    elif points < COMFORTABLE and fit.part not in CHROME:
        status, message = Status.WARNED, f"{fit.part} is only {points} pt on a phone"
    else:
        status, message = Status.PASSED, f"{fit.part} is {points} pt on a phone"
    return Check("text_size", status, message, measured=points, limit=least, part=fit.part)


def _check_cuts(layout: Layout) -> list[Check]:
    checks = [_tell_clipped(fit) for fit in layout.fits if fit.clipped]
    for cut in layout.cuts:
        message = f"{cut.before!r} is shown as {cut.after!r}"
        shown = {"from": cut.before, "to": cut.after}
        checks.append(Check("shortened", Status.WARNED, message, measured=shown))
    return checks or [Check("shortened", Status.PASSED, "every word is shown")]


def _tell_clipped(fit: Fit) -> Check:
    """Fewer words may do; a figure without its end is another figure."""
    status = Status.FAILED if fit.part == "stat" else Status.WARNED
    message = f"the {fit.part} did not fit and ends with {fit.shown[-EXCERPT:]!r}"
    return Check("shortened", status, message, part=fit.part)
