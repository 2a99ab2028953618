"""The only writer of Carousel and Slide rows: what was asked, written, painted and finished.

The caller (jobs) holds the carousel's lock where order matters; nothing here decides about jobs.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

from accounts.models import User
from carousels.brief import Brief
from carousels.models import QUEUED_MESSAGE, Carousel, CarouselStatus, Slide
from carousels.providers.base import SlidePlan, Strategy

# Plain SQL where every job or every step of it comes by: the ORM takes four times as long to say the same.
ADDED = ("id", "user_id", "prompt", "image_count", "aspect_ratio", "estimated_completion_time")
ADD = """
INSERT INTO carousels (id, user_id, prompt, image_count, aspect_ratio, estimated_completion_time, brand)
VALUES (%(id)s, %(user_id)s, %(prompt)s, %(image_count)s, %(aspect_ratio)s, %(estimated_completion_time)s,
    %(brand)s)
RETURNING created_at, updated_at
"""
SHOW = """
UPDATE carousels SET progress_percent = %s, progress_message = %s, updated_at = %s,
    status = COALESCE(%s, status), estimated_completion_time = COALESCE(%s, estimated_completion_time)
WHERE id = %s
"""
ATTACH_ART = """
UPDATE slides SET image_prompt = %s, art_key = %s, art_source = %s WHERE carousel_id = %s AND number = %s
"""
# All slides at once; the columns are FinishedSlide's, in their order.
NAME_FILES = """
UPDATE slides SET image_key = file.image_key, jpeg_key = file.jpeg_key, thumbnail_key = file.thumbnail_key
FROM unnest(%s::int[], %s::text[], %s::text[], %s::text[])
    AS file (number, image_key, jpeg_key, thumbnail_key)
WHERE slides.carousel_id = %s AND slides.number = file.number
"""
PLAN_COLUMNS = {"number", "kind", "title", "caption", "image_prompt", "alt_text"}


class CarouselNotFound(Exception):
    """No such carousel, or not this user's."""


class CarouselNotReady(Exception):
    """Only a finished carousel, with all its files, can be set anew or packed."""


@dataclass(frozen=True)
class FinishedSlide:
    number: int
    image_key: str
    jpeg_key: str
    thumbnail_key: str


def create(
    *, user: User, brief: Brief, estimated_completion_time: datetime, brand: Mapping[str, Any] | None = None
) -> Carousel:
    """`brand` is what the brand kit said at this moment (`brands.snapshot`), and perhaps a `watermark`."""
    made = Carousel(
        user=user,
        prompt=brief.prompt,
        image_count=brief.image_count,
        aspect_ratio=brief.aspect_ratio,
        estimated_completion_time=estimated_completion_time,
        brand=dict(brand or {}),
    )
    values = {name: getattr(made, name) for name in ADDED} | {"brand": Jsonb(made.brand)}
    with connection.cursor() as cursor:
        cursor.execute(ADD, values)
        made.created_at, made.updated_at = cursor.fetchone()
    return made


def lock(*, carousel_id, user: User) -> Carousel:
    """The user's own carousel, locked: whatever starts a job on it comes through here."""
    try:
        return Carousel.objects.select_for_update(no_key=True).get(pk=uuid.UUID(str(carousel_id)), user=user)
    except (ValueError, Carousel.DoesNotExist):
        raise CarouselNotFound(carousel_id) from None


def reopen(*, carousel_id, estimated_completion_time: datetime, now: datetime) -> None:
    """Back in the queue for another run; what was written and painted stays."""
    _update(
        carousel_id,
        now,
        status=CarouselStatus.PENDING,
        progress_percent=0,
        progress_message=QUEUED_MESSAGE,
        estimated_completion_time=estimated_completion_time,
        error_message=None,
    )


def show_progress(
    *, carousel_id, percent: int, message: str, done_at: datetime | None, now: datetime
) -> None:
    """`done_at`: when it is expected to be done; None leaves what was expected."""
    _run(SHOW, percent, message, now, CarouselStatus.PROCESSING.value, done_at, carousel_id)


def draft(*, carousel: Carousel, brief: Brief, strategy: Strategy) -> list[Slide]:
    """The rows that `write_strategy` would write, for whoever wants to see them first; nothing is saved."""
    carousel.title, carousel.language = strategy.title, strategy.language
    carousel.theme, carousel.palette = strategy.visual_theme, strategy.palette
    carousel.aspect_ratio = brief.aspect_ratio
    return [_slide(carousel.pk, plan) for plan in strategy.slides]


def write_strategy(
    *,
    carousel_id,
    brief: Brief,
    strategy: Strategy,
    repairs: Sequence[Mapping[str, Any]],
    written_by: str,
    now: datetime,
) -> None:
    """Replace the carousel's words. Pictures made for other words go with the slides they stood on."""
    Slide.objects.filter(carousel_id=carousel_id).delete()
    Slide.objects.bulk_create(_slide(carousel_id, plan) for plan in strategy.slides)
    _update(
        carousel_id,
        now,
        prompt=brief.prompt,
        image_count=brief.image_count,
        aspect_ratio=brief.aspect_ratio,
        title=strategy.title,
        language=strategy.language,
        theme=strategy.visual_theme,
        palette=strategy.palette,
        hashtags=list(strategy.hashtags),
        final_caption=strategy.final_caption,
        written_by=written_by,
        generation_metadata={"repairs": list(repairs)},
    )


def attach_art(*, carousel_id, number: int, image_prompt: str, key: str, source: Mapping[str, Any]) -> None:
    """The slide's picture, and the prompt that it was made from."""
    _run(ATTACH_ART, image_prompt, key, Jsonb(dict(source)), carousel_id, number)


def revise(*, carousel: Carousel, slides: Sequence[Slide], now: datetime) -> None:
    """Write what a `Revision` changed on these rows."""
    _update(
        carousel.pk,
        now,
        aspect_ratio=carousel.aspect_ratio,
        theme=carousel.theme,
        palette=carousel.palette,
        brand=carousel.brand,
        final_caption=carousel.final_caption,
    )
    Slide.objects.bulk_update(slides, ["title", "caption", "alt_text", "content"])


def complete(
    *,
    carousel_id,
    slides: Sequence[FinishedSlide],
    pdf_key: str,
    metadata: Mapping[str, Any],
    percent: int,
    message: str,
    now: datetime,
) -> None:
    if slides:  # there are none when only the words were asked for
        _run(NAME_FILES, *map(list, zip(*map(astuple, slides), strict=True)), carousel_id)
    _update(
        carousel_id,
        now,
        status=CarouselStatus.COMPLETED,
        progress_percent=percent,
        progress_message=message,
        pdf_key=pdf_key,
        generation_metadata=dict(metadata),
        error_message=None,
    )


def keep(*, carousel_id, percent: int, message: str, now: datetime, done_at: datetime | None = None) -> None:
    """Show how far a render is; what was ready stays ready, whatever becomes of it."""
    _run(SHOW, percent, message, now, None, done_at, carousel_id)


def fail(*, carousel_id, message: str, now: datetime) -> None:
    _update(carousel_id, now, status=CarouselStatus.FAILED, error_message=message)


def cancel(*, carousel_id, now: datetime) -> None:
    _update(carousel_id, now, status=CarouselStatus.CANCELLED)


def _run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def _update(carousel_id, now: datetime, **columns: Any) -> None:
    Carousel.objects.filter(pk=carousel_id).update(updated_at=now, **columns)


def _slide(carousel_id, plan: SlidePlan) -> Slide:
    columns = {name: getattr(plan, name) for name in PLAN_COLUMNS}
    content = {name: value for name, value in vars(plan).items() if name not in PLAN_COLUMNS and value}
    return Slide(carousel_id=carousel_id, content=content, **columns)
