"""`make storm OPERATIONS=10000`: everything that moves credits, at random, while processes die in the middle.

Processes of many threads share a few accounts. The leader stops one with SIGSTOP, looks whether it is inside
a transaction (pg_stat_activity), kills it there with SIGKILL and starts another in its place; after each kill
the audit must find nothing. What a process is doing is `tests/concurrency/moves.py`.
"""

import argparse
import os
import random
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing import RawArray, RawValue
from threading import Thread

# Only what needs no settings: as a program this module makes the world first, and imports the rest then.

SETTLED = 0.01  # seconds after SIGSTOP: what was on its way to PostgreSQL has arrived
KILL_EVERY = 100  # operations
PATIENCE = 120.0  # seconds without an operation

# A client that is stopped sends nothing: these transactions can only end by dying with it.
OPEN = """
SELECT count(*) FROM pg_stat_activity
WHERE application_name = %s AND (state = 'idle in transaction'
    OR (state = 'active' AND xact_start IS NOT NULL AND wait_event_type = 'Lock'))
"""


@dataclass
class Verdict:
    """`torn`: transactions that were open in a process when it was killed; `did`: moves by kind."""

    operations: int = 0
    refused: int = 0
    unexpected: int = 0
    kills: int = 0
    torn: int = 0
    audits: int = 0
    faults: list[str] = field(default_factory=list)
    did: Counter[str] = field(default_factory=Counter)

    @property
    def holds(self) -> bool:
        return not self.faults and not self.unexpected

    def __str__(self) -> str:
        moves = ", ".join(f"{name} {count}" for name, count in sorted(self.did.items()))
        return (
            f"{self.operations} operations, {self.refused} refused, {self.unexpected} failed: {moves}\n"
            f"{self.kills} processes killed inside {self.torn} open transactions; "
            f"{self.audits} audits, {len(self.faults)} faults"
        )


class Tally:
    """What each seat has done, in memory that outlives who sits there; only that one writes to it."""

    def __init__(self, seats: int, kinds: tuple[str, ...]) -> None:
        self.kinds = (*kinds, "refused", "unexpected")
        self._cells = RawArray("l", seats * len(self.kinds))
        self.is_over = RawValue("b", 0)

    def add(self, seat: int, kind: str) -> None:
        self._cells[seat * len(self.kinds) + self.kinds.index(kind)] += 1

    def totals(self) -> Counter[str]:
        width = len(self.kinds)
        return Counter({kind: sum(self._cells[place::width]) for place, kind in enumerate(self.kinds)})

    def operations(self) -> int:
        return sum(count for kind, count in self.totals().items() if kind not in ("refused", "unexpected"))


class Storm:
    """`processes` times `threads` make `operations` moves on `accounts`; `prepare` runs in each process."""

    def __init__(
        self,
        *,
        operations: int,
        processes: int,
        threads: int,
        accounts: int,
        seed: int,
        prepare: Callable[[], None] = lambda: None,
    ) -> None:
        from tests.concurrency import moves

        self.operations, self.threads, self.prepare = operations, threads, prepare
        self.random = random.Random(seed)
        self.users = moves.open_accounts(accounts)
        self.tally = Tally(processes, moves.KINDS)
        self.verdict = Verdict()
        self.seats: list[int] = [0] * processes

    def rage(self) -> Verdict:
        from tests.concurrency import moves

        for seat in range(len(self.seats)):
            self._sit_down(seat)
        try:
            for reached in self._milestones():
                if reached < self.operations:
                    self._kill_one()
                self._audit()
        finally:
            self.tally.is_over.value = 1
            for pid in self.seats:
                os.waitpid(pid, 0)
        moves.end_every_job()
        self._audit()
        return self._count()

    def _milestones(self) -> Iterator[int]:
        """Each time that another KILL_EVERY operations are done, and when all are."""
        every, reached = min(KILL_EVERY, self.operations // 4), 0
        while reached < self.operations:
            reached = min(reached + every, self.operations)
            deadline = time.monotonic() + PATIENCE
            while self.tally.operations() < reached:
                assert time.monotonic() < deadline, "the storm stands still"
                time.sleep(0.005)
            yield reached

    def _sit_down(self, seat: int) -> None:
        from django.db import connections

        connections.close_all()  # a forked process must not share this one's
        self.seats[seat] = os.fork()
        if self.seats[seat] == 0:
            status = 1
            try:
                self._work(seat, seed=self.random.random() + seat)
                status = 0
            except BaseException:  # noqa: BLE001  a child that returned would go on as the leader
                traceback.print_exc()
            finally:
                os._exit(status)

    def _work(self, seat: int, *, seed: float) -> None:
        from tests.concurrency import moves

        moves.settle_in(application_name(os.getpid()))
        self.prepare()
        people = [
            moves.Person(self.users, seat=seat, seed=seed * 1000 + number, tally=self.tally)
            for number in range(self.threads)
        ]
        threads = [Thread(target=person.move_about) for person in people]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _kill_one(self) -> None:
        """Whoever is found inside a transaction, at random; the seat is taken again at once."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            seat = self.random.randrange(len(self.seats))
            pid = self.seats[seat]
            os.kill(pid, signal.SIGSTOP)
            time.sleep(SETTLED)
            if torn := _open_transactions(pid):
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                self.verdict.kills += 1
                self.verdict.torn += torn
                self._sit_down(seat)
                return
            os.kill(pid, signal.SIGCONT)
        raise AssertionError("nobody was ever inside a transaction")

    def _audit(self) -> None:
        from billing.audit import snapshot
        from jobs import audit

        with snapshot():
            self.verdict.faults += audit.faults()
        self.verdict.audits += 1

    def _count(self) -> Verdict:
        totals = self.tally.totals()
        self.verdict.refused, self.verdict.unexpected = totals.pop("refused"), totals.pop("unexpected")
        self.verdict.operations, self.verdict.did = sum(totals.values()), totals
        return self.verdict


def application_name(pid: int) -> str:
    return f"storm {pid}"


def _open_transactions(pid: int) -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(OPEN, [application_name(pid)])
        return cursor.fetchone()[0]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.concurrency.storm", description=__doc__)
    parser.add_argument("--operations", type=int, default=10_000)
    parser.add_argument("--processes", type=int, default=10)
    parser.add_argument("--threads", type=int, default=10, help="of each process")
    parser.add_argument("--accounts", type=int, default=50)
    parser.add_argument("--seed", type=int, default=random.randrange(1000))
    options = parser.parse_args()
    from bench.world import open_world

    with open_world(durable=True, LOG_LEVEL="ERROR"):
        print(f"seed {options.seed}")
        verdict = Storm(**vars(options)).rage()
    print(verdict, *verdict.faults, sep="\n")
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
