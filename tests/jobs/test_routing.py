"""Who is asked: by the operator's policy, by what the step has met, and by who is cut off. Pure."""

from decimal import Decimal

import pytest

from jobs import routing
from jobs.routing import NoneLeft, Paused, Try
from tests.jobs import fakes

FIRST, SECOND = fakes.FakeArt(name="first", max_retries=1), fakes.FakeArt(name="second", max_retries=1)
BOTH = [FIRST, SECOND]
AGAIN, BUSY, DECLINED = "retry now", "retry later", "other provider"


def choose(*tries: tuple[str, str | None], **pauses: float) -> str:
    return routing.choose(BOTH, tries=[Try(*each) for each in tries], pauses=pauses).name


@pytest.mark.parametrize(
    ("tries", "chosen"),
    [
        ([], "first"),
        ([("first", AGAIN)], "first"),
        ([("first", BUSY)], "first"),
        ([("first", AGAIN)] * 2, "second"),
        ([("first", None)] * 2, "second"),
        ([("first", AGAIN)] * 2 + [("second", AGAIN)], "second"),
        ([("first", AGAIN)] * 2 + [("second", AGAIN)] * 2, "first"),
        ([("first", DECLINED)], "second"),
        ([("first", DECLINED)] + [("second", AGAIN)] * 5, "second"),
    ],
)
def test_next_provider_is_asked_when_one_has_had_its_tries_or_declined(tries, chosen):
    assert choose(*tries) == chosen


def test_nobody_is_left_when_all_have_declined():
    with pytest.raises(NoneLeft):
        choose(("first", DECLINED), ("second", DECLINED))


def test_short_pause_of_the_first_choice_is_waited_for():
    with pytest.raises(Paused) as paused:
        choose(first=7.5)

    assert paused.value.seconds == 7.5


def test_first_choice_that_is_away_for_long_is_passed_over():
    assert choose(first=routing.PATIENCE + 1) == "second"


def test_wait_is_the_shortest_when_all_are_away():
    with pytest.raises(Paused) as paused:
        choose(first=600, second=90)

    assert paused.value.seconds == 90


def test_declined_provider_s_pause_holds_nobody_up():
    assert choose(("first", DECLINED), first=5) == "second"


@pytest.mark.parametrize(
    ("policy", "costs", "names", "quality"),
    [
        ("balanced", ("0.05", "0.03"), ["first", "second"], "standard"),
        ("premium", ("0.05", "0.03"), ["first", "second"], "hd"),
        ("cheapest", ("0.05", "0.03"), ["second", "first"], "standard"),
        ("cheapest", (None, "0.03"), ["second", "first"], "standard"),
        ("cheapest", ("0.03", "0.03"), ["first", "second"], "standard"),
    ],
)
def test_policy_decides_order_and_quality(settings, policy, costs, names, quality):
    settings.AI_POLICY = policy
    known = [None if cost is None else Decimal(cost) for cost in costs]

    costs = dict(zip(["first", "second"], known, strict=True))
    ordered = routing.in_order(BOTH, costs=costs, policy=routing.policy())

    assert ([provider.name for provider in ordered], routing.policy().quality) == (names, quality)
