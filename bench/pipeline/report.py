"""The tables, what must hold and whether it does, and the same as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.claims import Claim
from bench.pipeline.drain import Result
from bench.pipeline.fan_out import FanOut
from bench.pipeline.in_flight import Calls

OURS, FLOOR = "threads", "raw SQL"
POOLS = ("threads", "prefork")
# Each against ours with as many threads, or as many processes.
BEHIND = {"procrastinate": "threads", "django-q2": "prefork"}
PARTS = ("submit", "workers", "postgres", "broker")


@dataclass(frozen=True)
class Report:
    drained: dict[str, Result]
    fan_out: FanOut
    in_flight: dict[str, Calls]

    def claims(self) -> list[Claim]:
        return [*self._of_drain(), *self._of_fan_out(), *self._of_in_flight()]

    def _of_drain(self) -> Sequence[Claim]:
        ours = self.drained[OURS]
        for name in POOLS:
            found = self.drained[name].cpu_ms
            yield Claim(f"CPU-ms a job of 5 slides, submit to completion, events included, {name}", found, 60)
        yield Claim("rate, to the raw SQL's", self._rate(OURS) / self._rate(FLOOR), 0.15, is_floor=True)
        for theirs, own in BEHIND.items():
            ratio = self._rate(own) / self._rate(theirs)
            yield Claim(f"rate of {own}, to {theirs}'s", ratio, 1, is_floor=True)
        yield Claim("ms from submit to pick-up on an idle system", ours.median("pick_up_ms"), 200)

    def _of_fan_out(self) -> Sequence[Claim]:
        yield Claim("10 slides x 2 s, to strategy + one slide + finalize", self.fan_out.to_ideal, 1.15)

    def _of_in_flight(self) -> Sequence[Claim]:
        bare, worker = self.in_flight["bare executor"], self.in_flight["ai worker"]
        yield Claim(
            "calls a second at 1000 in flight, to a bare executor's",
            worker.per_second / bare.per_second,
            0.6,
            is_floor=True,
        )
        for name in ("ai worker", "whole slides"):
            yield Claim(f"MB of the worker, {name}", self.in_flight[name].memory_mb, 250)
            yield Claim(f"repeated calls, {name}", self.in_flight[name].repeated, 0)

    def _rate(self, name: str) -> float:
        return self.drained[name].median("jobs_per_second")

    def as_text(self) -> str:
        return "\n".join([*self._drain_table(), "", *self._other_tables(), "", *map(str, self.claims())])

    def _drain_table(self) -> Sequence[str]:
        floor, ours = self._rate(FLOOR), self.drained[OURS].cpu_ms
        yield (
            f"{'jobs of 5 slides':<16} {'jobs/s':>7} {'to SQL':>7} {'one, ms':>8} {'pick-up':>8} "
            f"{'CPU ms':>7} {'to ours':>8}   {' / '.join(PARTS)}"
        )
        for result in self.drained.values():
            rate = self._rate(result.name)
            parts = " / ".join(f"{result.cpu(part):.1f}" for part in PARTS)
            yield (
                f"{result.name:<16} {rate:>7.1f} {rate / floor:>7.2f} {result.median('latency_ms'):>8.1f} "
                f"{result.median('pick_up_ms'):>8.1f} {result.cpu_ms:>7.1f} {result.cpu_ms / ours:>8.2f}   "
                f"{parts}"
            )

    def _other_tables(self) -> Sequence[str]:
        took, ideal, loop = self.fan_out.took, self.fan_out.ideal, self.fan_out.one_after_another
        yield (
            f"10 slides x 2 s: {took:.2f} s, ideal {ideal:.2f} s ({took / ideal:.2f}), "
            f"one after another {loop:.1f} s ({loop / took:.1f}x)"
        )
        yield ""
        yield (
            f"{'2 s calls':<16} {'calls/s':>7} {'to bare':>8} {'in flight':>10} {'repeated':>9} "
            f"{'CPU ms':>7} {'MB':>5}"
        )
        bare = self.in_flight["bare executor"].per_second
        for name, calls in self.in_flight.items():
            yield (
                f"{name:<16} {calls.per_second:>7.0f} {calls.per_second / bare:>8.2f} {calls.peak:>10} "
                f"{calls.repeated:>9} {calls.cpu_ms:>7.1f} {calls.memory_mb:>5.0f}"
            )

    def write_json(self, path: Path) -> None:
        path.write_text(json.dumps(self._as_json(), indent=2) + "\n")

    def _as_json(self) -> dict[str, Any]:
        return {
            "jobs": {name: [asdict(one) for one in result.samples] for name, result in self.drained.items()},
            "fanOut": asdict(self.fan_out),
            "inFlight": {name: asdict(calls) for name, calls in self.in_flight.items()},
            "claims": [asdict(claim) | {"holds": claim.holds} for claim in self.claims()],
        }
