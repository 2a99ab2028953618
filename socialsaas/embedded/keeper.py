"""The keeper of one pair: parent of both servers, alive exactly as long as somebody uses them.

A program of its own that needs only the standard library and gets everything it must know on stdin.
It blocks on the users' lock: the kernel grants it when the last user has left, killed or not, and then
the keeper ends the servers. It knows nothing of PostgreSQL or Valkey and imports nothing of the project.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PR_SET_PDEATHSIG = 1
WAY_BACK = "pair"


def started(pid: int) -> str | None:
    """Say when process `pid` started; None when it is gone or only waits to be reaped.

    A number alone proves nothing, the kernel hands it out again: only with its start time it is one process.
    """
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None if Path("/proc/self/stat").exists() else _started_without_proc(pid)

    state, *fields = stat.rpartition(")")[2].split()

    return None if state in "ZX" else fields[18]


def _started_without_proc(pid: int) -> str | None:
    ps = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    state, _, start = ps.stdout.strip().partition(" ")

    return None if not start or state.startswith("Z") else start.strip()


def end(pid: int, start: str | None, ladder: list[tuple[int, float]]) -> None:
    """Send the signals of `ladder` (signal, seconds to wait) until the process that started then is gone."""
    for number, patience in ladder:
        if start is None or started(pid) != start:
            return

        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

        deadline = time.monotonic() + patience
        while started(pid) == start and time.monotonic() < deadline:
            time.sleep(0.005)


def dying_with_parent(number: int) -> Callable[[], None] | None:
    """Return what a child runs before exec so that the kernel signals it when its parent is killed (Linux).

    The kernel means the parent *thread*: start such children from a thread that lasts.
    """
    if sys.platform != "linux":
        return None

    libc = ctypes.CDLL(None)

    return lambda: libc.prctl(PR_SET_PDEATHSIG, number)


def give_to_owner(path: Path) -> None:
    """As root, leave nothing behind that the owner of the folder could not use tomorrow."""
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def write_private(path: Path, text: str) -> None:
    """Write a file nobody else may read, whole or not at all."""
    new = path.with_name(f"{path.name}.{os.getpid()}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text)
    give_to_owner(new)
    new.replace(path)


def remove_away(folder: Path) -> None:
    """Remove what lies outside the pair's folder; `away` is a link to it.

    In a copied folder the link is a copy too, and what it leads to belongs to the original.
    """
    away = folder / "away"
    if not away.is_symlink():
        return

    way_back = away / WAY_BACK
    if way_back.is_symlink() and way_back.readlink() == folder.resolve():
        shutil.rmtree(away.readlink(), ignore_errors=True)  # one step only: rmtree itself refuses links
    away.unlink()


def _spawn(server: dict, *, folder: Path, lock: int) -> subprocess.Popen:
    with (folder / "logs" / f"{server['name']}.log").open("wb") as log:
        process = subprocess.Popen(
            server["argv"],
            cwd=server["cwd"],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            pass_fds=(lock,),  # held by every server: a free lock is the kernel's word that none runs
            preexec_fn=dying_with_parent(server["ladder"][0][0]),
            **server["account"],
        )

    with contextlib.suppress(BrokenPipeError), process.stdin:
        process.stdin.write(server["stdin"].encode())

    return process


@contextlib.contextmanager
def _running(servers: list[dict], *, folder: Path, lock: int) -> Iterator[dict]:
    """Run the servers and yield who they are; end them in reverse order, whatever happens."""
    processes: dict[str, list] = {"keeper": [os.getpid(), started(os.getpid())]}
    running = []

    try:
        for server in servers:
            process = _spawn(server, folder=folder, lock=lock)
            processes[server["name"]] = [process.pid, started(process.pid)]
            running.append((process, server["ladder"]))

        yield processes
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        (folder / "run.json").unlink(missing_ok=True)  # first: a newcomer must not find a dying pair
        for process, ladder in reversed(running):
            end(process.pid, started(process.pid), ladder)
            process.poll()  # reaps it


def _wait_until_nobody_is_left(users: Path) -> None:
    # Never closed: until this process exits, a newcomer's shared lock waits for the servers' end.
    fcntl.flock(os.open(users, os.O_RDWR), fcntl.LOCK_EX)


def _leave(_signal: int, _frame: object) -> None:
    raise SystemExit(0)


def keep(order: dict) -> None:
    """Run the servers of `order`, tell everybody where they are, and stay until nobody needs them."""
    folder = Path(order["folder"])
    signal.signal(signal.SIGTERM, _leave)

    try:
        with _running(order["servers"], folder=folder, lock=order["lock"]) as processes:
            write_private(folder / "run.json", json.dumps({"processes": processes, **order["record"]}))
            _wait_until_nobody_is_left(folder / "users.lock")
    finally:
        remove_away(folder)
        if order["throwaway"]:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    given = json.load(sys.stdin)
    if os.fork():  # the starter waits for this half only and never has a child to reap
        os._exit(0)
    keep(given)
