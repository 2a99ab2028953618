"""Scripts for rehearsing failures offline: `429-then-ok`, `slow=40s`, `image:half-image`, `500x3`.

Here is the grammar (docs/api.md shows it to users), and the log of the calls that were rehearsed: it
says which act is due, whichever process asks. What an act does stands in `rehearsal.py`.
"""

import json
import os
import re
import time
import uuid
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TEXT, IMAGE = "text", "image"
ACTS = {  # and which kinds of call know them; to another kind they are `ok`
    "ok": {TEXT, IMAGE},
    "slow": {TEXT, IMAGE},
    "429": {TEXT, IMAGE},
    "500": {TEXT, IMAGE},
    "timeout": {TEXT, IMAGE},
    "policy": {TEXT, IMAGE},
    "bad-json": {TEXT},
    "truncated": {TEXT},
    "half-image": {IMAGE},
}
LONGEST = 600.0  # seconds; longer than any call of a real service
LENGTH_MAX = 200  # characters

CLAUSE = re.compile(r"(?:(?P<aim>text|image|slide(?:[1-9]|10)):)?(?P<acts>[^:]+)")
ACT = re.compile(r"(?P<name>[a-z-]+|\d{3})(?:=(?P<seconds>\d+(?:\.\d+)?)s?)?(?:x(?P<times>[1-9]\d?))?")


class InvalidScript(ValueError):
    """The message says what is wrong, in words for whoever wrote the script."""


@dataclass(frozen=True)
class Act:
    """`seconds`: how long `slow` takes, or what `429` says in Retry-After (None: nothing)."""

    name: str
    seconds: float | None = None


OK = Act("ok")


@dataclass(frozen=True)
class Script:
    """`clauses`: what call 1, 2, 3, ... does, by aim ("": every call); the last act repeats for ever."""

    clauses: dict[str, tuple[Act, ...]]

    @classmethod
    def parse(cls, text: str) -> "Script":
        """Clauses with a comma or a space between them. Raises InvalidScript."""
        if len(text) > LENGTH_MAX:
            raise InvalidScript(f"a script has at most {LENGTH_MAX} characters")
        clauses: dict[str, tuple[Act, ...]] = {}
        for clause in re.split(r"[,\s]+", text.strip()):
            aim, acts = _parse_clause(clause)
            if aim in clauses:
                raise InvalidScript(f"two clauses are aimed at {aim or 'every call'}: say it in one")
            clauses[aim] = acts
        return cls(clauses)

    def act(self, name: str, number: int) -> Act:
        """What call `number` (from 1) under this name is to do; the clause aimed best counts."""
        acts = self._acts_of(name)
        return acts[min(number, len(acts)) - 1]

    def slowest(self, name: str) -> float:
        """Seconds the slowest call under this name takes."""
        return max([act.seconds or 0.0 for act in self._acts_of(name) if act.name == "slow"], default=0.0)

    def _acts_of(self, name: str) -> tuple[Act, ...]:
        kind = _kind_of(name)
        aims = (name.replace("-", ""), kind, "")
        acts = next((self.clauses[aim] for aim in aims if aim in self.clauses), (OK,))
        return tuple(act if kind in ACTS[act.name] else OK for act in acts)


def _parse_clause(text: str) -> tuple[str, tuple[Act, ...]]:
    found = CLAUSE.fullmatch(text)
    if found is None:
        raise InvalidScript(
            f"{text!r} is no clause: acts, with text:, image: or slide1: to slide10: before them"
        )
    aim = found["aim"] or ""
    parts = [_parse_act(word, aim) for word in found["acts"].split("-then-")]
    acts = [act for act, times in parts for _ in range(times or 1)]
    is_counted = parts[-1][1] is not None
    return aim, (*acts, OK) if is_counted else tuple(acts)


def _parse_act(word: str, aim: str) -> tuple[Act, int | None]:
    """The act, and how often it is to be repeated (None: not said)."""
    found = ACT.fullmatch(word)
    if found is None or found["name"] not in ACTS:
        raise InvalidScript(f"{word!r} is no act: there are {', '.join(ACTS)}")
    act = Act(found["name"], None if found["seconds"] is None else float(found["seconds"]))
    if act.name == "slow" and act.seconds is None:
        raise InvalidScript(f"{word!r}: how slow? Such as slow=2s")
    if act.name not in ("slow", "429") and act.seconds is not None:
        raise InvalidScript(f"{word!r}: only slow (slow=2s) and 429 (429=7) take seconds")
    if (act.seconds or 0) > LONGEST:
        raise InvalidScript(f"{word!r} is longer than {LONGEST:.0f} s")
    if aim and _kind_of(aim) not in ACTS[act.name]:
        raise InvalidScript(f"{word!r} is nothing a call of {aim}: can do")
    return act, int(found["times"]) if found["times"] else None


def _kind_of(name: str) -> str:
    """Whether an aim, or the name of a call, means words or pictures."""
    return TEXT if name in (TEXT, "strategy") else IMAGE


@dataclass(frozen=True)
class Rehearsal:
    """A scripted call: `<job_id>/strategy` or `<job_id>/slide-3`, whatever attempt or run it is."""

    script: Script
    call: str

    @property
    def name(self) -> str:
        return self.call.rpartition("/")[2]

    @property
    def slowest(self) -> float:
        return self.script.slowest(self.name)

    def act(self, number: int) -> Act:
        return self.script.act(self.name, number)


@dataclass(frozen=True)
class Call:
    """A call in the log; times in seconds since 1970. One that was killed, or still runs, has no end."""

    number: int
    pid: int  # of the process that made it
    started_at: float
    ended_at: float | None = None
    outcome: str | None = None  # `ok`, or the act that made it fail


def begin_call(folder: Path, name: str) -> int:
    """Write down that a call starts; returns its number, counted from 1 over all processes."""
    path, own = folder / f"{name}.jsonl", uuid.uuid4().hex
    path.parent.mkdir(parents=True, exist_ok=True)
    # Two workers may both believe that the call is theirs. The place of its line is a call's number, so that
    # no lock is held by a worker that falls asleep.
    with path.open("ab") as file:
        _append(file.fileno(), event="start", id=own, at=time.time(), pid=os.getpid())
    starts = (event for event in _read_events(path) if event["event"] == "start")
    return next(number for number, event in enumerate(starts, 1) if event.get("id") == own)


def end_call(folder: Path, name: str, *, number: int, outcome: str) -> None:
    with (folder / f"{name}.jsonl").open("ab") as file:
        _append(file.fileno(), event="end", call=number, at=time.time(), outcome=outcome)


def read_calls(folder: Path) -> dict[str, dict[str, list[Call]]]:
    """Every call in the log: by job's id, then by name (`strategy`, `slide-3`), in their order."""
    calls: dict[str, dict[str, list[Call]]] = defaultdict(dict)
    for path in sorted(folder.glob("*/*.jsonl")):
        calls[path.parent.name][path.stem] = _read_file(path)
    return dict(calls)


def _read_file(path: Path) -> list[Call]:
    events = _read_events(path)
    starts = (event for event in events if event["event"] == "start")
    ends = {event["call"]: event for event in events if event["event"] == "end"}
    return [
        Call(
            number=number,
            pid=event["pid"],
            started_at=event["at"],
            ended_at=ends.get(number, {}).get("at"),
            outcome=ends.get(number, {}).get("outcome"),
        )
        for number, event in enumerate(starts, 1)
    ]


def _read_events(path: Path) -> list[dict[str, Any]]:
    """Whole lines: another process may be writing the last one just now."""
    lines = path.read_text().splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n")]


def _append(file: int, **event: Any) -> None:
    """One write to a file opened for appending: a line is there whole, or not at all."""
    os.write(file, json.dumps(event).encode() + b"\n")
