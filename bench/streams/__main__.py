"""python -m bench.streams: a thousand open streams on one process; exits 1 when a promise is broken.

The process is production's (`events`), the clients are another, and this program is the worker whose
transactions they watch. All three share this machine's processors with PostgreSQL and the broker.
"""

import argparse
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from bench.streams.processes import Clients, Process, child_of
from bench.world import open_world
from socialsaas.processes import Fleet, free_port, list_programs

LATENCY_MOST, MEMORY_MOST = 0.150, 200  # seconds for 99 in 100; MB with all streams open
FEW, CONNECTIONS_MOST, THREADS_MOST = 300, 20, 50  # what so many streams may hold
PAUSE = 0.25  # seconds between two events of a job
HEADER = (
    "streams  jobs     told  p50 ms  p99 ms  max ms  peak RSS MB (before)  CPU us/event  connections  threads"
)


@dataclass(frozen=True)
class Measured:
    streams: int
    jobs: int
    told: int
    expected: int
    latencies: list[float]  # seconds, sorted
    megabytes: tuple[float, float]  # before any stream, and the most there ever was
    cpu: float  # seconds of the process for one event to one client
    connections: int
    threads: int

    @property
    def p99(self) -> float:
        return self.latencies[int(len(self.latencies) * 0.99)]

    def is_as_promised(self) -> bool:
        held = self.connections <= CONNECTIONS_MOST and self.threads <= THREADS_MOST
        return (
            self.told == self.expected
            and self.p99 < LATENCY_MOST
            and self.megabytes[1] < MEMORY_MOST
            and (held or self.streams < FEW)
        )

    def as_row(self) -> str:
        p50, most = self.latencies[len(self.latencies) // 2], self.latencies[-1]
        idle, full = self.megabytes
        return (
            f"{self.streams:>7}  {self.jobs:>4}  {self.told / self.expected:>7.2%}  {1000 * p50:>6.0f}  "
            f"{1000 * self.p99:>6.0f}  {1000 * most:>6.0f}  {full:>11.0f} {f'({idle:.0f})':>8}  "
            f"{1e6 * self.cpu:>12.0f}  {self.connections:>11}  {self.threads:>7}"
        )


def main() -> int:
    options = _parse()
    many, some = options.streams, max(1, options.streams // 5)
    with open_world() as folder:
        print(f"{os.cpu_count()} processors\n{HEADER}", flush=True)
        rows = []
        for streams, jobs, events in ((FEW, FEW, 2), (many, some, 5), (many, 1, options.events)):
            rows.append(_measure(folder, streams=streams, jobs=jobs, events=events))
            print(rows[-1].as_row(), flush=True)
    return 0 if all(row.is_as_promised() for row in rows) else 1


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.streams", description=__doc__)
    parser.add_argument("--streams", type=int, default=1000)
    parser.add_argument("--events", type=int, default=20, help="of the one job that all watch")
    return parser.parse_args()


def _measure(folder: Path, *, streams: int, jobs: int, events: int) -> Measured:
    """On a process of its own: what one run leaves behind is not the next one's."""
    from bench.streams import watched  # after Django is set up

    port = free_port()
    web = next(program for program in list_programs(port=port) if program.name == "web")
    made = watched.make_jobs(jobs)
    paths = watched.paths_of(made, streams=streams)
    with Fleet([replace(web, environment={"PROCESS_ROLE": "events"})], folder=folder / "logs") as fleet:
        fleet.wait_until_ready()
        server = Process(child_of(fleet.pid_of("web")))
        idle = server.megabytes("VmRSS")
        with Clients(folder, paths, port=port) as clients:
            connections, threads = watched.connections_of_others(), server.threads()
            began = server.cpu_seconds()
            commits = dict(watched.happen(made, events=events, pause=max(0.01, PAUSE / jobs)))
            seen = clients.wait()
        cpu = server.cpu_seconds() - began
        peak = server.megabytes("VmHWM")
    return Measured(
        streams=streams,
        jobs=jobs,
        told=len(seen),
        expected=streams * (events + 1),
        latencies=sorted(at - commits[event] for event, at in seen),
        megabytes=(idle, peak),
        cpu=cpu / len(seen),
        connections=connections,
        threads=threads,
    )


if __name__ == "__main__":
    sys.exit(main())
