"""The floor: the same state changes as SQL written by hand, prepared, in one process, nothing delivered.

It makes a job's rows in as many transactions as the pipeline does (one to submit, one to start, and for
every step a claim, a call reserved and settled, and a record), with the same locks, but reads only what
it must decide on.
`rows.py` checks that what it leaves is what the pipeline leaves.
"""

import os
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import environ
import psycopg
from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from bench.pipeline import floor_result, noop
from bench.pipeline.floor_sql import (
    ADD_CAROUSEL,
    ADD_CHARGE,
    ADD_EVENT,
    ADD_JOB,
    ADD_SLIDES,
    ADD_STEPS,
    CHARGE,
    CLAIM,
    COMPLETE_CAROUSEL,
    COMPLETE_JOB,
    COUNT_LEFT,
    FINISH_SLIDES,
    LOCK,
    PAINT,
    QUEUE,
    RESERVE,
    SETTLE,
    SETTLE_CALL,
    SHOW,
    START,
    WRITE,
)

LEASE = timedelta(seconds=30)
REDRIVE = timedelta(seconds=60)
MARGIN = timedelta(seconds=5)
ESTIMATE = timedelta(seconds=60)
NUMBERS = range(1, noop.SLIDES + 1)


def connect(database: str | None = None) -> "Floor":
    """To the database of DATABASE_URL, or to another one of that server."""
    options = environ.Env.db_url_config(os.environ["DATABASE_URL"])
    connection = psycopg.connect(
        dbname=database or options["NAME"],
        user=options["USER"],
        host=options["HOST"],
        port=options["PORT"] or None,
        autocommit=True,
        prepare_threshold=0,
        row_factory=tuple_row,
    )
    return Floor(connection)


class Floor:
    def __init__(self, connection: psycopg.Connection) -> None:
        self.connection = connection

    def work(self, user_id: Any) -> uuid.UUID:
        """One job from submit to completion; returns its id."""
        job = Job(self.connection, user_id)
        job.submit()
        job.start()
        job.write_strategy()
        for number in NUMBERS:
            job.paint_slide(number)
        job.finalize()
        return job.id


class Job:
    def __init__(self, connection: psycopg.Connection, user_id: Any) -> None:
        self.connection, self.user = connection, user_id
        self.id, self.carousel = uuid.uuid4(), uuid.uuid4()
        self.reference = f"job:{self.id}:1"
        self.sequence = 0
        self.steps: dict[tuple[str, int | None], int] = {}

    def submit(self) -> None:
        now = _now()
        with self.connection.transaction():
            self._run(
                ADD_CAROUSEL,
                id=self.carousel,
                user=self.user,
                prompt=noop.PAYLOAD["prompt"],
                count=noop.SLIDES,
                ratio=noop.PAYLOAD["aspectRatio"],
                estimate=now + ESTIMATE,
            )
            self._run(
                ADD_JOB,
                id=self.id,
                carousel=self.carousel,
                user=self.user,
                payload=Jsonb(noop.PAYLOAD),
                now=now,
            )
            self._tell(None, None, "queued", now, 0, "Queued for processing...", by=f"user:{self.user}")
            balance, day = self._run(CHARGE, user=self.user, today=now.date()).fetchone()
            self._run(ADD_CHARGE, user=self.user, balance=balance, reference=self.reference, day=day)

    def start(self) -> None:
        now = _now()
        with self.connection.transaction():
            self._lock()
            rows = self._run(ADD_STEPS, job=self.id, count=noop.SLIDES, redrive=now + REDRIVE).fetchall()
            self.steps = {(kind, number): pk for pk, kind, number in rows}
            self._run(START, job=self.id, now=now)
            self._tell(None, "queued", "processing", now, 0, "Starting generation...")
            self._tell("strategy", "waiting", "queued", now, 0, "Starting generation...")
            self._show(0, "Starting generation...", now)

    def write_strategy(self) -> None:
        owner = self._claim("strategy")
        self._call("strategy", "words", noop.TEXT)
        now = _now()
        with self.connection.transaction():
            self._lock()
            self._settle("strategy", owner, now, 20, "Creating content strategy...")
            plans = [noop.plan(number) for number in NUMBERS]
            self._run(
                ADD_SLIDES,
                carousel=self.carousel,
                numbers=list(NUMBERS),
                titles=[plan.title for plan in plans],
                captions=[plan.caption for plan in plans],
                prompts=[plan.image_prompt for plan in plans],
                alts=[plan.alt_text for plan in plans],
            )
            self._write(now)
            self._run(QUEUE, job=self.id, kind="slide", redrive=now + REDRIVE)
            for number in NUMBERS:
                self._tell(
                    "slide", "waiting", "queued", now, 20, "Creating content strategy...", number=number
                )
            self._show(20, "Creating content strategy...", now)

    def paint_slide(self, number: int) -> None:
        owner = self._claim("slide", number)
        plan, preview = noop.plan(number), self._store(f"preview-{number:02d}.jpg")
        picture = {
            "image_prompt": plan.image_prompt,
            "key": self._store(f"art-{number:02d}.jpg"),
            "source": {
                "provider": noop.IMAGE.name,
                "model": noop.IMAGE.model,
                "prompt": plan.image_prompt,
                "isPhoto": True,
            },
        }
        self._call("slide", "picture", noop.IMAGE, number, picture=picture, preview_key=preview)
        now = _now()
        with self.connection.transaction():
            self._lock()
            left = self._run(COUNT_LEFT, job=self.id).fetchone()[0] - 1
            settled = noop.SLIDES - left
            percent, message = (
                20 + 60 * settled // noop.SLIDES,
                f"Generating slide {settled}/{noop.SLIDES}...",
            )
            self._settle("slide", owner, now, percent, message, number=number, previewKey=preview)
            key, source = picture["key"], Jsonb(picture["source"])
            self._run(PAINT, carousel=self.carousel, number=number, key=key, source=source)
            if not left:
                percent, message = 90, "Finalizing carousel..."
                self._run(QUEUE, job=self.id, kind="finalize", redrive=now + REDRIVE)
                self._tell("finalize", "waiting", "queued", now, percent, message)
            self._show(percent, message, now)

    def finalize(self) -> None:
        owner = self._claim("finalize")
        now = _now()
        with self.connection.transaction():
            started_at = self._lock()
            self._settle("finalize", owner, now, 100, "Carousel ready!")
            keys = floor_result.keys_of(self.carousel)
            self._run(FINISH_SLIDES, carousel=self.carousel, numbers=list(NUMBERS), **keys)
            made = floor_result.made(seconds=(now - started_at).total_seconds())
            verdict = {"preflight": {"passed": True, "faults": []}, "revision": self.reference}
            self._run(
                COMPLETE_CAROUSEL,
                carousel=self.carousel,
                pdf=noop.store(carousel_id=self.carousel, name="carousel.pdf", data=b""),
                metadata=Jsonb({"repairs": [], **made, **verdict}),
                now=now,
            )
            result = floor_result.build(self.carousel, keys=keys, made=made)
            self._run(COMPLETE_JOB, job=self.id, result=Jsonb(result), now=now)
            self._tell(None, "processing", "completed", now, 100, "Carousel ready!")

    def _write(self, now: datetime) -> None:
        strategy = noop.STRATEGY
        self._run(
            WRITE,
            carousel=self.carousel,
            title=strategy.title,
            language=strategy.language,
            theme=strategy.visual_theme,
            hashtags=Jsonb(list(strategy.hashtags)),
            caption=strategy.final_caption,
            author=f"job:{self.id}",
            metadata=Jsonb({"repairs": []}),
            now=now,
        )

    def _lock(self) -> datetime | None:
        return self._run(LOCK, job=self.id).fetchone()[0]

    def _claim(self, kind: str, number: int | None = None) -> uuid.UUID:
        owner, now = uuid.uuid4(), _now()
        step = self.steps[kind, number]
        claimed = self._run(CLAIM, step=step, job=self.id, owner=owner, lease=now + LEASE, now=now)
        assert claimed.rowcount == 1
        return owner

    def _store(self, name: str) -> str:
        return noop.store(carousel_id=self.carousel, name=name, data=b"")

    def _call(
        self, kind: str, purpose: str, provider: noop.Noop, number: int | None = None, **result: Any
    ) -> None:
        """Reserved before it is made, and settled after it; between the two there is nothing to do."""
        now = _now()
        (call,) = self._run(
            RESERVE,
            job=self.id,
            kind=kind,
            number=number,
            purpose=purpose,
            provider=provider.name,
            model=provider.model,
            cost=noop.COST,
            now=now,
            expires=now + timedelta(seconds=provider.timeout) + MARGIN,
        ).fetchone()
        kept = Jsonb(result) if result else None
        self._run(SETTLE_CALL, call=call, result=kept, cost=noop.COST, now=_now())

    def _settle(
        self,
        kind: str,
        owner: uuid.UUID,
        now: datetime,
        percent: int,
        message: str,
        number: int | None = None,
        **data: str,
    ) -> None:
        settled = self._run(SETTLE, step=self.steps[kind, number], owner=owner, now=now)
        assert settled.rowcount == 1
        self._tell(kind, "running", "done", now, percent, message, number=number, **data)

    def _tell(
        self,
        kind: str | None,
        before: str | None,
        after: str,
        now: datetime,
        percent: int,
        message: str,
        *,
        number: int | None = None,
        by: str = "system",
        **data: str,
    ) -> None:
        self.sequence += 1
        self._run(
            ADD_EVENT,
            job=self.id,
            sequence=self.sequence,
            kind=kind,
            number=number,
            before=before,
            after=after,
            by=by,
            data=Jsonb({"percent": percent, "message": message, **data}),
            now=now,
        )

    def _show(self, percent: int, message: str, now: datetime) -> None:
        self._run(SHOW, carousel=self.carousel, percent=percent, message=message, now=now)

    def _run(self, statement: str, **values: Any) -> psycopg.Cursor:
        return self.connection.execute(statement, values)


def _now() -> datetime:
    return datetime.now(UTC)
