"""The product's own Celery application with other step bodies: `celery -A bench.pipeline.celery_app`."""

from celery.signals import import_modules
from django.db import connection

from socialsaas.celery import app

__all__ = ["app"]


@import_modules.connect(sender=app, weak=False)
def replace_bodies(**_) -> None:
    from bench.pipeline import noop  # needs the apps, which are loaded by now

    noop.install()


@app.task(name="bench.call")
def call(*, server: str, name: str) -> None:
    """A call alone: what a message, a thread and the database's pool cost, without the pipeline's rows."""
    from bench.pipeline import slow_server
    from jobs import connections

    _touch_database()
    connections.release_pooled()
    slow_server.ask(server, name)
    _touch_database()


def _touch_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
