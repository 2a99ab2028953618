"""A request that is sent twice with one key acts once. The only writer of IdempotencyKey.

The key, what the request wrote and its answer are one transaction: none is there without the others. The
key is the first lock anyone takes (`docs/pipeline.md`): of requests that arrive at once all but one wait.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps

from django.db import OperationalError, connection, transaction
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone
from psycopg.errors import LockNotAvailable
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.models import IdempotencyKey, User

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
LONGEST = 255
PATIENCE = timedelta(seconds=5)  # for another request with the same key
KEPT = timedelta(hours=24)
BATCH = 1000  # rows a transaction forgets

# A key that another request is just writing is waited for, at most PATIENCE; later locks wait as ever.
CLAIM = """
INSERT INTO idempotency_keys (user_id, key, fingerprint, created_at)
SELECT %s::uuid, %s::text, %s::text, %s::timestamptz WHERE set_config('lock_timeout', %s::text, true) <> ''
ON CONFLICT (user_id, key) DO NOTHING
RETURNING id, set_config('lock_timeout', '0', true)
"""
ANSWER = "UPDATE idempotency_keys SET status = %s, body = %s WHERE id = %s"

Handler = Callable[..., Response]


class InvalidIdempotencyKey(Exception):
    """The header holds something that is no key."""


class IdempotencyKeyReused(Exception):
    """The user has sent another request with this key."""


class IdempotencyKeyInUse(Exception):
    """A request with this key is still under way. `retry_after` in seconds."""

    retry_after = 1


def idempotent(handler: Handler) -> Callable[..., HttpResponseBase]:
    """For a view's handler that creates or spends: with a key, it runs once and its answer is given again.

    What it raises, or answers with 400 and more, is not kept: nothing was written, and the key stays free.
    Its answer must hold nothing that expires sooner than the key, such as a signed address.
    """

    @wraps(handler)
    def once(view: APIView, request: Request, *args: object, **kwargs: object) -> HttpResponseBase:
        key = key_of(request)
        if key is None:
            return handler(view, request, *args, **kwargs)
        fingerprint = _fingerprint(request)
        with transaction.atomic():
            claim = _claim(user=request.user, key=key, fingerprint=fingerprint, now=timezone.now())
            if claim is None:
                return _replay(user=request.user, key=key, fingerprint=fingerprint)
            response = handler(view, request, *args, **kwargs)
            _keep(claim, response)
        return response

    return once


def key_of(request: Request) -> str | None:
    """The request's key; None without one. Raises InvalidIdempotencyKey."""
    key = request.headers.get(HEADER)
    if key is not None and not (0 < len(key) <= LONGEST and key.isascii() and key.isprintable()):
        raise InvalidIdempotencyKey
    return key


def forget(*, now: datetime) -> int:
    """Delete keys that are older than KEPT, a batch at a time; returns how many."""
    forgotten = 0
    while batch := _oldest(before=now - KEPT):
        forgotten += IdempotencyKey.objects.filter(pk__in=batch).delete()[0]
    return forgotten


def _oldest(*, before: datetime) -> list[int]:
    stale = IdempotencyKey.objects.filter(created_at__lt=before).order_by("created_at")
    return list(stale.values_list("pk", flat=True)[:BATCH])


def _claim(*, user: User, key: str, fingerprint: str, now: datetime) -> int | None:
    """The id of the key's new row, which is ours until the transaction ends; None when it was there."""
    patience = f"{PATIENCE.total_seconds():g}s"
    try:
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [user.pk, key, fingerprint, now, patience])
            row = cursor.fetchone()
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise IdempotencyKeyInUse from error
        raise
    return row[0] if row else None


def _keep(claim: int, response: Response) -> None:
    if response.status_code >= 400:
        transaction.set_rollback(True)
        return
    body = JSONRenderer().render(response.data).decode()
    with connection.cursor() as cursor:
        cursor.execute(ANSWER, [response.status_code, body, claim])


def _replay(*, user: User, key: str, fingerprint: str) -> HttpResponse:
    """The answer that the key's first request got, to the byte. Raises IdempotencyKeyReused.

    A key that was forgotten since this request met it is IdempotencyKeyInUse: the next try is a new call.
    """
    known = IdempotencyKey.objects.filter(user=user, key=key).first()
    if known is None:
        raise IdempotencyKeyInUse
    if known.fingerprint != fingerprint:
        raise IdempotencyKeyReused
    return HttpResponse(
        known.body, status=known.status, content_type="application/json", headers={REPLAYED: "true"}
    )


def _fingerprint(request: Request) -> str:
    """Of method, path and body; the order of an object's keys and the space between them do not count."""
    try:
        body = json.dumps(request.data, sort_keys=True, separators=(",", ":"))
    except RecursionError:
        raise ParseError("The body is nested too deeply") from None
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()
