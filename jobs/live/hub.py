"""Who watches which job in this process, and how news reaches them: one subscription to the broker for all.

The rows are the truth. A subscriber takes announced events while they come in sequence; when one is
missing, it reads what it lacks from the rows. At every ping one query says who lacks something.
"""

import asyncio
import json
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
from typing import Any, TypeVar

from django.conf import settings
from django.db import Error, close_old_connections
from django.db.models import Max
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from jobs import news
from jobs.live.frames import Frame, Site, frame_of
from jobs.models import GenerationJob, JobEvent

PING_EVERY = 15.0  # seconds
THREADS = 4  # for the database, each with a connection while it reads
FRAMES_MOST = 100  # that may wait for a slow client; what comes then it reads from the rows
BROKER_PAUSE = 2.0  # seconds between two tries to reach the broker

logger = logging.getLogger(__name__)

Found = TypeVar("Found")


class Subscriber:
    """One open stream. `sent`: the sequence of the last event taken for its client."""

    def __init__(self, *, site: Site, after: int) -> None:
        self.site, self.sent = site, after
        self.is_behind = True  # the rows may hold what it was not told
        self.is_gone = False
        self._frames: deque[Frame] = deque()
        self._news = asyncio.Event()
        self._news.set()

    @property
    def last(self) -> int:
        """The sequence up to which it was told everything."""
        return max(self.sent, self._frames[-1].sequence) if self._frames else self.sent

    def tell(self, frame: Frame) -> None:
        if self.is_behind or frame.sequence <= self.last:
            return
        if frame.sequence == self.last + 1 and len(self._frames) < FRAMES_MOST:
            self._frames.append(frame)
            self.wake()
        else:
            self.fall_behind()

    def fall_behind(self) -> None:
        self._frames.clear()
        self.is_behind = True
        self.wake()

    def leave(self) -> None:
        self.is_gone = True
        self.wake()

    def wake(self) -> None:
        self._news.set()

    async def wait(self) -> None:
        await self._news.wait()
        self._news.clear()

    def take(self) -> list[Frame]:
        frames = list(self._frames)
        self._frames.clear()
        return frames


class Hub:
    def __init__(self, *, ping_every: float = PING_EVERY) -> None:
        self.ping_every = ping_every
        self._subscribers: dict[str, set[Subscriber]] = {}
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="stream")
        self._reads: dict[tuple[str, int, Site], asyncio.Future[list[Frame]]] = {}

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Listen and ping while the block runs; then every stream ends."""
        tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._ping())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for subscriber in self._all():
                subscriber.leave()
            self._threads.shutdown(wait=False)

    @contextmanager
    def subscribe(self, job_id: str, *, site: Site, after: int) -> Iterator[Subscriber]:
        subscriber = Subscriber(site=site, after=after)
        watching = self._subscribers.setdefault(job_id, set())
        watching.add(subscriber)
        try:
            yield subscriber
        finally:
            watching.discard(subscriber)
            if not watching:
                self._subscribers.pop(job_id, None)

    async def follow(self, job_id: str, subscriber: Subscriber) -> AsyncIterator[list[Frame]]:
        """The job's events as they come, to the end or until the subscriber leaves; none at a ping."""
        while True:
            await subscriber.wait()
            if subscriber.is_gone:
                return
            frames = await self._next(job_id, subscriber)
            yield frames
            if frames and frames[-1].is_end:
                return

    async def in_thread(self, work: Callable[..., Found], *arguments: Any) -> Found:
        """Work that asks the database; its connection is dropped, kept or given back as after a request."""
        return await asyncio.get_running_loop().run_in_executor(
            self._threads, _with_connection, work, *arguments
        )

    async def heal(self) -> None:
        """Ask once how far all watched jobs are; who was not told so much reads it from the rows."""
        watched = list(self._subscribers)
        lasts = await self.in_thread(_last_sequences, watched)
        for job_id in watched:
            for subscriber in self._subscribers.get(job_id, ()):
                if job_id not in lasts:
                    subscriber.leave()  # the job was deleted
                elif subscriber.last < lasts[job_id]:
                    subscriber.fall_behind()

    async def _next(self, job_id: str, subscriber: Subscriber) -> list[Frame]:
        frames = await self._read(job_id, subscriber) if subscriber.is_behind else subscriber.take()
        fresh = [frame for frame in frames if frame.sequence > subscriber.sent]
        if fresh:
            subscriber.sent = fresh[-1].sequence
        return fresh

    async def _read(self, job_id: str, subscriber: Subscriber) -> list[Frame]:
        # Before reading: what is announced from now on may be missing in what is read.
        subscriber.is_behind = False
        try:
            return await self._rows(job_id, subscriber.sent, subscriber.site)
        except Error:
            logger.exception("the events of job %s could not be read; the next ping tries again", job_id)
            subscriber.is_behind = True
            return []

    async def _rows(self, *key: Any) -> list[Frame]:
        """Read once for all who ask the same, as long as the reading has not begun."""

        def read() -> list[Frame]:
            self._reads.pop(key)
            return _read_frames(*key)

        reading = self._reads.get(key)  # asked once: a thread may be beginning with it just now
        if reading is None:
            reading = self._reads[key] = asyncio.ensure_future(self.in_thread(read))
        return await asyncio.shield(reading)  # one who leaves must not take it from the others

    async def _listen(self) -> None:
        """Hear what is announced. What was announced while nobody listened is read from the rows."""
        while True:
            try:
                async with _broker() as broker, broker.pubsub() as pubsub:
                    await pubsub.psubscribe(f"{news.CHANNEL}*")
                    async for message in pubsub.listen():
                        await self._hear(message)
            except RedisError as error:
                logger.warning("the broker cannot be listened to, pings tell what is new: %s", error)
            except Exception:
                # The last line of defence: one message that nobody foresaw must not make us deaf.
                logger.exception("listening broke off")
            await asyncio.sleep(BROKER_PAUSE)

    async def _hear(self, message: dict[str, Any]) -> None:
        if message["type"] == "psubscribe":
            await self._try_to_heal()
            return
        watching = self._subscribers.get(message["channel"].decode().removeprefix(news.CHANNEL))
        if not watching:
            return
        told = json.loads(message["data"])
        frames = {
            site: [frame_of(event, site) for event in told]
            for site in {subscriber.site for subscriber in watching}
        }
        for subscriber in watching:
            for frame in frames[subscriber.site]:
                subscriber.tell(frame)

    async def _ping(self) -> None:
        while True:
            await asyncio.sleep(self.ping_every)
            await self._try_to_heal()
            for subscriber in self._all():
                subscriber.wake()

    async def _try_to_heal(self) -> None:
        try:
            await self.heal()
        except Exception:
            # The last line of defence again: a database that is away must not end the pings.
            logger.exception("the watched jobs could not be read; the next ping tries again")

    def _all(self) -> list[Subscriber]:
        return [subscriber for watching in self._subscribers.values() for subscriber in watching]


def _with_connection(work: Callable[..., Found], *arguments: Any) -> Found:
    close_old_connections()
    try:
        return work(*arguments)
    finally:
        close_old_connections()


def _last_sequences(job_ids: list[str]) -> dict[str, int]:
    jobs = GenerationJob.objects.filter(pk__in=job_ids).values_list("pk")
    return {str(job_id): last or 0 for job_id, last in jobs.annotate(last=Max("events__sequence"))}


def _read_frames(job_id: str, after: int, site: Site) -> list[Frame]:
    events = JobEvent.objects.filter(job=job_id, sequence__gt=after).order_by("sequence")
    return [frame_of(news.as_json(event), site) for event in events]


def _broker() -> Redis:
    return Redis.from_url(
        settings.CELERY_BROKER_URL,
        socket_connect_timeout=5,
        socket_keepalive=True,  # a broker whose machine vanished is noticed by the kernel
        retry=Retry(NoBackoff(), 0),
    )
