"""The load test's own judgement: it reads streams right, and says no when a target is missed."""

import pytest

from bench.load.verdict import Row, judge, p95
from bench.load.visit import Visit, events_in

STREAM = b"""retry: 1000
event: snapshot
data: {"status": "queued"}

id: 1
event: job
data: {"to": "queued"}

: ping

id: 2
event: strategy
data: {"to": "done"}

"""


GOOD = {"answers": [0.1], "sights": [0.2], "pick_up": 0.3, "generation": 9.0, "outcome": "completed"}


def visits(*others: Visit) -> list[Visit]:
    """A hundred, good but for these."""
    return [*others, *[Visit(**GOOD)] * (100 - len(others))]


def test_events_are_read_from_a_stream_and_neither_snapshot_nor_pings():
    assert list(events_in(STREAM.splitlines(keepends=True))) == [{"to": "queued"}, {"to": "done"}]


def test_all_targets_met_is_told_with_every_row(capsys):
    assert judge(visits()) is True

    told = capsys.readouterr().out
    assert [line.split()[-1] for line in told.splitlines()[1:]] == ["met"] * 5


def test_one_lost_job_in_a_hundred_is_allowed_and_two_are_told(capsys):
    lost = Visit(answers=[0.1], outcome="failed")

    assert judge(visits(lost)) is True
    capsys.readouterr()
    assert judge(visits(lost, lost)) is False
    assert "not done: failed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "slow",
    [
        {"answers": [0.6]},
        {"sights": [2.1]},
        {"pick_up": 5.1},
        {"generation": 60.1},
    ],
)
def test_target_that_six_of_a_hundred_miss_is_missed(slow, capsys):
    late = Visit(**GOOD | slow)

    assert judge(visits(*[late] * 5)) is True
    assert judge(visits(*[late] * 6)) is False
    assert capsys.readouterr().out.count("MISSED") == 1


def test_what_was_never_measured_is_not_met():
    assert Row("pick-up", 5, []).is_met is False


def test_p95_is_a_time_that_was_measured():
    assert p95([1.0]) == 1.0
    assert p95([float(second) for second in range(1, 101)]) == 95.0
