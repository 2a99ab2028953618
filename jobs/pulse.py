"""The pulse: what every sweep leaves in the broker, so that it can be felt from any machine.

Beat sends the sweep, a worker of `control` begins it, the sweep ends: a fresh mark is a proof of all
three. Ages are counted by the broker, so no machine's clock matters. Losing a mark costs nothing.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from celery import current_app
from kombu.exceptions import OperationalError
from redis import Redis

BEGUN, DONE = "sweep:begun", "sweep:done"
KEPT = 86_400_000  # milliseconds

logger = logging.getLogger(__name__)


def leave(mark: str) -> None:
    try:
        with _broker() as client:
            client.set(mark, "", px=KEPT)
    except OperationalError as error:
        logger.warning("%s was not marked: %s", mark, error)


def age_of(mark: str) -> float | None:
    """Seconds since the mark was last left; None when it never was, or lost. Raises OperationalError."""
    with _broker() as client:
        left = client.pttl(mark)
    return None if left < 0 else (KEPT - left) / 1000


@contextmanager
def _broker() -> Iterator[Redis]:
    with current_app.connection_for_write() as connection:
        try:
            yield connection.default_channel.client
        except connection.recoverable_connection_errors as error:
            raise OperationalError(str(error)) from error
