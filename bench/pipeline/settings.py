"""The product's settings with the peers' apps beside them, so that one database serves all contestants."""

from socialsaas.settings import *  # noqa: F403
from socialsaas.settings import CELERY_BROKER_URL, INSTALLED_APPS

CONCURRENCY, PROCESSES = 8, 2  # of every contestant: threads in one process, or processes

INSTALLED_APPS = [*INSTALLED_APPS, "procrastinate.contrib.django", "django_q"]
PROCRASTINATE_IMPORT_PATHS = ["bench.pipeline.peers.procrastinate_app"]
Q_CLUSTER = {
    "name": "bench",
    "redis": CELERY_BROKER_URL,
    "workers": PROCESSES,
    "queue_limit": 4 * PROCESSES,
    "recycle": 10_000,
    "timeout": 300,  # seconds
    "retry": 600,
    "save_limit": -1,  # a success leaves no row
    "scheduler": False,
}
