"""The pair in places that are hard to reach, and the rights of everything around it.

Run as root these show root's side, with the servers as another user, and an ordinary user beside it; run as
an ordinary user, the ordinary half of the same.
"""

import json
import os
import pwd
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import environ
import pytest

from socialsaas.embedded import binaries, keeper, postgres, valkey
from socialsaas.embedded.pair import FolderOfAnother, Pair
from socialsaas.embedded.record import Record

CHECKOUT = Path(__file__).resolve().parents[2]
IS_ROOT = os.geteuid() == 0

ORDINARY_USER = """
import json, pathlib, sys
from socialsaas.embedded import CannotRun
from socialsaas.embedded.binaries import Binaries
from socialsaas.embedded.pair import Pair

folder, postgres, valkey = map(pathlib.Path, sys.argv[1:])
try:
    print(json.dumps(Pair(folder, binaries=Binaries(postgres=postgres, valkey=valkey)).join()), flush=True)
except CannotRun as error:
    print(json.dumps({"error": type(error).__name__}), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def world(tmp_path):
    """A folder for checkouts below one with mode 0700, as `mktemp -d` makes it."""
    place = tmp_path / "private"
    place.mkdir(mode=0o700)

    yield place

    for folder in place.rglob(".data"):
        Pair(folder).stop()


@pytest.fixture(scope="module")
def open_place():
    """A folder that everybody can walk to, with what an ordinary user needs to run the pair there."""
    place = Path("/tmp", f"socialsaas-open-{os.getpid()}")
    place.mkdir()
    place.chmod(0o755)

    yield place

    shutil.rmtree(place)


@pytest.fixture(scope="module")
def user(open_place):
    return OrdinaryUser(open_place)


@pytest.fixture
def open_world(open_place):
    world = open_place / "world"
    world.mkdir()

    yield world

    for folder in world.rglob(".data"):
        Pair(folder).stop()
    shutil.rmtree(world)


class OrdinaryUser:
    """Somebody without privileges who runs a checkout's pair: `daemon` when we are root, else ourselves."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.account = {}
        if IS_ROOT:
            user = pwd.getpwnam("daemon")
            self.account = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.binaries = binaries.copy_binaries(binaries.find_binaries(), to=_made(place / "binaries"))
        self.python = _reachable_python(place)
        shutil.copytree(CHECKOUT / "socialsaas" / "embedded", place / "code" / "socialsaas" / "embedded")
        shutil.copytree(Path(environ.__file__).parent, place / "code" / "environ")

    def own(self, folder: Path) -> Path:
        folder.mkdir()
        if self.account:
            os.chown(folder, self.account["user"], self.account["group"])

        return folder

    def join(self, folder: Path) -> tuple[subprocess.Popen, dict]:
        code = self.place / "code"
        process = subprocess.Popen(
            [self.python, "-c", ORDINARY_USER, folder, self.binaries.postgres, self.binaries.valkey],
            cwd=code,
            env=os.environ | {"PYTHONPATH": str(code), "LD_LIBRARY_PATH": str(self.place / "python" / "lib")},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **self.account,
        )

        return process, json.loads(process.stdout.readline())


def _made(folder: Path) -> Path:
    folder.mkdir()

    return folder


def _reachable_python(place: Path) -> str:
    """Our interpreter, or a copy of it when it lies in somebody's private folder."""
    if not IS_ROOT or binaries.is_reachable(Path(sys.executable).resolve()):
        return sys.executable

    heavy = shutil.ignore_patterns(
        "site-packages", "test", "config-*", "__pycache__", "include", "share", "*.a"
    )
    shutil.copytree(sys.base_prefix, place / "python", ignore=heavy, symlinks=True)

    return str(place / "python" / "bin" / f"python3.{sys.version_info.minor}")


def owner_of(record: Record, server: str) -> int:
    return Path(f"/proc/{record.processes[server][0]}").stat().st_uid


def modes(path: Path) -> list[int]:
    return [step.stat().st_mode for step in (path, *path.parents)]


def answers(environment: dict[str, str]) -> bool:
    socket_folder = Path(environ.Env.db_url_config(environment["DATABASE_URL"])["HOST"])

    return postgres.answers(socket_folder) and valkey.answers(environment["REDIS_URL"])


def test_pair_below_a_private_folder_works_and_changes_no_mode_outside(world):
    folder = world / "checkout" / ".data"
    folder.parent.mkdir()
    site_packages = binaries.find_binaries().postgres.parents[2]
    before = modes(folder.parent), modes(site_packages)

    environment = Pair(folder).join()

    assert answers(environment)
    assert (modes(folder.parent), modes(site_packages)) == before
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_servers_never_run_as_root(world):
    folder = world / ".data"
    Pair(folder).join()
    record = Record.read(folder)

    owners = {owner_of(record, server) for server in ("postgres", "valkey")}

    assert owners == {pwd.getpwnam("nobody").pw_uid if IS_ROOT else os.geteuid()}


def test_secrets_are_for_nobody_else(world):
    folder = world / ".data"
    Pair(folder).join()

    found = {
        name: stat.S_IMODE((folder / name).stat().st_mode) for name in ("secret_key", "redis_url", "run.json")
    }

    assert found == {"secret_key": 0o600, "redis_url": 0o600, "run.json": 0o600}


def test_open_folder_is_closed(world):
    folder = world / ".data"
    folder.mkdir(mode=0o755)

    Pair(folder).join()

    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_deep_folder_gets_a_short_way_to_its_socket(world):
    folder = world / ("d" * 60) / ("e" * 60) / "a folder+with %signs" / ".data"

    environment = Pair(folder).join()
    outside = (folder / "away").readlink()

    assert answers(environment)
    assert outside.stat().st_mode & 0o022 == 0  # open to read only where it also holds copied binaries
    Pair(folder).stop()
    assert not outside.exists()
    assert not (folder / "away").is_symlink()


def test_binaries_out_of_reach_are_copied_for_the_run(world):
    found = binaries.copy_binaries(binaries.find_binaries(), to=_made(world / "binaries"))
    folder = world / ".data"

    environment = Pair(folder, binaries=found).join()
    outside = (folder / "away").readlink() if IS_ROOT else None  # who owns them reaches them

    assert answers(environment)
    assert (folder / "away").is_symlink() == IS_ROOT
    Pair(folder).stop()
    assert outside is None or not outside.exists()


def test_copy_of_the_binaries_can_be_read_by_all_and_written_by_nobody_else(tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir(mode=0o700)

    made = binaries.copy_binaries(binaries.find_binaries(), to=copy)

    assert {stat.S_IMODE(path.stat().st_mode) for path in copy.rglob("*")} == {0o755, 0o644}
    assert stat.S_IMODE(copy.stat().st_mode) == 0o755
    assert os.access(made.postgres / "postgres", os.X_OK)
    assert os.access(made.valkey, os.X_OK)


def test_what_a_killed_pair_left_outside_goes_with_the_next(world):
    folder = world / ("d" * 60) / ("e" * 60) / ".data"
    Pair(folder).join()
    outside = (folder / "away").readlink()
    for pid, start in Record.read(folder).processes.values():
        keeper.end(pid, start, [(9, 5)])

    Pair(folder).stop()

    assert not outside.exists()


def test_copied_checkout_has_a_pair_of_its_own_and_leaves_the_original_alone(world):
    original = world / ("d" * 60) / ("e" * 60) / ".data"
    environment = Pair(original).join()
    subprocess.run(["cp", "-a", original, world / ".data"], check=True)

    other = Pair(world / ".data").join()

    assert other["DATABASE_URL"] != environment["DATABASE_URL"]
    assert other["REDIS_URL"] != environment["REDIS_URL"]
    Pair(world / ".data").stop()
    assert answers(environment)


def test_root_and_an_ordinary_user_each_have_their_pair(world, open_world, user):
    theirs = user.own(open_world / "checkout") / ".data"
    ours = world / ".data"

    process, environment = user.join(theirs)
    mine = Pair(ours).join()

    assert answers(environment)
    assert answers(mine)
    assert environment["REDIS_URL"] != mine["REDIS_URL"]
    assert owner_of(Record.read(theirs), "postgres") == theirs.stat().st_uid
    process.communicate()


def test_root_in_the_checkout_of_an_ordinary_user_leaves_it_usable(open_world, user):
    folder = user.own(open_world / "checkout") / ".data"
    user.own(folder)

    mine = Pair(folder, binaries=user.binaries).join()
    process, environment = user.join(folder)

    assert environment == mine
    process.communicate()
    Pair(folder).stop()
    process, again = user.join(folder)
    assert answers(again)
    process.communicate()


def test_folder_of_another_user_is_refused_with_words(open_world, user):
    folder = open_world / ".data"
    folder.mkdir(mode=0o700 if IS_ROOT else 0o500)

    process, answer = user.join(folder)
    process.communicate()

    assert answer == {"error": FolderOfAnother.__name__}
    assert list(folder.iterdir()) == []
    folder.chmod(0o700)
