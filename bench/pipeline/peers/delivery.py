"""What every peer does with a message: the product's own adapters (`jobs/tasks.py`) as plain functions.

A peer replaces who delivers, at the one place where messages leave (`jobs/dispatch.py`), and nothing else.
"""

from typing import Any, Protocol

from django.db import close_old_connections

from bench.pipeline import noop
from jobs import dispatch, tasks

BODIES = {
    task.name: task.run for task in (tasks.start, tasks.write_strategy, tasks.paint_slide, tasks.finalize)
}


class Sender(Protocol):
    """What `jobs/dispatch.py` asks of Celery's application."""

    def send_task(self, task: str, *, kwargs: dict[str, Any], **options: Any) -> None: ...


def work_with(sender: Sender) -> None:
    """Make this process a worker of `sender`'s queue, whose steps do nothing."""
    noop.install()
    dispatch.current_app = sender


def deliver(task: str, kwargs: dict[str, Any]) -> None:
    try:
        BODIES[task](**kwargs)
    finally:
        close_old_connections()
