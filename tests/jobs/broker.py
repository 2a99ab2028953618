"""The test run's broker, seen from outside: emptied, read, refused and stalled."""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from celery import current_app as app
from django.conf import settings
from django.test import override_settings
from kombu import pools
from redis import Redis

from jobs import dispatch, marks, news

QUEUES = ("ai", "render", "control", "webhooks")


class Message(NamedTuple):
    task: str
    kwargs: dict[str, Any]
    priority: int
    eta: str | None


def empty() -> None:
    assert dispatch.starts.flush()
    with app.connection_for_write() as connection:
        for name in QUEUES:
            connection.default_channel.queue_purge(name)


def take_all(queue: str) -> list[Message]:
    """Every message of a queue in the order a worker would get them."""
    assert dispatch.starts.flush()
    taken = []
    with app.connection_for_read() as connection:
        channel = connection.default_channel
        while (raw := channel.basic_get(queue, no_ack=True)) is not None:
            _, kwargs, _ = json.loads(raw.body)
            taken.append(Message(raw.headers["task"], kwargs, raw.properties["priority"], raw.headers["eta"]))
    return taken


def count(queue: str) -> int:
    assert dispatch.starts.flush()
    return dispatch.messages_in(queue)


@contextmanager
def at(url: str) -> Iterator[None]:
    """The broker is at another address, with the web process' patience of one second and one try."""
    assert dispatch.starts.flush()
    conf = app.conf
    before = conf.broker_url, conf.broker_transport_options
    patience = {"socket_timeout": 1, "socket_connect_timeout": 1, "max_retries": 0}
    _reconnect(url, conf.broker_transport_options | patience)
    marks.broker.cache_clear()
    try:
        with override_settings(CELERY_BROKER_URL=url):
            yield
    finally:
        dispatch.starts.flush(timeout=10)  # it may wait for a broker that is silent
        _reconnect(*before)
        marks.broker.cache_clear()


@contextmanager
def overheard() -> Iterator[list[tuple[str, list[dict[str, Any]]]]]:
    """What is announced meanwhile, as (job's id, events); there when the block has ended."""
    heard = []
    with Redis.from_url(settings.CELERY_BROKER_URL) as client, client.pubsub() as pubsub:
        pubsub.psubscribe(f"{news.CHANNEL}*")
        assert pubsub.get_message(timeout=5)["type"] == "psubscribe"
        yield heard
        while (message := pubsub.get_message(timeout=0.2)) is not None:
            heard.append(
                (message["channel"].decode().removeprefix(news.CHANNEL), json.loads(message["data"]))
            )


@contextmanager
def refused() -> Iterator[None]:
    """Nobody listens where the broker should be."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with at(f"redis://127.0.0.1:{unused.getsockname()[1]}/0"):
            yield


@contextmanager
def stalled() -> Iterator[None]:
    """Somebody takes the call and never says a word, like a broker that was SIGSTOPped."""
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        at(f"redis://127.0.0.1:{silent.getsockname()[1]}/0"),
    ):
        yield


def _reconnect(url: str, transport_options: dict[str, Any]) -> None:
    app.conf.broker_url, app.conf.broker_transport_options = url, transport_options
    pools.reset()
    app._pool = app.amqp._producer_pool = None


@contextmanager
def overheard_commands(asked: list[str]) -> Iterator[None]:
    """The names of the commands that the product's own client sends meanwhile."""
    client = marks.broker()
    send = client.execute_command

    def heard(*command: Any, **options: Any) -> Any:
        asked.append(command[0])
        return send(*command, **options)

    client.execute_command = heard
    try:
        yield
    finally:
        del client.execute_command
