"""The nightly reset of very many accounts while submits go on: how much longer does anybody wait?"""

import time
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from bench.billing import world
from bench.billing.submits import CONNECTIONS, SUBMIT
from billing import terms

PACE = 40.0  # submits a second
MADE_AT_ONCE = 100_000
USED_UP = """
UPDATE billing_accounts SET daily_used = 1, last_reset_date = CURRENT_DATE - 1
WHERE user_id IN (SELECT user_id FROM billing_accounts WHERE daily_used = 0 LIMIT %s)
"""


@dataclass(frozen=True)
class Reset:
    """Milliseconds: the slowest submit, without and with a reset beside it, and seconds the reset took."""

    accounts: int
    took: float
    longest_without: float
    longest_with: float

    @property
    def stall(self) -> float:
        return self.longest_with - self.longest_without


def measure(*, port: int, accounts: int, seconds: float) -> Reset:
    for first in range(0, accounts, MADE_AT_ONCE):
        world.add_users(min(MADE_AT_ONCE, accounts - first), first=world.CALLERS + first)
    with connection.cursor() as cursor:
        cursor.execute(USED_UP, [accounts])
        cursor.execute("VACUUM ANALYZE billing_accounts")
        cursor.execute("CHECKPOINT")
    client = _submit(port, seconds=10_000)
    time.sleep(1.0)
    began = time.time()
    touched = terms.reset_days(now=timezone.now())
    ended = time.time()
    client.terminate()
    beside = [took for at, took in world.read_calls(client) if began <= at <= ended]
    # As long without it: the longest of many is longer than the longest of few.
    alone = world.read_calls(_submit(port, seconds=ended - began))
    return Reset(
        accounts=touched,
        took=ended - began,
        longest_without=max(took for _, took in alone) * 1000,
        longest_with=max(beside) * 1000,
    )


def _submit(port: int, *, seconds: float):
    return world.call(port=port, path=SUBMIT, seconds=seconds, connections=CONNECTIONS, pace=PACE)
