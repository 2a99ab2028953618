"""dramatiq's worker: `dramatiq bench.pipeline.peers.dramatiq_app --processes 1 --threads 8`."""

import os
from typing import Any

import django
import dramatiq
from dramatiq.brokers.redis import RedisBroker

django.setup()

from bench.pipeline.peers import delivery  # noqa: E402  needs the apps

broker = RedisBroker(url=os.environ["REDIS_URL"])
dramatiq.set_broker(broker)


@dramatiq.actor(max_retries=0)
def step(task: str, kwargs: dict[str, Any]) -> None:
    delivery.deliver(task, kwargs)


class Sender:
    def send_task(self, task: str, *, kwargs: dict[str, Any], **_: Any) -> None:
        step.send(task, kwargs)


delivery.work_with(Sender())
