"""PostgreSQL of the embedded pair: how it is created, started and asked. Nothing here decides when.

Its working directory is its data directory, and its socket lies there under a relative name: so the path
may be as deep as it likes, and as root the other user needs no right on any folder above.
"""

import shutil
import signal
import socket
import struct
import subprocess
from pathlib import Path
from urllib.parse import quote

from .binaries import CannotRun
from .keeper import dying_with_parent

NAME = "socialsaas"  # of the database and of its superuser
SOCKET = ".s.PGSQL.5432"

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": ".",
    "max_connections": "300",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
THROWAWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class CreationFailed(CannotRun):
    """initdb, or the first start in single-user mode, failed."""

    def __init__(self, output: str) -> None:
        super().__init__(
            f"The embedded PostgreSQL's data could not be created:\n{output.strip()}\n"
            "If this machine cannot run it, set DATABASE_URL and REDIS_URL."
        )


def create(data: Path, *, binaries: Path, account: dict, lock: int) -> None:
    """Create the data directory with the empty database in it, whole or not at all."""
    new = data.with_name(f"{data.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    place = ("-D", _data_argument(new, account=account))
    locale = ("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
    initdb = (binaries / "initdb", *place, f"--username={NAME}", "--auth=trust", "--no-sync", *locale)
    single = (binaries / "postgres", "--single", *place, "postgres")

    try:
        make_folder(new, account=account)
        _run(initdb, folder=new, account=account, lock=lock)
        _run(single, folder=new, account=account, lock=lock, stdin=f"CREATE DATABASE {NAME}\n")
    except OSError as error:  # root without the right to become another user
        raise CreationFailed(str(error)) from error

    new.rename(data)


def _run(arguments: tuple, *, folder: Path, account: dict, lock: int, stdin: str = "") -> None:
    done = subprocess.run(
        arguments,
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        pass_fds=(lock,),
        preexec_fn=dying_with_parent(signal.SIGKILL),
        **account,
    )
    if done.returncode != 0:
        raise CreationFailed(done.stdout)


def forget_killed_server(data: Path) -> None:
    """Remove a killed server's pid files, or the next one refuses as long as anything has that pid.

    Only for a holder of the servers' lock: then no server lives, whoever the files name.
    """
    for name in ("postmaster.pid", f"{SOCKET}.lock"):
        (data / name).unlink(missing_ok=True)


def make_folder(folder: Path, *, account: dict) -> None:
    """Make a server's folder and give it to the server's user."""
    folder.mkdir(mode=0o700, exist_ok=True)
    if account:
        shutil.chown(folder, account["user"], account["group"])


def describe_server(data: Path, *, binaries: Path, account: dict, throwaway: bool) -> dict:
    """Say to the keeper how this server is run and ended: fast (INT), then at once (QUIT)."""
    settings = SETTINGS | (THROWAWAY if throwaway else {})
    options = [option for name, value in settings.items() for option in ("-c", f"{name}={value}")]
    ladder = [(signal.SIGINT, 20), (signal.SIGQUIT, 5), (signal.SIGKILL, 5)]

    return {
        "name": "postgres",
        "argv": [str(binaries / "postgres"), "-D", _data_argument(data, account=account), *options],
        "cwd": str(data),
        "stdin": "",
        "account": account,
        "ladder": ladder[1:] if throwaway else ladder,
    }


def _data_argument(data: Path, *, account: dict) -> str:
    # Another user may not walk the path to the data, but a process always reaches its own working directory.
    return "/proc/self/cwd" if account and Path("/proc/self/cwd").exists() else str(data)


def make_url(folder: Path) -> str:
    """The form that django-environ reads as a socket's folder: //folder/database behind an empty host."""
    return f"postgres://{NAME}@:5432/{quote(str(folder), safe='/')}/{NAME}"


def answers(folder: Path) -> bool:
    """Ask SELECT 1 in the wire protocol: an import of psycopg takes 100 ms, this takes 3."""
    startup = f"user\0{NAME}\0database\0{NAME}\0\0".encode()
    query = b"SELECT 1\0"
    packets = (
        struct.pack("!ii", len(startup) + 8, 3 << 16) + startup,
        b"Q" + struct.pack("!i", len(query) + 4) + query,
        b"X" + struct.pack("!i", 4),
    )

    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(folder / SOCKET))
            connection.sendall(b"".join(packets))
            reply = b"".join(iter(lambda: connection.recv(4096), b""))
    except OSError:  # not there yet, or not any more
        return False

    return b"C\0\0\0\rSELECT 1\0" in reply  # CommandComplete, its length, its tag
