"""django-q2's worker, started by its own command `qcluster`: every message names `step` by its path."""

from typing import Any

from django_q.tasks import async_task

from bench.pipeline.peers import delivery


def step(task: str, kwargs: dict[str, Any]) -> None:
    delivery.deliver(task, kwargs)


class Sender:
    def send_task(self, task: str, *, kwargs: dict[str, Any], **_: Any) -> None:
        async_task("bench.pipeline.peers.q2_app.step", task, kwargs)


delivery.work_with(Sender())
