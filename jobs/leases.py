"""The heartbeat of a worker process: one thread renews the lease of every step the process holds.

It stops renewing a step that is held longer than its work may take, however alive the process is:
then the lease ends and the sweep gives the step to somebody else.
"""

import logging
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.db import Error, connection
from django.utils import timezone

from jobs import connections, steps

logger = logging.getLogger(__name__)

RENEW_EVERY = settings.LEASE_SECONDS / 3
GRACE = settings.LEASE_SECONDS  # a step may be held so long beyond its provider's time-out


class Heartbeat:
    def __init__(self) -> None:
        self._held: dict[uuid.UUID, float] = {}  # owner -> monotonic time after which it is let go
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    @contextmanager
    def hold(self, owner: uuid.UUID, *, timeout: float) -> Iterator[None]:
        """Keep the lease of `owner` alive while the block runs, for `timeout` + GRACE seconds at most."""
        with self._lock:
            self._held[owner] = time.monotonic() + timeout + GRACE
            self._start_thread()
        try:
            yield
        finally:
            with self._lock:
                self._held.pop(owner, None)

    def renew(self) -> None:
        with self._lock:
            owners = [owner for owner, until in self._held.items() if time.monotonic() < until]
        if owners:
            steps.renew(owners=owners, now=timezone.now())

    def _start_thread(self) -> None:
        # It survives neither the fork of a prefork worker nor an error that nobody foresaw.
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="lease-heartbeat", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        connections.leave_pool()
        while True:
            time.sleep(RENEW_EVERY)
            try:
                self.renew()
            except Error:
                # The database is away: the next beat tries again, well before the lease ends.
                logger.exception("leases could not be renewed")
            finally:
                connection.close()


heartbeat = Heartbeat()
