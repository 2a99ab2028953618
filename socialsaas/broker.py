"""Kombu's Redis transport, for a worker that holds messages while its broker goes away, and thriftier.

Kombu 5.7.0 stops half way through closing a channel when the connection is dead on which it waits for
the next message, and Celery 5.7.0, which closes it a second time, then ends the whole worker. And it makes
a client for every command, which costs more than the command itself.
"""

from typing import Any

from kombu.transport import TRANSPORT_ALIASES, redis, virtual
from redis import Redis


class QoS(virtual.QoS):
    """The messages that a worker holds: given back when it stops, if there is a broker to take them."""

    def restore_unacked(self) -> list[tuple[BaseException, Any]]:
        # Kombu would wait for each of them in vain, and write them to a file that nobody reads.
        try:
            with self.channel.conn_or_acquire() as client:
                client.ping()
        except self.channel.connection_errors:
            self._delivered.clear()  # the sweep sends them again
        return super().restore_unacked()


class Channel(redis.Channel):
    _kept: Redis | None = None

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not self.ack_emulation:  # else the broker holds them
            self.QoS = QoS

    def _create_client(self, asynchronous: bool = False) -> Redis:
        if asynchronous:  # holds a connection of its own while it waits for messages
            return super()._create_client(asynchronous=True)
        if self._kept is None or self._kept.connection_pool is not self.pool:  # a fork has a new pool
            self._kept = super()._create_client()
        return self._kept

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
