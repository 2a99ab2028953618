"""A throwaway database and broker for one run of the bench, and users who can pay.

Everything that needs Django's apps is imported inside: `open_world` is what sets them up.
"""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import world
from socialsaas.embedded.record import Record

_numbers = itertools.count(1)


@contextmanager
def open_world() -> Iterator[dict[str, int]]:
    """Servers of our own, and this process as one that submits. Yields the servers' pids."""
    with world.open_world(
        DJANGO_SETTINGS_MODULE="bench.pipeline.settings", PROCESS_ROLE="web", LOG_LEVEL="WARNING"
    ) as folder:
        processes = Record.read(folder / "pair").processes
        yield {"postgres": processes["postgres"][0], "broker": processes["valkey"][0]}


def logs() -> Path:
    return Path(os.environ["DATA_DIR"], "logs")


def make_users(count: int) -> list[Any]:
    """New users with the credits everyone starts with; each submits one job, so no cap holds any back."""
    from django.utils import timezone

    from accounts.models import User
    from billing import ledger

    users = User.objects.bulk_create(
        User(email=f"user{next(_numbers)}@example.com", password="!") for _ in range(count)
    )
    for user in users:
        ledger.open_account(user=user, now=timezone.now())
    return users
