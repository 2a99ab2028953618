"""`make chaos ROUNDS=20`: every fault once a round, in random order, into a running load.

After each round all jobs must end, and the judge looks at everything. The last line is the totals, and
the exit code is 1 if any of them is not 0. A seed gives the same order again, not the same moments.
"""

import argparse
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults.load import Load
from tests.faults.verdict import Verdict
from tests.faults.world import EVERYONE, SETTINGS, WORKERS, StillUnderWay, World
from tests.installation import Installation

LEASE = float(SETTINGS["LEASE_SECONDS"])
LONG_OUTAGE = 30.0  # seconds
DRAINED = 120.0  # seconds after which a job that has not ended is stuck
POISON_TRIES = 2
PROMISES = {
    "lost": "lost",
    "stuck": "stuck",
    "double_charges": "double charges",
    "bought_twice": "finished slides bought twice",
}

Fault = Callable[[World], None]


def away(world: World) -> None:
    with world.without_broker(seconds=2):
        pass


def both(world: World) -> None:
    world.kill(*WORKERS)
    world.flush()


def duplicates(world: World) -> None:
    """Every message of every job that is under way."""
    jobs = world.sql("SELECT id::text FROM generation_jobs WHERE status IN ('queued', 'processing')")
    world.deliver_again([job for (job,) in jobs])


def sweeps(world: World) -> None:
    """Several at once, on a worker with many threads."""
    for _ in range(4):
        world.send("jobs.sweep", queue="ai")


def stop_politely(world: World) -> None:
    world.ask_to_stop("ai", seconds=30)
    world.start_again("ai")


WITH_BROKER: dict[str, Fault] = {
    "every message lost": World.flush,
    "broker away for 2 s": away,
    "workers killed and messages lost": both,
    "every message twice": duplicates,
    "pool process killed": World.kill_child,
    "sweeps at once": sweeps,
    "SIGTERM": stop_politely,
}
ANYWHERE: dict[str, Fault] = {
    "ai killed": lambda world: world.kill("ai"),
    "render killed": lambda world: world.kill("render"),
    "everything killed": lambda world: world.kill(*EVERYONE),
    "ai asleep beyond its lease": lambda world: world.freeze("ai", seconds=2 * LEASE),
    "beat asleep": lambda world: world.freeze("beat", seconds=2 * LEASE),
    "database restarted": World.restart_database,
    "database restarted at once": lambda world: world.restart_database(signal.SIGQUIT),
}
ALWAYS = (
    f"broker away for {LONG_OUTAGE:.0f} s, with other faults meanwhile",
    "a step that kills its worker",
    "a call longer than its lease",
)


@dataclass(frozen=True)
class Plan:
    """The order of one round. While the broker is away for long, some faults come on top."""

    before: Sequence[str]
    meanwhile: Sequence[str]
    after: Sequence[str]

    @classmethod
    def draw(cls, chance: random.Random) -> "Plan":
        """Every fault once."""
        anywhere = chance.sample(list(ANYWHERE), k=len(ANYWHERE))
        meanwhile, rest = anywhere[: len(anywhere) // 2], anywhere[len(anywhere) // 2 :]
        alone = chance.sample([*WITH_BROKER, *rest], k=len(WITH_BROKER) + len(rest))
        middle = chance.randint(0, len(alone))
        return cls(before=alone[:middle], meanwhile=meanwhile, after=alone[middle:])

    def carry_out(self, world: World, *, outage: float, chance: random.Random) -> None:
        inject(world, self.before, chance=chance)
        with world.without_broker(seconds=outage):
            inject(world, self.meanwhile, chance=chance)
        inject(world, self.after, chance=chance)


def inject(world: World, names: Sequence[str], *, chance: random.Random) -> None:
    for name in names:
        time.sleep(chance.uniform(0.5, 2.0))
        print(f"  {time.strftime('%H:%M:%S')} {name}", flush=True)
        (WITH_BROKER | ANYWHERE)[name](world)


@dataclass
class Totals:
    """What was found over all rounds; a fault that stays is counted once."""

    found: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    @property
    def is_clean(self) -> bool:
        return not any(self.found.values())

    def add(self, verdict: Verdict) -> None:
        for promise, faults in verdict.faults.items():
            self.found[promise] |= set(faults)

    def __str__(self) -> str:
        others = [promise for promise in self.found if promise not in PROMISES]
        named = PROMISES | {promise: promise.replace("_", " ") for promise in others}
        return ", ".join(f"{len(self.found[promise])} {words}" for promise, words in named.items())


@dataclass(frozen=True)
class Customers:
    """API keys: of the many, and of one whose calls take longer than a lease."""

    many: Sequence[str]
    slow: str

    @classmethod
    def of(cls, installation: Installation) -> "Customers":
        [slow] = installation.customers("slow", 1, script=f"slide1:slow={2.5 * LEASE}s")
        return cls(many=installation.customers("chaos", 8), slow=slow)


def run_round(
    world: World, plan: Plan, *, customers: Customers, outage: float, chance: random.Random
) -> Verdict:
    """One round: the faults into the load, the end of every job, the verdict."""
    with Load(world, keys=customers.many, pause=1.5, chance=chance) as load:
        poisoned = world.submit_poisoned(customers.slow, tries=POISON_TRIES)
        load.accepted.append(world.submit(customers.slow))
        poison = threading.Thread(
            target=world.poison, args=[poisoned], kwargs={"times": POISON_TRIES}, daemon=True
        )
        poison.start()
        plan.carry_out(world, outage=outage, chance=chance)
    poison.join()
    world.fleet.wait_until_ready()
    try:
        world.wait_until_done(seconds=DRAINED)
    except StillUnderWay as late:
        print(f"  {late}")
    verdict = world.judge([*load.accepted, poisoned])
    verdict.wrong_ledger.extend(world.audit())
    print(f"  {len(load.accepted) + 1} jobs, {load.refused} submits refused")
    return verdict


def run(*, rounds: int, seed: int, folder: Path) -> Totals:
    installation, totals = Installation(folder, **SETTINGS), Totals()
    try:
        customers = Customers.of(installation)
        with installation.fleet() as fleet:
            fleet.wait_until_ready()
            world = World(installation, fleet)
            for number in range(1, rounds + 1):
                began, chance = time.monotonic(), random.Random(f"{seed}/{number}")
                print(f"round {number} of {rounds}", flush=True)
                verdict = run_round(
                    world, Plan.draw(chance), customers=customers, outage=LONG_OUTAGE, chance=chance
                )
                totals.add(verdict)
                report(verdict, number=number, folder=folder, seconds=time.monotonic() - began)
            summarize(world, rounds=rounds, verdict=verdict)
    finally:
        installation.close()
    return totals


def summarize(world: World, *, rounds: int, verdict: Verdict) -> None:
    """What was done, and the calls that were made again with a reason."""
    [(jobs,)] = world.sql("SELECT count(*) FROM generation_jobs")
    for name in (*ALWAYS, *WITH_BROKER, *ANYWHERE):
        print(f"{rounds:4} x {name}")
    print(
        f"{jobs} jobs; calls made again: {verdict.in_flight} cut off, {verdict.unrecorded} not yet recorded"
    )


def report(verdict: Verdict, *, number: int, folder: Path, seconds: float) -> None:
    """What a round came to; the logs of a broken one are kept, the pictures of a clean one are not."""
    for promise, faults in verdict.faults.items():
        print(f"  {promise}: " + "; ".join(faults))
    if verdict.faults:
        kept = folder / f"round-{number}"
        shutil.copytree(folder / "logs", kept)
        print(f"  its logs are in {kept}")
    else:
        shutil.rmtree(folder / "media", ignore_errors=True)
    print(f"  {'broken' if verdict.faults else 'clean'} after {seconds:.0f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.chaos", description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=None)
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(10**6)
    folder = Path(tempfile.mkdtemp(prefix="socialsaas-chaos-"))
    print(f"seed {seed}, logs in {folder}", flush=True)
    totals = run(rounds=arguments.rounds, seed=seed, folder=folder)
    print(totals)
    if not totals.is_clean:
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()
