"""Whether what remembers and delivers is well: database, broker and the object store."""

import time
from datetime import timedelta
from functools import cache
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ResponseError
from redis.retry import Retry

from billing import verdicts
from socialsaas.health.examination import TIMEOUT, Check, Doubtful, Unwell

OLDEST_POSTGRES = 15_00_00
POLICIES = {"Users can view their own generation jobs", "Service role can manage all jobs"}
SKEW_SEEN, SKEW_MOST = timedelta(seconds=2), timedelta(seconds=10)

MIGRATE = "python manage.py migrate"
POLICIES_AGAIN = "Make the policies again, as jobs/migrations/0001_initial.py does."
AUDIT = "Beat and the `webhooks` workers audit it at night; python manage.py audit_ledger does it now."
PERSIST = "Set appendonly yes and maxmemory-policy noeviction in the broker's configuration."


def database() -> str:
    began = time.monotonic()
    version = _one_row("SELECT version()")[0].split(" on ")[0]
    if connection.pg_version < OLDEST_POSTGRES:
        raise Unwell(f"{version} is too old", "Use PostgreSQL 15 or newer.")
    return f"{version}, {_milliseconds_since(began)}"


@cache  # what is applied stays applied, and a refusal is never kept: a probe pays for this once
def migrations() -> str:
    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise Unwell(f"{len(missing)} not applied, the first is {missing[0][0]}")
    return "all applied"


def policies() -> str:
    """Policies are for clients that speak SQL; our own user is the tables' owner, whom they do not bind."""
    is_on, binds_us, user = _one_row(
        "SELECT relrowsecurity, row_security_active(oid), current_user FROM pg_class"
        " WHERE oid = 'generation_jobs'::regclass"
    )
    (names,) = _one_row(
        "SELECT array_agg(policyname::text) FROM pg_policies WHERE tablename = 'generation_jobs'"
    )
    missing = POLICIES.difference(names or ())
    if missing:
        raise Unwell(f"generation_jobs has no policy {' nor '.join(sorted(missing))}", POLICIES_AGAIN)
    if not is_on:
        raise Unwell("is off", "ALTER TABLE generation_jobs ENABLE ROW LEVEL SECURITY")
    if binds_us:
        raise Unwell(f"refuses our own user {user}, who does not own the tables")
    return "on, for everyone but the tables' owner"


def clock() -> str:
    before = timezone.now()
    there = _one_row("SELECT clock_timestamp()")[0]
    after = timezone.now()
    skew = max(before - there, there - after, timedelta(0))
    if skew > SKEW_MOST:
        raise Unwell(f"{skew.total_seconds():.0f} s between here and the database")
    if skew > SKEW_SEEN:
        raise Doubtful(f"{skew.total_seconds():.0f} s between here and the database")
    return "as the database's"


def ledger() -> str:
    try:
        audit = verdicts.check(now=timezone.now())
    except verdicts.LedgerNotRight as fault:
        raise Unwell(str(fault)) from fault
    except verdicts.AuditMissing as missing:
        raise Doubtful(str(missing), AUDIT) from missing
    return f"right at {audit.at:%Y-%m-%d %H:%M}: {audit.counts}" if audit else "nothing to audit yet"


def broker() -> str:
    began = time.monotonic()
    with _broker() as client:
        client.ping()
    return f"answers, {_milliseconds_since(began)}"


def persistence() -> str:
    try:
        with _broker() as client:
            info = client.info("persistence") | client.info("memory")
    except ResponseError as refusal:
        raise Doubtful(f"cannot be asked: {refusal}", "See to it where the broker is managed.") from refusal
    policy = info.get("maxmemory_policy")
    faults = {
        "appendonly is off": not info.get("aof_enabled"),
        "the last write to disk failed": info.get("aof_last_write_status") != "ok",
        f"maxmemory-policy is {policy}": policy != "noeviction",
    }
    if any(faults.values()):
        raise Unwell(", ".join(says for says, is_so in faults.items() if is_so))
    return "appendonly, noeviction"


def storage() -> str:
    """There and back, as the workers do it, and nothing stays behind."""
    began = time.monotonic()
    sent = uuid4().bytes
    key = default_storage.save(f"health/{uuid4()}", ContentFile(sent))
    try:
        with default_storage.open(key) as file:
            came = file.read()
    finally:
        default_storage.delete(key)
    if came != sent:
        raise Unwell("gives back something else than it was given")
    return f"written, read and removed, {_milliseconds_since(began)}"


def _milliseconds_since(began: float) -> str:
    return f"{(time.monotonic() - began) * 1000:.0f} ms"


def _one_row(query: str) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()


def _broker() -> Redis:
    """A client that tries once: a second try would only be later."""
    return Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )


NEEDED = (
    Check("database", database, "Start PostgreSQL, and see that DATABASE_URL names it."),
    Check("migrations", migrations, MIGRATE, needs=("database",)),
    Check("broker", broker, "Start Valkey or Redis, and see that REDIS_URL names it."),
    Check("storage", storage, "Let every web process and worker write to the same MEDIA_ROOT."),
)
FURTHER = (
    Check(
        "row-level security",
        policies,
        "Connect as the owner of the tables (DATABASE_URL), or give its user BYPASSRLS.",
        needs=("database", "migrations"),
    ),
    Check(
        "ledger",
        ledger,
        "python manage.py audit_ledger names every row that is off (docs/plans.md).",
        needs=("database", "migrations"),
    ),
    Check("clock", clock, "Set the clocks of all machines by NTP.", needs=("database",)),
    Check("broker's persistence", persistence, PERSIST, needs=("broker",)),
)
