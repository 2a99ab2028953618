"""CPU and memory of processes and all their children, as the kernel counts them in /proc/<pid>.

A tree's CPU is utime + stime of its living processes plus cutime + cstime, what each has inherited from
children that ended: so a server's backend or a pool's child that went away meanwhile is counted too.
"""

import os
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")  # per second
AFTER_NAME = 11  # utime's place among the fields behind the name; stime, cutime and cstime follow


@dataclass(frozen=True)
class Process:
    parent: int
    cpu: float  # seconds


def cpu_of(roots: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds so far of each named process with everything below it."""
    processes = _read_all()
    children = defaultdict(list)
    for pid, process in processes.items():
        children[process.parent].append(pid)
    return {name: _sum(root, processes, children) for name, root in roots.items()}


def resident_mb(root: int) -> float:
    """Memory of one process, in MB: its resident set."""
    pages = int(Path(f"/proc/{root}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _sum(root: int, processes: Mapping[int, Process], children: Mapping[int, list[int]]) -> float:
    below = sum(_sum(child, processes, children) for child in children.get(root, ()))
    return below + (processes[root].cpu if root in processes else 0.0)


def _read_all() -> dict[int, Process]:
    found = {}
    for entry in os.scandir("/proc"):
        if not entry.name.isdigit():
            continue
        try:
            text = Path(entry.path, "stat").read_text()
        except (FileNotFoundError, ProcessLookupError):  # it ended between the list and the look
            continue
        fields = text.rpartition(")")[2].split()
        ticks = sum(map(int, fields[AFTER_NAME : AFTER_NAME + 4]))
        found[int(entry.name)] = Process(parent=int(fields[1]), cpu=ticks / TICKS)
    return found
