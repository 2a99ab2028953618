"""Scripts are read as they are written down, and refused in words; the log counts over all processes."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

from carousels.providers.offline import scripts
from carousels.providers.offline.scripts import Call, InvalidScript, Rehearsal, Script


def acts(script: str, name: str, calls: int = 4) -> list[str]:
    """What the first calls under this name do."""
    parsed = Script.parse(script)
    return [parsed.act(name, number).name for number in range(1, calls + 1)]


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("ok", ["ok", "ok", "ok", "ok"]),
        ("policy", ["policy", "policy", "policy", "policy"]),
        ("429-then-ok", ["429", "ok", "ok", "ok"]),
        ("500x3", ["500", "500", "500", "ok"]),
        ("500x3-then-policy", ["500", "500", "500", "policy"]),
        ("429=7-then-timeoutx2", ["429", "timeout", "timeout", "ok"]),
        ("slow=2s-then-500", ["slow", "500", "500", "500"]),
    ],
)
def test_acts_follow_each_other_and_the_last_repeats(script, expected):
    assert acts(script, "strategy") == expected
    assert acts(script, "slide-1") == expected


@pytest.mark.parametrize(
    ("script", "strategy", "slide"),
    [
        ("bad-json", "bad-json", "ok"),
        ("truncated", "truncated", "ok"),
        ("half-image", "ok", "half-image"),
        ("text:500", "500", "ok"),
        ("image:500", "ok", "500"),
        ("slide3:500", "ok", "500"),
        ("slide4:500", "ok", "ok"),
        ("policy,text:500 slide3:timeout", "500", "timeout"),
        ("policy image:500", "policy", "500"),
        ("image:500,slide3:ok", "ok", "ok"),
    ],
)
def test_call_does_what_is_aimed_at_it_best_and_only_what_its_kind_knows(script, strategy, slide):
    assert acts(script, "strategy", calls=1) == [strategy]
    assert acts(script, "slide-3", calls=1) == [slide]


def test_seconds_are_read_with_and_without_their_unit():
    script = Script.parse("slow=2.5s text:429=7")

    assert script.act("slide-1", 1).seconds == 2.5
    assert script.act("strategy", 1).seconds == 7
    assert Script.parse("429").act("strategy", 1).seconds is None


def test_slowest_call_is_told_from_what_a_provider_asks_to_wait():
    script = Script.parse("text:429=500-then-slow=3s-then-slow=40s image:slow=2s-then-ok")

    assert (script.slowest("strategy"), script.slowest("slide-1")) == (40, 2)
    assert Script.parse("429=7").slowest("strategy") == 0


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("", "is no clause"),
        ("418", "'418' is no act"),
        ("OK", "'OK' is no act"),
        ("429-then-", "is no act"),
        ("429 then ok", "'then' is no act"),
        ("slow", "how slow"),
        ("500=3", "take seconds"),
        ("slow=601s", "longer than 600 s"),
        ("500x0", "is no act"),
        ("500x100", "is no act"),
        ("video:ok", "is no clause"),
        ("slide11:ok", "is no clause"),
        ("image:bad-json", "nothing a call of image: can do"),
        ("slide2:truncated", "nothing a call of slide2: can do"),
        ("text:half-image", "nothing a call of text: can do"),
        ("text:500,text:ok", "aimed at text"),
        ("500,429", "aimed at every call"),
        ("x" * 201, "at most 200 characters"),
    ],
)
def test_what_is_no_script_is_refused_in_words(script, complaint):
    with pytest.raises(InvalidScript, match=complaint):
        Script.parse(script)


def test_log_holds_every_call_with_start_and_end(tmp_path):
    first = scripts.begin_call(tmp_path, "job/slide-3")
    scripts.end_call(tmp_path, "job/slide-3", number=first, outcome="429")
    second = scripts.begin_call(tmp_path, "job/slide-3")  # killed: it has no end
    scripts.begin_call(tmp_path, "job/strategy")

    calls = scripts.read_calls(tmp_path)

    assert (first, second) == (1, 2)
    assert set(calls) == {"job"}
    (answered, killed), (text,) = calls["job"]["slide-3"], calls["job"]["strategy"]
    assert (answered.number, answered.outcome) == (1, "429")
    assert 0 <= answered.ended_at - answered.started_at < 5
    assert killed == Call(2, os.getpid(), killed.started_at, None, None)
    assert text.number == 1


def test_log_says_which_process_made_a_call(tmp_path):
    scripts.begin_call(tmp_path, "job/strategy")

    line = json.loads((tmp_path / "job" / "strategy.jsonl").read_text())

    assert line["pid"] > 1
    assert line["event"] == "start"


def test_log_that_nobody_began_is_empty(tmp_path):
    assert scripts.read_calls(tmp_path / "calls") == {}


def test_calls_of_many_processes_at_once_are_all_counted(tmp_path):
    program = textwrap.dedent("""
        import sys
        from pathlib import Path
        from carousels.providers.offline import scripts
        for _ in range(50):
            number = scripts.begin_call(Path(sys.argv[1]), "job/strategy")
            scripts.end_call(Path(sys.argv[1]), "job/strategy", number=number, outcome="ok")
    """)
    processes = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(3)]

    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0]
    calls = scripts.read_calls(tmp_path)["job"]["strategy"]
    assert sorted(call.number for call in calls) == list(range(1, 151))
    assert {call.outcome for call in calls} == {"ok"}


def test_rehearsal_is_about_its_own_call():
    rehearsal = Rehearsal(script=Script.parse("image:slow=9s text:429-then-ok"), call="job/strategy")

    assert (rehearsal.name, rehearsal.slowest) == ("strategy", 0)
    assert [rehearsal.act(number).name for number in (1, 2)] == ["429", "ok"]
