"""A throwaway database and broker for one run of the bench, and users who can pay.

Everything that needs Django's apps is imported inside: `open_world` is what sets them up.
"""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import django

from socialsaas.embedded.pair import Pair
from socialsaas.embedded.record import Record

_numbers = itertools.count(1)


@contextmanager
def open_world() -> Iterator[dict[str, int]]:
    """Servers of our own, migrated, and this process as one that submits. Yields the servers' pids."""
    folder = Path(tempfile.mkdtemp(prefix="socialsaas-bench-"))
    pair = Pair(folder / "pair", throwaway=True)
    os.environ |= pair.join() | {
        "DJANGO_SETTINGS_MODULE": "bench.pipeline.settings",
        "PROCESS_ROLE": "web",
        "DATA_DIR": str(folder),
        "LOG_LEVEL": "WARNING",
    }
    try:
        django.setup()
        _migrate()
        processes = Record.read(pair.folder).processes
        yield {"postgres": processes["postgres"][0], "broker": processes["valkey"][0]}
    finally:
        pair.stop()
        shutil.rmtree(folder, ignore_errors=True)


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


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
