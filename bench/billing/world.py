"""Users who can pay, made by SQL, and the product's web server as production runs it.

PostgreSQL is as durable here as in production: pgbench and the product wait for the same disk.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import world

CREDITS = 1_000_000
CALLERS = 2000  # nothing is worked off here: of few callers each would soon have thousands of jobs waiting
BODY = json.dumps(
    {"prompt": "5 pricing mistakes freelancers make", "imageCount": 7, "aspectRatio": "4:5"}
).encode()
DONE = """
INSERT INTO job_steps (job_id, run, kind, slide_number, queue, status, started_at, finished_at)
SELECT %(job)s, 1, kind, slide_number, 'ai', 'done', now() - interval '2 seconds', now()
FROM (VALUES ('strategy', NULL), ('slide', 1), ('finalize', NULL)) AS step (kind, slide_number);
UPDATE generation_jobs SET status = 'completed', completed_at = now() WHERE id = %(job)s
"""
USER_ID = "('00000000-0000-4000-8000-' || lpad(number::text, 12, '0'))::uuid"
ACCOUNTS = f"""
CREATE TEMPORARY TABLE bench_users AS
    SELECT number, {USER_ID} AS id FROM generate_series(%(from)s, %(to)s - 1) number;
INSERT INTO users (id, email, password, is_superuser)
    SELECT id, 'user' || number || '@example.com', '!', false FROM bench_users;
INSERT INTO api_keys (user_id, prefix, digest, last_used_at)
    SELECT id, 'sk_bench', encode(sha256(convert_to('sk_bench-' || number, 'UTF8')), 'hex'), now() + '1 day'
    FROM bench_users WHERE number < %(keys)s;
INSERT INTO billing_accounts (user_id, credits, daily_limit, last_reset_date)
    SELECT id, %(credits)s, %(credits)s, CURRENT_DATE FROM bench_users;
INSERT INTO billing_ledger (account_id, kind, credits, balance_after, reference, actor)
    SELECT id, 'signup', %(credits)s, %(credits)s, 'signup', 'system' FROM bench_users;
DROP TABLE bench_users;
"""


@contextmanager
def open_world() -> Iterator[Path]:
    with world.open_world(
        durable=True, DJANGO_SETTINGS_MODULE="bench.billing.settings", PROCESS_ROLE="web", LOG_LEVEL="WARNING"
    ) as folder:
        yield folder


def key_of(number: int) -> str:
    return f"sk_bench-{number}"


def add_users(count: int, *, first: int = 0, keys: int = 0) -> None:
    """Users with an account of CREDITS each; those below `keys` with an API key that was used just now."""
    from django.db import connection

    values = {"from": first, "to": first + count, "keys": keys, "credits": CREDITS}
    with connection.cursor() as cursor:
        for statement in ACCOUNTS.split(";\n"):
            if statement.strip():
                cursor.execute(statement % {name: str(value) for name, value in values.items()})


def remember_a_job() -> None:
    """One that is done, so that a submit looks into the queue to say when it will be."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import User
    from jobs import queue

    now = timezone.now()
    job = queue.submit(
        user=User.objects.get(email="user0@example.com"), payload=json.loads(BODY), now=now
    ).job
    with connection.cursor() as cursor:
        for statement in DONE.split(";"):
            cursor.execute(statement, {"job": job.pk})


@contextmanager
def serve(folder: Path) -> Iterator[int]:
    """The Dockerfile's command, two processes of four threads each. Yields the port."""
    from socialsaas.processes import Fleet, Program, answers_http, free_port

    port = free_port()
    web = Program(
        name="web",
        arguments=(
            *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1"),
            *("--port", str(port), "--workers", "2", "--blocking-threads", "4"),
            "socialsaas.wsgi:application",
        ),
        environment={"PROCESS_ROLE": "web"},
        is_ready=answers_http(f"http://127.0.0.1:{port}/api/health"),
    )
    with Fleet([web], folder=folder / "logs") as fleet:
        fleet.wait_until_ready()
        yield port
        fleet.check()


def call(*, port: int, path: str, seconds: float, connections: int, pace: float = 0) -> subprocess.Popen:
    """The client, started; `read_calls` waits for it. SIGTERM ends it sooner.

    `pace`: calls a second over all connections; 0 is as many as go.
    """
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "bench.billing.client"),
            *map(str, (port, path, seconds, connections, CALLERS, pace)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )


def read_calls(client: subprocess.Popen) -> list[tuple[float, float]]:
    """(sent at, took) of each call, the first one first."""
    told, refused = client.communicate()
    if client.returncode:
        raise RuntimeError(f"a call was refused: {refused}")
    return sorted(tuple(map(float, line.split())) for line in told.splitlines())
