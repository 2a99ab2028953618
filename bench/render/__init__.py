"""What one slide costs: ours, headless Chromium with an equivalent page, Pillow by hand, and the PNG floor.

Each engine lives in a process of its own and draws the same slides, other words each time, in an order
that is shuffled every round; so a busy machine slows all of them alike.
"""

import multiprocessing
import random
import statistics
from multiprocessing.connection import Connection

from bench.render import engines
from bench.render.engines import ENGINES, Cost

ROUNDS, WARM_UP = 12, 2


def measure() -> None:
    """Print CPU and memory of every engine, and its ratio to ours."""
    context = multiprocessing.get_context("spawn")
    workers = {name: _start(context, name) for name in ENGINES}
    costs: dict[str, list[Cost]] = {name: [] for name in ENGINES}
    for number in range(WARM_UP + ROUNDS):
        for name in random.sample(list(ENGINES), len(ENGINES)):
            cost = _ask(workers[name], number)
            if number >= WARM_UP:
                costs[name].append(cost)
    for worker in workers.values():
        worker.send(None)
    _print(costs)


def _start(context: multiprocessing.context.SpawnContext, name: str) -> Connection:
    ours, theirs = context.Pipe()
    context.Process(target=engines.serve, args=(name, theirs), daemon=False).start()
    return ours


def _ask(worker: Connection, number: int) -> Cost:
    worker.send(number)
    return worker.recv()


def _print(costs: dict[str, list[Cost]]) -> None:
    ours = statistics.median(cost.cpu_ms for cost in costs["ours"])
    print(f"{'one 4:5 slide':<16} {'CPU ms':>8} {'to ours':>8} {'MB':>6} {'kB':>6}   (median of {ROUNDS})")
    for name, found in costs.items():
        cpu = statistics.median(cost.cpu_ms for cost in found)
        memory, size = max(cost.memory_mb for cost in found), statistics.median(cost.png_kb for cost in found)
        print(f"{name:<16} {cpu:>8.0f} {cpu / ours:>8.2f} {memory:>6.0f} {size:>6.0f}")
