"""The fleet, with small stand-ins for the product's processes, and once with the real table."""

import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from socialsaas.embedded.keeper import started
from socialsaas.embedded.pair import Pair
from socialsaas.processes import (
    Fleet,
    NotReady,
    ProcessDied,
    Program,
    answers_http,
    list_programs,
    log_says,
)

CHECKOUT = Path(__file__).resolve().parents[2]

PATIENT = (
    "import os, time; print('up as', os.environ['PROCESS_ROLE'], os.getpid(), flush=True); time.sleep(60)"
)
DYING = "import sys; print('cannot go on'); sys.exit(3)"
# Two processes write to one log: a line is one write, which unbuffered `print` does not make.
STUBBORN_WITH_CHILD = """
import os, signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.fork()
os.write(1, f'up {os.getpid()}\\n'.encode())
time.sleep(60)
"""
PARENT_LEAVING_A_CHILD = """
import os, time
if os.fork():
    time.sleep(0.2)
    os._exit(9)
print('up', os.getpid(), flush=True)
time.sleep(60)
"""
SUPERVISOR = """
import pathlib, sys, time
from tests.socialsaas.test_processes import PATIENT, STUBBORN_WITH_CHILD, Fleet, stand_in

folder = pathlib.Path(sys.argv[1])
programs = [stand_in("one", PATIENT), stand_in("two", PATIENT), stand_in("deaf", STUBBORN_WITH_CHILD)]
with Fleet(programs, folder=folder, grace=0.5) as fleet:
    fleet.wait_until_ready()
    time.sleep(0.2)
    print("ready", flush=True)
    fleet.watch()
"""


def stand_in(name: str, code: str, *, ready: str = "up") -> Program:
    return Program(
        name=name,
        arguments=(sys.executable, "-c", code),
        environment={"PROCESS_ROLE": name},
        is_ready=log_says(ready),
    )


def pids_in(folder: Path) -> list[int]:
    """The numbers that the stand-ins wrote as the last word of their lines."""
    lines = [line for log in sorted(folder.glob("*.log")) for line in log.read_text().splitlines()]

    return [int(line.split()[-1]) for line in lines]


def all_end(pids: list[int], *, within: float = 5) -> bool:
    deadline = time.monotonic() + within
    while any(started(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)

    return not any(started(pid) for pid in pids)


def test_fleet_starts_all_in_their_roles_and_stops_them(tmp_path):
    with Fleet([stand_in("one", PATIENT), stand_in("two", PATIENT)], folder=tmp_path) as fleet:
        fleet.wait_until_ready()
        pids = pids_in(tmp_path)
        lines = [fleet.log_of(name).read_text() for name in ("one", "two")]

    assert lines == [f"up as one {pids[0]}\n", f"up as two {pids[1]}\n"]
    assert [started(pid) for pid in pids] == [None, None]


def test_death_before_ready_names_the_process_and_its_last_words(tmp_path):
    with pytest.raises(ProcessDied) as raised, Fleet([stand_in("ai", DYING)], folder=tmp_path) as fleet:
        fleet.wait_until_ready()

    assert raised.value.name == "ai"
    assert str(raised.value) == f"`ai` ended with 3. The end of {tmp_path / 'ai.log'}:\ncannot go on"


def test_death_of_one_stops_the_others(tmp_path):
    programs = [stand_in("web", PATIENT), stand_in("ai", PATIENT)]

    with Fleet(programs, folder=tmp_path) as fleet:
        fleet.wait_until_ready()
        web = fleet.pid_of("web")
        os.kill(fleet.pid_of("ai"), signal.SIGKILL)
        with pytest.raises(ProcessDied) as raised:
            fleet.watch(every=0.02)

    assert raised.value.name == "ai"
    assert started(web) is None


def test_restarted_process_is_another_one_and_ready_again(tmp_path):
    with Fleet([stand_in("ai", PATIENT)], folder=tmp_path) as fleet:
        fleet.wait_until_ready()
        before = fleet.pid_of("ai")
        fleet.restart("ai")
        fleet.wait_until_ready()
        after = fleet.pid_of("ai")

    assert after != before
    assert pids_in(tmp_path) == [after]
    assert all_end([before, after])


def test_never_ready_is_named_after_the_time_given(tmp_path):
    program = stand_in("web", PATIENT, ready="words it never says")

    with pytest.raises(NotReady) as raised, Fleet([program], folder=tmp_path) as fleet:
        fleet.wait_until_ready(seconds=0.3)

    assert raised.value.name == "web"
    assert all_end(pids_in(tmp_path), within=0)


def test_stubborn_process_is_killed_with_its_children_after_the_grace(tmp_path):
    with Fleet([stand_in("render", STUBBORN_WITH_CHILD)], folder=tmp_path, grace=0.3) as fleet:
        fleet.wait_until_ready()
        time.sleep(0.1)
        pids = pids_in(tmp_path)

    assert len(pids) == 2
    assert all_end(pids)


def test_child_of_a_dead_process_does_not_stay_behind(tmp_path):
    with (
        pytest.raises(ProcessDied),
        Fleet([stand_in("web", PARENT_LEAVING_A_CHILD)], folder=tmp_path) as fleet,
    ):
        fleet.watch(every=0.02)

    assert len(pids_in(tmp_path)) == 1
    assert all_end(pids_in(tmp_path))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_ended_supervisor_leaves_nothing_running(tmp_path, number):
    supervisor = subprocess.Popen(
        [sys.executable, "-c", SUPERVISOR, tmp_path],
        cwd=CHECKOUT,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    supervisor.stdout.readline()
    pids = pids_in(tmp_path)

    supervisor.send_signal(number)
    supervisor.communicate()

    assert len(pids) == 4
    assert all_end(pids, within=9)


@pytest.mark.parametrize(("status", "ready"), [(200, True), (401, True), (404, True), (500, False)])
def test_web_is_ready_when_it_answers_without_fault(tmp_path, status, ready):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_arguments):
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        answer = answers_http(f"http://127.0.0.1:{server.server_port}/")(tmp_path)
        thread.join()

    assert answer is ready


def test_web_is_not_ready_while_nobody_listens(tmp_path):
    assert answers_http("http://127.0.0.1:1/")(tmp_path) is False


def test_table_gives_every_process_its_role_and_every_queue_its_pool():
    programs = list_programs(port=8000)

    roles = {program.name: program.environment["PROCESS_ROLE"] for program in programs}
    workers = {program.name: program.arguments for program in programs if "-Q" in program.arguments}
    pools = {
        arguments[arguments.index("-Q") + 1]: (
            name,
            arguments[arguments.index("--pool") + 1],
            arguments[arguments.index("--concurrency") + 1],
        )
        for name, arguments in workers.items()
    }
    assert roles == {
        "web": "web",
        "ai": "ai",
        "render": "render",
        "control": "control",
        "webhooks": "webhooks",
        "beat": "control",
    }
    assert pools == {
        "ai": ("ai", "threads", "64"),
        "render": ("render", "prefork", str(os.cpu_count())),
        "control": ("control", "threads", "1"),
        "webhooks": ("webhooks", "threads", "16"),
    }


@pytest.mark.journey
def test_real_table_becomes_ready_and_leaves_nothing_running(tmp_path, monkeypatch, free_port):
    pair = Pair(tmp_path / "pair", throwaway=True)
    environment = pair.join() | {"DATA_DIR": str(tmp_path)}
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    subprocess.run([sys.executable, "manage.py", "migrate", "-v0"], cwd=CHECKOUT, check=True)
    monkeypatch.chdir(CHECKOUT)

    with Fleet(list_programs(port=free_port), folder=tmp_path / "logs") as fleet:
        fleet.wait_until_ready()
        pids = [fleet.pid_of(program.name) for program in fleet.programs]

    assert len(pids) == 6
    assert all_end(pids)
    pair.stop()


@pytest.fixture
def free_port() -> int:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        return server.server_port
