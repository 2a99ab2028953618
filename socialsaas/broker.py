"""Kombu's Redis transport, for a worker that holds messages while its broker goes away.

Kombu 5.7.0 stops half way through closing a channel when the connection is dead on which it waits for
the next message, and Celery 5.7.0, which closes it a second time, then ends the whole worker.
"""

from kombu.transport import TRANSPORT_ALIASES, redis


class Channel(redis.Channel):
    def close(self) -> None:
        try:
            super().close()
        except self.connection_errors:
            super().close()  # it waits for nothing any more, and goes through with it


class Transport(redis.Transport):
    Channel = Channel


def register() -> None:
    """Have the URLs of Redis and Valkey served by this transport."""
    TRANSPORT_ALIASES.update(dict.fromkeys(("redis", "rediss"), f"{__name__}:Transport"))
