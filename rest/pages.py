"""Pages by cursor, newest first. Each says where the next one begins: rows that come meanwhile move nothing.

A cursor is the id of the last row shown, written so that nobody is tempted to count with it.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from rest.fields import StrictCharField

USUAL, MOST = 50, 100  # rows on a page


@dataclass(frozen=True)
class Page:
    rows: list[Any]
    next_cursor: str | None


class CursorField(StrictCharField):
    """A `nextCursor` as it was given, read to the id it stands for."""

    default_error_messages = {"cursor": "This is no cursor that an answer has given."}

    def to_internal_value(self, data: Any) -> int:
        text = super().to_internal_value(data)
        try:
            return int(base64.urlsafe_b64decode(text.encode("ascii")).decode("ascii"))
        except (ValueError, binascii.Error):
            self.fail("cursor")


class LimitField(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MOST, default=USUAL, **kwargs)


def page_of(rows: QuerySet, *, limit: int, after: int | None) -> Page:
    """The newest `limit` rows older than the one with the id `after`, by their bigserial id."""
    older = rows if after is None else rows.filter(pk__lt=after)
    found = list(older.order_by("-pk")[: limit + 1])  # one more tells whether there is a next page
    shown = found[:limit]
    return Page(rows=shown, next_cursor=_cursor_at(shown[-1].pk) if len(found) > limit else None)


def _cursor_at(pk: int) -> str:
    return base64.urlsafe_b64encode(str(pk).encode()).decode()
