"""A whole installation of its own: servers, web process and workers, spoken to over HTTP and SQL.

Its database is never the test database and never flushed; its servers can be killed one by one.
"""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import Any

import environ
import psycopg

from socialsaas.processes import Fleet, Program, free_port, list_programs
from tests.servers import Servers

ROOT = Path(__file__).resolve().parents[1]
CUSTOMERS = """
from django.utils import timezone
from accounts import keys
from accounts.models import User
from billing import ledger, terms
for number in range({count}):
    user, now = User.objects.create_user(f"{name}-{{number}}@example.com", None), timezone.now()
    ledger.grant(user=user, credits=100_000, reference="customer", now=now, actor="test")
    terms.set_daily_limit(user=user, daily_limit=None, now=now)
    print(keys.create(user=user, script="{script}")[1])
"""
SECRET = "journey-secret"
NEEDED = ("web", "ai", "render", "control", "beat")


class Installation:
    """`environment`: what its processes are told besides where everything is."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self.servers = Servers()
        self.environment = {
            "DATABASE_URL": self.servers.database_url,
            "REDIS_URL": self.servers.broker_url,
            "SECRET_KEY": secrets.token_urlsafe(50),
            "QUEUE_PROCESSOR_SECRET": SECRET,
            "MEDIA_ROOT": str(folder / "media"),
            "DATA_DIR": str(folder),
            **environment,
        }
        self.port = free_port()
        self.manage("migrate", "--verbosity", "0")

    def fleet(self, *names: str, logs: str = "logs", **environment: str) -> Fleet:
        """The named processes of the product, all of them by default; not started yet."""
        programs = [
            self._here(program, environment)
            for program in list_programs(port=self.port)
            if program.name in (names or NEEDED)
        ]
        return Fleet(programs, folder=self.folder / logs)

    def manage(self, *arguments: str, stdin: str = "") -> str:
        return subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=os.environ | self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()

    def user(self, email: str) -> str:
        """A new user's API key."""
        self.sql("INSERT INTO users (email, password, is_superuser) VALUES (%s, '!', false)", email)
        return self.manage("createapikey", email)

    def customers(self, name: str, count: int, *, script: str = "") -> list[str]:
        """API keys of users who may do what they like all day, sandbox keys if there is a script."""
        program = CUSTOMERS.format(name=name, count=count, script=script)
        return self.manage("shell", "--no-imports", "-c", program).split()

    def sql(self, statement: str, *values: Any) -> list[tuple]:
        options = environ.Env.db_url_config(self.servers.database_url)
        with psycopg.connect(
            dbname=options["NAME"], user=options["USER"], host=options["HOST"], port=options["PORT"] or None
        ) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def call(self, path: str, key: str, body: dict | None = None) -> tuple[int, dict[str, Any]]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return response.status, json.load(response)
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)

    def wait_for_end(self, job_id: str, key: str, *, seconds: float = 120) -> dict[str, Any]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            status = self.call(f"/api/queue/status/{job_id}", key)[1]["data"]
            if status["status"] not in ("queued", "processing"):
                return status
            time.sleep(0.1)
        raise TimeoutError(f"job {job_id} has not ended: {status}")

    def close(self) -> None:
        self.servers.stop()

    def _here(self, program: Program, environment: dict[str, str]) -> Program:
        return replace(program, environment={**program.environment, **self.environment, **environment})
