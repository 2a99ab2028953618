"""The pair as its users see it: started once, shared, found again, gone with the last of them.

Every case has real servers in a folder of its own. A user is a process of its own, so that it can be killed.
"""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import environ
import psycopg
import pytest
import redis

from socialsaas.embedded import keeper, valkey
from socialsaas.embedded.pair import Pair
from socialsaas.embedded.record import Record

CHECKOUT = Path(__file__).resolve().parents[2]

USER = """
import json, pathlib, sys
from socialsaas.embedded.pair import Pair

print(json.dumps(Pair(pathlib.Path(sys.argv[1]), throwaway=sys.argv[2] == "throwaway").join()), flush=True)
sys.stdin.read()
"""


class User:
    """A process that joins the pair of `folder` and stays until it is told to leave, or killed."""

    def __init__(self, folder: Path, *, throwaway: bool = False) -> None:
        kind = "throwaway" if throwaway else "lasting"
        self.process = subprocess.Popen(
            [sys.executable, "-c", USER, str(folder), kind],
            cwd=CHECKOUT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def joined(self) -> dict[str, str]:
        return json.loads(self.process.stdout.readline())

    def leave(self) -> None:
        self.process.communicate()

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def make_user():
    users = []

    def make(folder: Path, *, throwaway: bool = False) -> User:
        users.append(User(folder, throwaway=throwaway))
        return users[-1]

    yield make

    for user in users:
        if user.process.poll() is None:
            user.kill()


@pytest.fixture
def empty_folder(tmp_path):
    yield tmp_path / ".data"

    Pair(tmp_path / ".data").stop()


@pytest.fixture(scope="module")
def seed(tmp_path_factory):
    """A folder whose pair has run once: the others are spared the second of PostgreSQL's creation."""
    folder = tmp_path_factory.mktemp("seed") / ".data"
    Pair(folder).join()
    Pair(folder).stop()

    return folder


@pytest.fixture
def folder(empty_folder, seed):
    subprocess.run(["cp", "-a", seed, empty_folder], check=True)
    (empty_folder / "redis_url").unlink()

    return empty_folder


def ask(environment: dict[str, str], sql: str) -> list:
    """One statement over the connection Django would make of DATABASE_URL."""
    config = environ.Env.db_url_config(environment["DATABASE_URL"])
    place = {"host": config["HOST"], "port": config["PORT"], "user": config["USER"], "dbname": config["NAME"]}

    with psycopg.connect(**place) as connection:
        cursor = connection.execute(sql)
        return cursor.fetchall() if cursor.description else []


def broker(environment: dict[str, str]) -> redis.Redis:
    return redis.Redis.from_url(environment["REDIS_URL"], decode_responses=True)


def nothing_runs(folder: Path, *, within: float = 5) -> bool:
    """Whether the servers' lock, which every process of the pair holds, comes free."""
    with (folder / "servers.lock").open() as lock:
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                time.sleep(0.02)
            else:
                return True

    return False


def test_join_gives_urls_that_work(empty_folder):
    environment = Pair(empty_folder).join()

    settings = dict(ask(environment, "SELECT name, setting FROM pg_settings"))
    with broker(environment) as client:
        policy = client.config_get("maxmemory-policy", "appendonly", "appendfsync")
    assert sorted(environment) == ["DATABASE_URL", "REDIS_URL", "SECRET_KEY"]
    assert settings["server_version_num"][:2] == "18"
    assert (settings["listen_addresses"], settings["max_connections"]) == ("", "300")
    assert settings["server_encoding"] == "UTF8"
    assert policy == {"maxmemory-policy": "noeviction", "appendonly": "yes", "appendfsync": "everysec"}


def test_broker_refuses_who_has_no_password(folder):
    environment = Pair(folder).join()
    port = int(environment["REDIS_URL"].split(":")[-1][:-2])

    with socket.create_connection(("127.0.0.1", port)) as stranger:
        stranger.sendall(b"PING\r\n")
        reply = stranger.recv(100)

    assert reply == b"-NOAUTH Authentication required.\r\n"


def test_eight_concurrent_first_starts_make_one_pair(empty_folder, make_user):
    users = [make_user(empty_folder) for _ in range(8)]

    environments = [user.joined() for user in users]

    assert environments == [environments[0]] * 8
    assert ask(environments[0], "SELECT 1") == [(1,)]
    assert json.loads((empty_folder / "run.json").read_text())["environment"] == environments[0]


def test_two_checkouts_started_at_once_do_not_meet(tmp_path, make_user):
    folders = [tmp_path / "a" / ".data", tmp_path / "b" / ".data"]
    users = [make_user(folder) for folder in folders]

    one, other = (user.joined() for user in users)
    ask(one, "CREATE TABLE mine (id int)")
    with broker(one) as client:
        client.set("mine", 1)

    assert ask(other, "SELECT to_regclass('mine')") == [(None,)]
    with broker(other) as client:
        assert client.keys() == []
    for user, folder in zip(users, folders, strict=True):
        user.leave()
        assert nothing_runs(folder)


def test_second_user_leaving_does_not_stop_the_pair(folder, make_user):
    first = make_user(folder)
    environment = first.joined()
    second = make_user(folder)

    assert second.joined() == environment
    second.leave()
    time.sleep(0.3)

    assert ask(environment, "SELECT 1") == [(1,)]
    first.leave()
    assert nothing_runs(folder)
    assert not (folder / "run.json").exists()


def test_starter_leaving_first_does_not_stop_the_pair_for_others(folder, make_user):
    starter = make_user(folder)
    environment = starter.joined()
    other = make_user(folder)
    other.joined()

    starter.kill()
    time.sleep(0.3)

    assert ask(environment, "SELECT 1") == [(1,)]
    other.leave()
    assert nothing_runs(folder)


def test_killed_starter_leaves_nothing_running(folder, make_user):
    starter = make_user(folder)
    starter.joined()

    starter.kill()

    assert nothing_runs(folder)
    assert not (folder / "run.json").exists()


@pytest.mark.parametrize("delay", [0.1, 0.3, 0.6])
def test_starter_killed_while_starting_leaves_nothing_running_and_no_harm(empty_folder, make_user, delay):
    starter = make_user(empty_folder)
    time.sleep(delay)

    starter.kill()

    assert not (empty_folder / "servers.lock").exists() or nothing_runs(empty_folder)
    assert ask(Pair(empty_folder).join(), "SELECT 1") == [(1,)]


def test_pair_killed_with_all_its_users_comes_back_with_its_data(folder, make_user):
    user = make_user(folder)
    environment = user.joined()
    ask(environment, "CREATE TABLE kept AS SELECT 7 AS number")
    processes = Record.read(folder).processes

    for pid, _start in processes.values():
        os.kill(pid, signal.SIGKILL)
    user.kill()

    assert nothing_runs(folder)
    again = Pair(folder).join()
    assert again == environment
    assert ask(again, "SELECT number FROM kept") == [(7,)]


def test_killed_keeper_takes_the_servers_along_and_the_next_user_starts_them_again(folder, make_user):
    survivor = make_user(folder)
    environment = survivor.joined()
    pid, start = Record.read(folder).processes["keeper"]

    keeper.end(pid, start, [(signal.SIGKILL, 5)])
    again = Pair(folder).join()

    assert again == environment, "the survivor finds its servers where they were"
    assert ask(environment, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("server", ["postgres", "valkey"])
def test_killed_server_is_replaced_by_the_next_user(folder, make_user, server):
    make_user(folder).joined()
    before = Record.read(folder)

    keeper.end(*before.processes[server], [(signal.SIGKILL, 5)])
    environment = Pair(folder).join()

    assert environment == before.environment
    assert ask(environment, "SELECT 1") == [(1,)]
    assert all(keeper.started(pid) != start for pid, start in before.processes.values())


def test_stale_record_of_a_reused_pid_harms_nobody(folder):
    Pair(folder).join()
    content = json.loads((folder / "run.json").read_text())
    Pair(folder).stop()
    innocent = subprocess.Popen(["sleep", "60"])
    content["processes"] = {name: [innocent.pid, "1"] for name in content["processes"]}
    (folder / "run.json").write_text(json.dumps(content))
    (folder / "postgres" / "postmaster.pid").write_text(f"{innocent.pid}\n")

    environment = Pair(folder).join()

    assert ask(environment, "SELECT 1") == [(1,)]
    assert innocent.poll() is None
    innocent.kill()
    innocent.wait()


@pytest.mark.parametrize("content", ["", "{", "[]", '{"processes": {"keeper": 1}}'])
def test_broken_record_is_as_good_as_none(tmp_path, content):
    (tmp_path / "run.json").write_text(content)

    assert Record.read(tmp_path) is None


def test_record_of_a_server_that_died_at_once_is_not_alive(tmp_path):
    me = (os.getpid(), keeper.started(os.getpid()))
    gone = subprocess.Popen(["true"])
    gone.wait()

    records = [Record({"keeper": me, "valkey": other}, {}, tmp_path) for other in (me, (gone.pid, None))]

    assert [record.is_alive() for record in records] == [True, False]


def test_taken_port_is_given_up(folder):
    taken = Pair(folder).join()["REDIS_URL"]
    Pair(folder).stop()
    port = int(taken.split(":")[-1][:-2])

    with socket.create_server(("127.0.0.1", port)):
        environment = Pair(folder).join()

    assert environment["REDIS_URL"] != taken
    assert valkey.answers(environment["REDIS_URL"])


def test_stop_ends_the_pair_under_its_users_and_keeps_the_data(folder, make_user):
    environment = make_user(folder).joined()
    ask(environment, "CREATE TABLE kept AS SELECT 7 AS number")
    with broker(environment) as client:
        client.set("kept", "7")
    processes = Record.read(folder).processes

    Pair(folder).stop()

    assert all(keeper.started(pid) != start for pid, start in processes.values())
    assert not (folder / "run.json").exists()
    assert ask(Pair(folder).join(), "SELECT number FROM kept") == [(7,)]
    with broker(environment) as client:
        assert client.get("kept") == "7"


def test_stop_of_a_pair_that_never_ran_does_nothing(tmp_path):
    Pair(tmp_path / ".data").stop()

    assert list(tmp_path.iterdir()) == []


def test_throwaway_pair_goes_with_its_folder_even_when_killed(tmp_path, make_user):
    user = make_user(tmp_path / "pair", throwaway=True)
    environment = user.joined()
    fsync = ask(environment, "SHOW fsync")

    user.kill()
    deadline = time.monotonic() + 5
    while (tmp_path / "pair").exists() and time.monotonic() < deadline:
        time.sleep(0.02)

    assert fsync == [("off",)]
    assert list(tmp_path.iterdir()) == []


def test_newcomers_meeting_a_leaving_user_always_find_a_pair(folder):
    def come_and_go(_turn: int) -> list:
        user = User(folder)
        answer = ask(user.joined(), "SELECT 1")
        user.leave()
        return answer

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(come_and_go, range(12)))

    assert answers == [[(1,)]] * 12
    assert nothing_runs(folder)
