"""Each part of a running installation is stopped in turn: the doctor names it, and it alone, and fails."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from tests.installation import ROOT

pytestmark = pytest.mark.journey

WORKERS = ("ai", "render", "control", "webhooks")
PARTS = [
    "database",
    "migrations",
    "broker",
    "storage",
    "row-level security",
    "ledger",
    "clock",
    "broker's persistence",
    *(f"{queue} workers" for queue in WORKERS),
    "beat",
    "sweep",
    "waiting jobs",
    "keys",
    "queue processor",
    "payments",
    "rehearsal",
    "outside",
]
PATIENCE = 20  # seconds; the doctor never takes longer, whatever hangs
PULSE = ("sweep:begun", "sweep:done")


@pytest.fixture(scope="module")
def world(installation, fleet):
    """What runs, and a broker that persists, as it should in production."""
    with _broker(installation) as broker:
        broker.config_set("appendonly", "yes")
        yield installation, fleet
        broker.config_set("appendonly", "no")


def _broker(installation) -> Redis:
    return Redis.from_url(installation.servers.broker_url)


def ask(installation) -> tuple[int, dict[str, str], str]:
    """The doctor's exit code, each part's level by its name, and everything it said."""
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "manage.py", "doctor", "--no-color"],
        cwd=ROOT,
        env=os.environ | installation.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert time.monotonic() - began < PATIENCE
    lines = [line for line in done.stdout.splitlines() if not line.startswith((" ", "All"))]
    levels = {line[10:31].strip(): line[:9].strip() for line in lines}
    return done.returncode, levels, done.stdout + done.stderr


def named(installation) -> tuple[int, list[str], str]:
    """The exit code, and the parts that the doctor calls not well."""
    code, levels, said = ask(installation)
    return code, [name for name, level in levels.items() if level == "NOT WELL"], said


@contextmanager
def stopped(fleet, name: str) -> Iterator[None]:
    os.killpg(fleet.pid_of(name), signal.SIGKILL)
    try:
        yield
    finally:
        fleet.restart(name)
        fleet.wait_until_ready()


def test_all_is_well_where_all_runs(world):
    code, levels, said = ask(world[0])

    assert (code, list(levels)) == (0, PARTS), said
    assert {name for name, level in levels.items() if level != "well"} == set()
    assert said.splitlines()[-1] == "All that jobs need is well."


@pytest.mark.parametrize("queue", WORKERS)
def test_missing_worker_is_named_by_its_queue(world, queue):
    installation, fleet = world
    with stopped(fleet, queue):
        code, parts, said = named(installation)

    assert (code, parts) == (1, [f"{queue} workers"]), said
    assert f"nobody serves the queue `{queue}`" in said
    assert f"docker compose up -d {queue}" in said
    assert said.splitlines()[-1] == f"CommandError: Not well: {queue} workers."


def test_missing_beat_is_named(world):
    installation, fleet = world
    with stopped(fleet, "beat"):
        with _broker(installation) as broker:
            broker.delete(*PULSE)
        code, parts, said = named(installation)

    assert (code, parts) == (1, ["beat"]), said
    assert "has left no sign" in said


def test_sweep_that_fails_is_named_and_beat_is_not(world):
    """The workers run older code than the table: every sweep ends in an error."""
    installation, _ = world
    installation.sql("ALTER TABLE job_steps RENAME COLUMN attempt TO attempts")
    try:
        with _broker(installation) as broker:
            broker.delete(*PULSE)
        code, parts, said = named(installation)
    finally:
        installation.sql("ALTER TABLE job_steps RENAME COLUMN attempts TO attempt")

    assert (code, parts) == (1, ["sweep"]), said
    assert "the log of the `control` worker" in said


def test_broker_that_refuses_is_named_and_nothing_behind_it_is_blamed(world):
    installation, _ = world
    installation.servers.broker.end()
    try:
        code, levels, said = ask(installation)
    finally:
        installation.servers.broker.start()
        with _broker(installation) as broker:
            broker.config_set("appendonly", "yes")

    assert (code, levels["broker"]) == (1, "NOT WELL"), said
    behind = ["broker's persistence", *(f"{queue} workers" for queue in WORKERS), "beat", "sweep"]
    assert {levels[name] for name in [*behind, "waiting jobs"]} == {"not asked"}
    assert "REDIS_URL" in said


def test_broker_that_does_not_persist_is_named(world):
    installation, _ = world
    with _broker(installation) as broker:
        broker.config_set("appendonly", "no")
        broker.config_set("maxmemory-policy", "allkeys-lru")
        try:
            code, parts, said = named(installation)
        finally:
            broker.config_set("maxmemory-policy", "noeviction")
            broker.config_set("appendonly", "yes")

    assert (code, parts) == (1, ["broker's persistence"]), said
    assert "appendonly is off, maxmemory-policy is allkeys-lru" in said


def test_database_that_hangs_is_named_in_time(world):
    installation, _ = world
    installation.servers.database.send(signal.SIGSTOP)  # it takes no new connection
    try:
        code, levels, said = ask(installation)
    finally:
        installation.servers.database.send(signal.SIGCONT)

    assert (code, levels["database"]) == (1, "NOT WELL"), said
    assert "does not answer within 2 s" in said
    behind = ["migrations", "row-level security", "clock", "waiting jobs"]
    assert {levels[name] for name in behind} == {"not asked"}


def test_storage_that_cannot_be_written_is_named(world):
    """Not by its permissions: root may write everywhere."""
    installation, _ = world
    media = installation.folder / "media"
    media.mkdir(exist_ok=True)
    aside = media.rename(installation.folder / "media-aside")
    media.touch()
    try:
        code, parts, said = named(installation)
    finally:
        media.unlink()
        aside.rename(media)

    assert (code, parts) == (1, ["storage"]), said
    assert "MEDIA_ROOT" in said


def test_policies_that_were_switched_off_are_named(world):
    installation, _ = world
    installation.sql("ALTER TABLE generation_jobs DISABLE ROW LEVEL SECURITY")
    try:
        code, parts, said = named(installation)
    finally:
        installation.sql("ALTER TABLE generation_jobs ENABLE ROW LEVEL SECURITY")

    assert (code, parts) == (1, ["row-level security"]), said


def test_database_user_whom_the_policies_refuse_is_named(world):
    """The origin's second trouble: jobs are refused, because somebody else owns the tables."""
    installation, _ = world
    installation.sql("CREATE ROLE stranger LOGIN")
    installation.sql("GRANT ALL ON ALL TABLES IN SCHEMA public TO stranger")
    url = installation.environment["DATABASE_URL"]
    installation.environment["DATABASE_URL"] = url.replace("//socialsaas", "//stranger")
    try:
        code, parts, said = named(installation)
    finally:
        installation.environment["DATABASE_URL"] = url
        installation.sql("DROP OWNED BY stranger")
        installation.sql("DROP ROLE stranger")

    assert (code, parts) == (1, ["row-level security"]), said
    assert "refuses our own user stranger" in said


def test_unapplied_migration_is_named(world):
    installation, _ = world
    name = installation.sql(
        "DELETE FROM django_migrations WHERE id = (SELECT max(id) FROM django_migrations WHERE app = 'jobs')"
        " RETURNING name, applied"
    )[0]
    try:
        code, parts, said = named(installation)
    finally:
        installation.sql("INSERT INTO django_migrations (app, name, applied) VALUES ('jobs', %s, %s)", *name)

    assert (code, parts) == (1, ["migrations"]), said
    assert "python manage.py migrate" in said
