"""What `run.json` says of a running pair. Written by the keeper, read by everybody else."""

import json
import signal
from dataclasses import dataclass
from pathlib import Path

from . import keeper, postgres, valkey

LADDERS = {
    "keeper": [(signal.SIGTERM, 40), (signal.SIGKILL, 5)],
    "postgres": [(signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)],
    "valkey": [(signal.SIGTERM, 10), (signal.SIGKILL, 5)],
}


@dataclass(frozen=True)
class Record:
    """What `run.json` says: who runs (pid and start time by name), and the environment that leads there."""

    processes: dict[str, tuple[int, str | None]]
    environment: dict[str, str]
    socket_folder: Path

    @classmethod
    def read(cls, folder: Path) -> "Record | None":
        try:
            content = json.loads((folder / "run.json").read_text())
            return cls(
                processes={name: (pid, start) for name, (pid, start) in content["processes"].items()},
                environment=content["environment"],
                socket_folder=Path(content["socket_folder"]),
            )
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError):  # not written by us: as good as none
            return None

    def is_alive(self) -> bool:
        # A server that died at once has no start time in the record.
        return all(start and keeper.started(pid) == start for pid, start in self.processes.values())

    def answers(self) -> bool:
        return postgres.answers(self.socket_folder) and valkey.answers(self.environment["REDIS_URL"])

    def end(self) -> None:
        """End what still runs of it: the keeper ends the servers; those of a killed keeper are ended here."""
        for name, ladder in LADDERS.items():
            keeper.end(*self.processes.get(name, (0, None)), ladder)
