"""The broker beside Celery: for marks and news that may be lost. One client per process, for all threads.

Whoever uses it bears RedisError: what is kept there is never the only truth.
"""

from functools import cache

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

TIMEOUT = 1  # seconds


@cache
def broker() -> Redis:
    """It tries once: nobody waits for a mark."""
    return Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
