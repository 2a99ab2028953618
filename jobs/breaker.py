"""Which providers are to be left alone for a moment, as all workers know it: marks in the broker.

A provider that asks for a pause gets it. One that fails again and again, or refuses us, is cut off for
a while; then one call is let through, and only its success lets the others follow. Without the broker
nobody is cut off: each call then finds out for itself.
"""

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

from redis import Redis
from redis.exceptions import RedisError

from carousels.providers.base import (
    INVALID_ANSWER,
    PROVIDER_REFUSED,
    QUOTA_EXHAUSTED,
    Provider,
    ProviderError,
    Remedy,
)
from carousels.providers.offline import Offline
from jobs import marks

FAILURES_MOST = 5  # in a row, by all workers together, before a provider is cut off
REMEMBERED = timedelta(minutes=5)  # how long a failure counts
CUT_OFF = timedelta(seconds=30)  # for the next calls of a provider that fails
REFUSED = timedelta(minutes=2)  # for one that refuses us: somebody must look at its key or its bill
LONGEST = timedelta(hours=1)  # a pause that a provider may ask for

logger = logging.getLogger(__name__)


class _Seen(threading.local):
    """What this thread saw when it asked for pauses, so that the same call need not ask again."""

    def __init__(self) -> None:
        self.failures: dict[str, int] = {}


_seen = _Seen()


def pauses(providers: Sequence[Provider]) -> dict[str, float]:
    """By name, for how many seconds each of these is to be left alone; who may be called is not in it."""
    left = {}
    with _broker() as broker:
        for provider in filter(_is_watched, providers):
            pause, failures = broker.mget(_mark(provider, "pause"), _mark(provider, "failures"))
            _seen.failures[_mark(provider, "failures")] = int(failures or 0)
            if pause is not None and (wait := broker.pttl(_mark(provider, "pause"))) > 0:
                left[provider.name] = wait / 1000
    return left


def may_try(provider: Provider) -> bool:
    """Whether the call may be made: of a provider that was cut off, one at a time until one succeeds."""
    if not _is_watched(provider) or _seen.failures.get(_mark(provider, "failures"), FAILURES_MOST) == 0:
        return True
    with _broker() as broker:
        if int(broker.get(_mark(provider, "failures")) or 0) >= FAILURES_MOST:
            length = timedelta(seconds=provider.timeout + 1)
            return bool(broker.set(_mark(provider, "trial"), "", nx=True, px=length))
    return True


def note_success(provider: Provider) -> None:
    if _is_watched(provider) and _seen.failures.pop(_mark(provider, "failures"), None) != 0:
        with _broker() as broker:
            broker.delete(_mark(provider, "failures"), _mark(provider, "trial"))


def note_failure(provider: Provider, error: ProviderError) -> None:
    """What of it concerns everybody who wants to call this provider."""
    if not _is_watched(provider):
        return
    _seen.failures.pop(_mark(provider, "failures"), None)
    with _broker() as broker:
        if error.remedy == Remedy.RETRY_LATER and error.retry_after:
            _pause(broker, provider, min(timedelta(seconds=error.retry_after), LONGEST))
        elif error.code in (PROVIDER_REFUSED, QUOTA_EXHAUSTED):
            logger.warning("%s does not take our calls: %s", provider.name, error)
            broker.set(_mark(provider, "failures"), FAILURES_MOST, ex=REMEMBERED)
            _pause(broker, provider, REFUSED)
        elif error.remedy == Remedy.RETRY_NOW and error.code != INVALID_ANSWER:
            _count(broker, provider)
        else:
            forgo_trial(provider)


def forgo_trial(provider: Provider) -> None:
    """Its call was not made, or said nothing of whether the provider is well: the next one may try."""
    if _is_watched(provider):
        with _broker() as broker:
            broker.delete(_mark(provider, "trial"))


def reset(providers: Sequence[Provider]) -> None:
    """Whatever was held against these is forgotten: somebody has looked, and they are well."""
    with _broker() as broker:
        for provider in providers:
            broker.delete(*(_mark(provider, kind) for kind in ("pause", "failures", "trial")))


def _count(broker: Redis, provider: Provider) -> None:
    failures = broker.incr(_mark(provider, "failures"))
    broker.expire(_mark(provider, "failures"), REMEMBERED)
    if failures >= FAILURES_MOST:
        logger.warning("%s failed %d times in a row and is cut off", provider.name, failures)
        broker.delete(_mark(provider, "trial"))
        _pause(broker, provider, CUT_OFF)


def _pause(broker: Redis, provider: Provider, length: timedelta) -> None:
    """The longer of two pauses counts."""
    if not broker.set(_mark(provider, "pause"), "", px=length, nx=True):
        broker.pexpire(_mark(provider, "pause"), length, gt=True)


def _mark(provider: Provider, kind: str) -> str:
    """Limits are a model's, and a model that is gone says nothing about the others."""
    return f"provider:{provider.name}:{provider.model}:{kind}"


def _is_watched(provider: Provider) -> bool:
    return not isinstance(provider, Offline)


@contextmanager
def _broker() -> Iterator[Redis]:
    """The block ends early when the broker is away."""
    try:
        yield marks.broker()
    except RedisError as error:
        logger.warning("the broker does not say who is cut off: %s", error)
