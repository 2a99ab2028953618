"""A worker's channel whose connection dies while it waits for a message and holds another; its clients."""

import os
import socket
import uuid

import kombu
import pytest
from kombu.transport import redis

from socialsaas.broker import Transport
from socialsaas.celery import app


def close_after_loss(transport: type[redis.Transport]) -> bool:
    """Do what Celery's worker does when its broker is lost; whether the message held is there again."""
    queue = uuid.uuid4().hex
    with kombu.Connection(os.environ["REDIS_URL"], transport=transport) as connection:
        connection.SimpleQueue(queue).put("held")
        connection.default_channel.basic_get(queue)  # and not acknowledged
        for channel in (connection.default_channel, connection.channel()):
            channel.basic_consume(queue, no_ack=False, callback=print, consumer_tag="waits")
            channel.connection.cycle._register_BRPOP(channel)
            channel.client.connection._sock.shutdown(socket.SHUT_RDWR)

        connection.collect(socket_timeout=1)  # both, as `on_connection_error_after_connected` does
        connection.close()

    with kombu.Connection(os.environ["REDIS_URL"]) as other:
        return other.default_channel.basic_get(queue, no_ack=True) is not None


def test_lost_connection_closes_and_its_message_is_offered_again():
    assert close_after_loss(Transport)


def test_worker_never_gives_its_broker_up():
    assert app.conf.broker_connection_max_retries is None


def test_kombu_alone_ends_the_worker():
    """The day this fails, `socialsaas/broker.py` can go."""
    with pytest.raises(AttributeError, match="hostname"):
        close_after_loss(redis.Transport)


@pytest.fixture
def channel():
    with kombu.Connection(os.environ["REDIS_URL"], transport=Transport) as connection:
        yield connection.default_channel


def test_channel_keeps_one_client_for_its_commands(channel):
    with channel.conn_or_acquire() as first, channel.conn_or_acquire() as second:
        assert first is second
        assert first.ping() is True


def test_message_is_held_and_acknowledged_without_a_transaction(channel):
    queue = uuid.uuid4().hex
    channel.connection.client.SimpleQueue(queue).put("held")
    with channel.conn_or_acquire() as client:
        client.config_resetstat()
        message = channel.basic_get(queue)
        held = client.hexists(channel.unacked_key, message.delivery_tag)
        channel.basic_ack(message.delivery_tag)
        commands = set(client.info("commandstats"))

        assert (held, client.hexists(channel.unacked_key, message.delivery_tag)) == (True, False)
    assert {"cmdstat_zadd", "cmdstat_hset", "cmdstat_zrem", "cmdstat_hdel"} <= commands
    assert not {"cmdstat_multi", "cmdstat_exec"} & commands


def test_channel_has_another_client_after_a_fork(channel):
    with channel.conn_or_acquire() as before:
        channel._after_fork()

    with channel.conn_or_acquire() as after:
        assert after is not before
        assert after.ping() is True


def test_waiting_for_messages_has_a_client_of_its_own(channel):
    with channel.conn_or_acquire() as shared:
        assert channel.client is not shared
