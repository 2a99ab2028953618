"""procrastinate's task and sender; read by procrastinate itself before Django is ready."""

from typing import Any

from procrastinate.contrib.django import app


@app.task(name="step")
def step(task: str, kwargs: dict[str, Any]) -> None:
    from bench.pipeline.peers import delivery  # needs the apps

    delivery.deliver(task, kwargs)


class Sender:
    def send_task(self, task: str, *, kwargs: dict[str, Any], **_: Any) -> None:
        step.defer(task=task, kwargs=kwargs)
