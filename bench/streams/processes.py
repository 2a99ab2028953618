"""The two other processes: the server, as the kernel sees it, and the clients."""

import os
import subprocess
import sys
from pathlib import Path

PATIENCE = 60  # seconds
TICKS = os.sysconf("SC_CLK_TCK")

Seen = tuple[tuple[str, int], float]


def child_of(pid: int) -> int:
    """Granian's worker, which serves."""
    return int(Path(f"/proc/{pid}/task/{pid}/children").read_text().split()[0])


class Process:
    def __init__(self, pid: int) -> None:
        self.pid = pid

    def megabytes(self, name: str) -> float:
        """`VmRSS`: now; `VmHWM`: the most there ever was."""
        return self._status(name) / 1024

    def threads(self) -> int:
        return self._status("Threads")

    def cpu_seconds(self) -> float:
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def _status(self, name: str) -> int:
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return int(next(line for line in lines if line.startswith(f"{name}:")).split()[1])


class Clients:
    """Opens a stream for each path, in a process of its own; the block begins when all are open."""

    def __init__(self, folder: Path, paths: list[str], *, port: int) -> None:
        self.asked, self.result = folder / "paths", folder / "seen"
        self.asked.write_text("\n".join(paths))
        self.command = (sys.executable, "-m", "bench.streams.client", str(port), self.asked, self.result)

    def __enter__(self) -> "Clients":
        self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline() != "open\n":
            raise RuntimeError("the clients could not open their streams")
        return self

    def wait(self) -> list[Seen]:
        """When every stream has ended: which event (job, sequence) came when, one entry per client."""
        self.process.wait(PATIENCE)
        rows = [line.split() for line in self.result.read_text().splitlines()]
        return [((job, int(sequence)), float(at)) for job, sequence, at in rows]

    def __exit__(self, *_error: object) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
