"""Submits over HTTP beside pgbench's same transactions and an empty view's calls, in turns.

As fast as it goes for the rate; for the time a call takes, at a pace that all can keep: on full processors
it would only tell how long the queue is.
"""

import math
import os
import re
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import environ

from bench.billing import world
from socialsaas.embedded.binaries import find_binaries

CONNECTIONS = 8
SCRIPT = Path(__file__).with_name("submit.sql")
SUBMIT, EMPTY = "/api/carousel/generate", "/api/bench/empty"
PACE = 20.0  # calls a second, over all connections


@dataclass
class Submits:
    """A value for each round: calls or transactions a second, and milliseconds at PACE."""

    pgbench: list[float] = field(default_factory=list)
    submit: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)
    submit_p99: list[float] = field(default_factory=list)
    empty_p99: list[float] = field(default_factory=list)
    submit_p50: list[float] = field(default_factory=list)
    empty_p50: list[float] = field(default_factory=list)
    submit_full_p99: list[float] = field(default_factory=list)
    empty_full_p99: list[float] = field(default_factory=list)

    @property
    def to_pgbench(self) -> float:
        """The median of the rounds' ratios: what disturbs a round disturbs both."""
        return median(a / b for a, b in zip(self.submit, self.pgbench, strict=True))

    @property
    def p99_to_empty(self) -> float:
        return median(a / b for a, b in zip(self.submit_p99, self.empty_p99, strict=True))

    @property
    def full_p99_to_empty(self) -> float:
        return median(a / b for a, b in zip(self.submit_full_p99, self.empty_full_p99, strict=True))


def measure(*, port: int, rounds: int, seconds: float) -> Submits:
    found = Submits()
    for path in (EMPTY, SUBMIT):
        _call(port, path, 1.0)  # the first calls load what the others find
    run_pgbench(1.0)
    for _ in range(rounds):
        found.pgbench.append(run_pgbench(seconds))
        for path, rate, p99 in (
            (EMPTY, found.empty, found.empty_full_p99),
            (SUBMIT, found.submit, found.submit_full_p99),
        ):
            took = _call(port, path, seconds)
            rate.append(len(took) / seconds)
            p99.append(_quantile(took, 0.99))
        for path, p50, p99 in (
            (EMPTY, found.empty_p50, found.empty_p99),
            (SUBMIT, found.submit_p50, found.submit_p99),
        ):
            took = _call(port, path, seconds * 2, pace=PACE)
            p50.append(_quantile(took, 0.5))
            p99.append(_quantile(took, 0.99))
    return found


def run_pgbench(seconds: float = 0, *, transactions: int = 0, clients: int = CONNECTIONS) -> float:
    """Transactions a second."""
    database = environ.Env.db_url_config(os.environ["DATABASE_URL"])
    until = ("-t", str(transactions)) if transactions else ("-T", str(math.ceil(seconds)))
    told = subprocess.run(
        [
            *(find_binaries().postgres / "pgbench", "--no-vacuum", "--protocol", "prepared"),
            *("-c", str(clients), "-j", str(min(2, clients)), *until, "-D", f"users={world.CALLERS}"),
            *("-f", SCRIPT, "-h", database["HOST"], "-U", database["USER"], database["NAME"]),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return float(re.search(r"tps = ([\d.]+)", told)[1])


def _call(port: int, path: str, seconds: float, *, pace: float = 0) -> list[float]:
    """Milliseconds of each call."""
    client = world.call(port=port, path=path, seconds=seconds, connections=CONNECTIONS, pace=pace)
    took = [took * 1000 for _, took in world.read_calls(client)]
    time.sleep(0.2)
    return took


def _quantile(values: list[float], quantile: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * quantile))]
