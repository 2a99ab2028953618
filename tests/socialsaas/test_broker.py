"""A worker's channel whose connection dies while it waits for a message and holds another; its clients."""

import os
import socket
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import kombu
import pytest
from django.conf import settings
from kombu.transport import redis, virtual

from socialsaas.broker import Channel, Transport
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


@contextmanager
def connected() -> Iterator[Channel]:
    """A channel as the product's processes open it."""
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    with kombu.Connection(os.environ["REDIS_URL"], transport=Transport, transport_options=options) as made:
        yield made.default_channel


@pytest.fixture
def channel():
    with connected() as opened:
        yield opened


def test_channel_keeps_one_client_for_its_commands(channel):
    with channel.conn_or_acquire() as first, channel.conn_or_acquire() as second:
        assert first is second
        assert first.ping() is True


def test_message_is_taken_without_a_second_book_of_deliveries(channel):
    queue = uuid.uuid4().hex
    channel.connection.client.SimpleQueue(queue).put("taken")
    with channel.conn_or_acquire() as client:
        client.config_resetstat()
        message = channel.basic_get(queue)
        channel.basic_ack(message.delivery_tag)

        commands = {name.removeprefix("cmdstat_") for name in client.info("commandstats")}
    assert "rpop" in commands
    assert not {"zadd", "hset", "zrem", "hdel", "multi"} & commands


def test_message_that_a_stopping_worker_had_not_begun_goes_back_into_its_queue(channel):
    queue = uuid.uuid4().hex
    channel.connection.client.SimpleQueue(queue).put("not begun")
    with connected() as stopping:
        stopping.basic_get(queue)

    assert channel.basic_get(queue, no_ack=True).payload == "not begun"


def lose_broker_with_a_message(channel: redis.Channel, *, port: int) -> None:
    queue = uuid.uuid4().hex
    channel.connection.client.SimpleQueue(queue).put("held")
    channel.basic_get(queue)
    channel.connection.client.port = port
    channel.close()


@pytest.fixture
def dumps(monkeypatch, tmp_path):
    """Where kombu writes the messages that it could not give back."""
    folder = tmp_path / "dumps"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def dead_port() -> Iterator[int]:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield unused.getsockname()[1]


def test_message_held_while_the_broker_is_away_is_left_to_the_sweep(channel, dumps, dead_port):
    lose_broker_with_a_message(channel, port=dead_port)

    assert list(dumps.iterdir()) == []


def test_kombu_alone_writes_it_to_a_file(channel, dumps, dead_port):
    channel.QoS = virtual.QoS

    lose_broker_with_a_message(channel, port=dead_port)

    assert len(list(dumps.iterdir())) == 1


def test_channel_has_another_client_after_a_fork(channel):
    with channel.conn_or_acquire() as before:
        channel._after_fork()

    with channel.conn_or_acquire() as after:
        assert after is not before
        assert after.ping() is True


def test_waiting_for_messages_has_a_client_of_its_own(channel):
    with channel.conn_or_acquire() as shared:
        assert channel.client is not shared
