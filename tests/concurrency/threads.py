"""Several callers at the same moment, each with a database connection of its own."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.db import connection, transaction

PATIENCE = 20  # seconds; whoever waits longer is stuck, and the test says so


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What each call returned, or the exception it raised; all are let go together."""
    line = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            line.wait(PATIENCE)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        futures = [pool.submit(run, call) for call in calls]
    return [future.exception() or future.result() for future in futures]


def in_a_thread(call: Callable[[], Any]) -> Any:
    """For a pool's thread: its connection does not outlive the call."""
    try:
        return call()
    finally:
        connection.close()


def one_inside_the_other(first: Callable[[], Any], second: Callable[[], Any]) -> list[Any]:
    """`first` has done its work but not committed; `second` comes, waits for a lock, and then goes on.

    Fails when `second` never waits: then there was no lock to wait for.
    """
    is_done, may_commit = threading.Event(), threading.Event()

    def first_and_wait() -> Any:
        with transaction.atomic():
            result = first()
            is_done.set()
            assert may_commit.wait(PATIENCE)
        return result

    def second_later() -> Any:
        assert is_done.wait(PATIENCE)
        return second()

    def release_when_blocked() -> None:
        assert is_done.wait(PATIENCE)
        wait_for_a_blocked_query()
        may_commit.set()

    *results, released = at_once(first_and_wait, second_later, release_when_blocked)
    if released is not None:
        raise released
    return results


def wait_for_a_blocked_query() -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")  # a transaction sees the same one for ever
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("nobody waits for a lock")
