"""How a worker's thread treats the database connection that it got from the pool."""

from django.db import connection, connections


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
