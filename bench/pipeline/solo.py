"""The contestants that deliver nothing: one process that does every state change itself, job after job."""

import os
from collections import deque
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import django

Work = Callable[[int], Any]


def serve(name: str, pipe: Connection) -> None:
    """Make a job for every user of a list that comes through the pipe, and answer with their ids."""
    os.environ["PROCESS_ROLE"] = "render"  # keeps its connection
    django.setup()
    work = {"ORM inline": inline, "raw SQL": raw}[name]()
    while (users := pipe.recv()) is not None:
        pipe.send([work(user) for user in users])


class Line:
    """A queue in memory in the broker's place: what is sent is done next."""

    def __init__(self) -> None:
        self.messages: deque[tuple[str, dict[str, Any]]] = deque()

    def send_task(self, task: str, *, kwargs: dict[str, Any], **_: Any) -> None:
        self.messages.append((task, kwargs))


def inline() -> Work:
    """The product's own functions, one after the other."""
    from django.utils import timezone

    from accounts.models import User
    from bench.pipeline import noop
    from bench.pipeline.peers import delivery
    from jobs import courier, dispatch, queue

    courier.PAUSE = 0.0  # nobody else is there whose start could go along
    line = Line()
    delivery.work_with(line)

    def work(user_id: int) -> Any:
        user = User.objects.get(pk=user_id)
        job = queue.submit(user=user, payload=noop.PAYLOAD, now=timezone.now()).job
        dispatch.starts.flush()
        while line.messages:
            delivery.deliver(*line.messages.popleft())
        return job.pk

    return work


def raw() -> Work:
    """The same rows by SQL."""
    from bench.pipeline import floor

    return floor.connect().work
