"""The hot queries of ledger and jobs with few rows in their tables and with a hundred times as many."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from statistics import median

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from billing import ledger
from billing.models import LedgerEntry
from jobs import estimates, queue, receipts, turns
from jobs.models import GenerationJob
from jobs.standing import standing_of
from jobs.states import JobType

RENDER = JobType.RENDER
TIMES = 300
WAITING = 500  # jobs
PER_ACCOUNT = 20  # entries and jobs, as a user has them after a while
# Rows as a busy installation has them: nearly all jobs have ended, and as many wait as before.
FILL = """
CREATE TEMPORARY TABLE bench_rows AS
    SELECT number, gen_random_uuid() AS carousel, gen_random_uuid() AS job,
        ('00000000-0000-4000-9000-' || lpad((number / {per})::text, 12, '0'))::uuid AS owner
    FROM generate_series({first}, {last} - 1) number;
INSERT INTO users (id, email, password, is_superuser)
    SELECT DISTINCT owner, owner || '@example.com', '!', false FROM bench_rows ON CONFLICT DO NOTHING;
INSERT INTO billing_accounts (user_id, credits, last_reset_date)
    SELECT DISTINCT owner, {per} * 2, CURRENT_DATE FROM bench_rows ON CONFLICT DO NOTHING;
INSERT INTO carousels (id, user_id, prompt, image_count, status)
    SELECT carousel, owner, 'a prompt of ten', 3, 'completed' FROM bench_rows;
INSERT INTO generation_jobs (id, carousel_id, user_id, payload, status, created_at, completed_at)
    SELECT job, carousel, owner, '{{}}', CASE WHEN number < {waiting} THEN 'queued' ELSE 'completed' END,
        now() - number * interval '1 second', CASE WHEN number < {waiting} THEN NULL ELSE now() END
    FROM bench_rows;
INSERT INTO job_steps (job_id, run, kind, queue, status, started_at, finished_at)
    SELECT job, 1, 'finalize', 'render', 'done', now() - interval '1 second', now() FROM bench_rows
    WHERE number >= {waiting};
INSERT INTO job_events (job_id, sequence, run, to_status, by, reason, data, at)
    SELECT job, 1, 1, 'queued', 'user', '', '{{}}', now() FROM bench_rows;
INSERT INTO billing_ledger (account_id, kind, credits, balance_after, reference, usage_date, actor)
    SELECT owner, 'charge', -1, {per}, 'job:' || job || ':1', CURRENT_DATE, 'system' FROM bench_rows;
DROP TABLE bench_rows;
"""


@dataclass(frozen=True)
class Query:
    """Milliseconds, the median."""

    name: str
    few: float
    many: float

    @property
    def ratio(self) -> float:
        return self.many / self.few


def measure(*, few: int, many: int) -> list[Query]:
    fill(first=0, last=few)
    before = {name: _time(ask) for name, ask in _queries(few)}
    fill(first=few, last=many)
    after = {name: _time(ask) for name, ask in _queries(many)}
    return [Query(name, before[name], after[name]) for name in before]


def fill(*, first: int, last: int) -> None:
    with connection.cursor() as cursor:
        for statement in FILL.format(first=first, last=last, per=PER_ACCOUNT, waiting=WAITING).split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        for table in (
            "users",
            "billing_accounts",
            "billing_ledger",
            "carousels",
            "generation_jobs",
            "job_steps",
        ):
            cursor.execute(f"VACUUM ANALYZE {table}")


def _queries(rows: int) -> Iterator[tuple[str, Callable[[], object]]]:
    number = rows // PER_ACCOUNT // 2
    user = User.objects.get(email=f"00000000-0000-4000-9000-{number:012}@example.com")
    job = GenerationJob.objects.filter(user=user, status="completed").first()
    yield "ledger page of an account", lambda: list(_entries(user).order_by("-id")[:20])
    yield "a run's charge", lambda: _entries(user).filter(kind="charge", reference=job.reference).first()
    yield "account locked", lambda: _locked(user)
    yield "jobs of a user", lambda: list(queue.of_user(user, limit=10))
    yield "a job", lambda: queue.get(job_id=str(job.pk))
    yield "receipt of a job", lambda: receipts.runs_of(job)
    yield "whose turn it is", lambda: turns.next_due(now=timezone.now(), limit=50)
    yield (
        "until a job is done",
        lambda: estimates.seconds_until_done(
            standing=standing_of(user_id=user.pk), job_type=RENDER, slides=3
        ),
    )
    yield "what steps took lately", estimates._read


def _entries(user: User):
    return LedgerEntry.objects.filter(account_id=user.pk)


def _locked(user: User) -> None:
    with transaction.atomic():
        ledger._lock(user=user)


def _time(ask: Callable[[], object]) -> float:
    took = []
    for _ in range(TIMES):
        began = time.perf_counter()
        ask()
        took.append((time.perf_counter() - began) * 1000)
    return median(took)
