"""Asking the parts: side by side, each for its time, and none whose ground is not well."""

import threading
import time

import pytest

from socialsaas.health.examination import Check, Doubtful, Finding, Level, Unwell, examine


def check(name: str, ask=lambda: "fine", **options) -> Check:
    return Check(name, ask, f"mend the {name}", **options)


def failing(error: Exception):
    def ask() -> str:
        raise error

    return ask


def test_findings_come_in_the_order_of_the_checks_whatever_they_need():
    checks = [check("roof", needs=("walls",)), check("walls", needs=("ground",)), check("ground")]

    assert examine(checks) == [Finding(name, Level.WELL, "fine") for name in ("roof", "walls", "ground")]


@pytest.mark.parametrize(
    ("error", "level", "says", "remedy"),
    [
        (Unwell("cracked"), Level.UNWELL, "cracked", "mend the wall"),
        (Unwell("cracked", "build another"), Level.UNWELL, "cracked", "build another"),
        (Doubtful("old"), Level.WARNING, "old", "mend the wall"),
        (OSError("no such wall\nand more"), Level.UNWELL, "no such wall", "mend the wall"),
        (ZeroDivisionError(), Level.UNWELL, "ZeroDivisionError", "mend the wall"),
    ],
)
def test_what_a_part_says_and_what_to_do(error, level, says, remedy):
    assert examine([check("wall", failing(error))]) == [Finding("wall", level, says, remedy)]


def test_what_stands_on_a_broken_part_is_not_asked():
    asked = []
    checks = [
        check("ground", failing(Unwell("sinks"))),
        check("walls", lambda: asked.append("walls") or "fine", needs=("ground",)),
        check("roof", lambda: asked.append("roof") or "fine", needs=("walls",)),
        check("garden"),
    ]

    assert [(finding.level, finding.says) for finding in examine(checks)] == [
        (Level.UNWELL, "sinks"),
        (Level.UNKNOWN, "ground first"),
        (Level.UNKNOWN, "walls first"),
        (Level.WELL, "fine"),
    ]
    assert asked == []


def test_what_stands_on_a_doubtful_part_is_asked():
    checks = [check("ground", failing(Doubtful("damp"))), check("walls", needs=("ground",))]

    assert [finding.level for finding in examine(checks)] == [Level.WARNING, Level.WELL]


def test_parts_are_asked_at_the_same_time():
    """Each waits for the other: one after the other, neither would ever answer."""
    meeting = threading.Barrier(2)
    checks = [check(name, lambda: f"{meeting.wait(5) >= 0}") for name in ("one", "two")]

    assert [finding.says for finding in examine(checks)] == ["True", "True"]


def test_hanging_part_is_not_waited_for_and_not_asked_again_until_it_answers():
    asked, may_answer = [], threading.Event()

    def hang() -> str:
        asked.append(1)
        may_answer.wait(10)
        return "fine"

    hanging = check("hanging", hang, seconds=0.2)
    began = time.monotonic()
    findings = [*examine([hanging, check("other")]), *examine([hanging])]
    seconds, times_asked = time.monotonic() - began, len(asked)
    may_answer.set()
    while (finding := examine([hanging])[0]).level != Level.WELL:
        time.sleep(0.01)

    refusal = Finding("hanging", Level.UNWELL, "does not answer within 0.2 s", "mend the hanging")
    assert findings == [refusal, Finding("other", Level.WELL, "fine"), refusal]
    assert (times_asked, finding.says) == (1, "fine")
    assert seconds < 2
