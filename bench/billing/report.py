"""The table, what must hold and whether it does, and the same as JSON."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench.billing.queries import Query
from bench.billing.resets import Reset
from bench.billing.submits import CONNECTIONS, PACE, Submits
from bench.claims import Claim


@dataclass(frozen=True)
class Report:
    submits: Submits
    reset: Reset
    queries: Sequence[Query]

    def claims(self) -> list[Claim]:
        return [
            Claim("submits, to pgbench's same transaction", self.submits.to_pgbench, 0.2, is_floor=True),
            Claim("p99 of a submit, to an empty view's", self.submits.p99_to_empty, 3),
            Claim("ms that the slowest submit waits longer during a reset", self.reset.stall, 100),
            *(Claim(f"many rows, to few: {query.name}", query.ratio, 1.5) for query in self.queries),
        ]

    def as_text(self) -> str:
        return "\n".join([*self._tables(), "", *map(str, self.claims())])

    def _tables(self) -> Sequence[str]:
        found = self.submits
        head = f"{CONNECTIONS} connections"
        paced = f"at {PACE:g} a second:"
        yield f"{head:<20}{'a second':>10} {'p99, ms':>8}   {paced:<18}{'p50':>5} {'p99':>6}"
        yield f"pgbench             {median(found.pgbench):>10.0f}"
        for name, rate, full, usual, slow in (
            ("empty view", found.empty, found.empty_full_p99, found.empty_p50, found.empty_p99),
            ("submit", found.submit, found.submit_full_p99, found.submit_p50, found.submit_p99),
        ):
            yield (
                f"{name:<20}{median(rate):>10.0f} {median(full):>8.1f}   "
                f"{'':<18}{median(usual):>5.1f} {median(slow):>6.1f}"
            )
        yield ""
        reset = self.reset
        yield (
            f"{reset.accounts:,} accounts reset in {reset.took:.1f} s; the slowest submit meanwhile "
            f"{reset.longest_with:.0f} ms, as long without {reset.longest_without:.0f} ms"
        )
        yield ""
        yield f"{'ms':<28} {'few rows':>9} {'many':>7} {'ratio':>6}"
        for query in self.queries:
            yield f"{query.name:<28} {query.few:>9.2f} {query.many:>7.2f} {query.ratio:>6.2f}"

    def write_json(self, path: Path) -> None:
        path.write_text(json.dumps(self._as_json(), indent=2) + "\n")

    def _as_json(self) -> dict[str, Any]:
        return {
            "submits": asdict(self.submits),
            "reset": asdict(self.reset),
            "queries": [asdict(query) for query in self.queries],
            "claims": [asdict(claim) | {"holds": claim.holds} for claim in self.claims()],
        }
