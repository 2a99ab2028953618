"""How a worker's thread treats its database connection: given back, taken for itself, lost and found."""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection, connections

ASK_AGAIN = 0.5  # seconds

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


def release_pooled() -> None:
    """Give the connection back before waiting for a provider or the broker; the next query takes another.

    Held during calls, 20 connections let only 20 of 300 run, and a broker that is away empties the pool.
    """
    if connection.settings_dict["OPTIONS"].get("pool") and not connection.in_atomic_block:
        connection.close()


def leave_pool() -> None:
    """Give this thread a connection of its own.

    For who must not wait: with 64 threads before the renewal of leases, leases ended in the queue for a
    connection, and calls were made again.
    """
    own = connection.copy()
    own.settings_dict["OPTIONS"].pop("pool", None)
    connections[own.alias] = own


def outlast(write: Callable[[], Result]) -> Result:
    """Write what a call gave or why it gave nothing, though the database goes away; for a lease at most.

    A restart takes seconds, and so long nobody else can take the step. `write` must bear being repeated.
    """
    deadline = time.monotonic() + settings.LEASE_SECONDS
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError) as error:
            if time.monotonic() > deadline:
                raise
            logger.warning("the database is away, trying again: %s", error)
            close_old_connections()
            time.sleep(ASK_AGAIN)
