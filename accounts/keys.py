"""API keys: made, told apart and looked up. The only writer of ApiKey rows."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from accounts.models import ApiKey, User

PREFIX = "sk_"
SHOWN_CHARACTERS = 10
USE_RECORDED_EVERY = timedelta(minutes=1)

# Plain SQL, because every call comes by here (docs/adr/0012).
KEY, USER = ([field.attname for field in model._meta.concrete_fields] for model in (ApiKey, User))
FIND = f"""
SELECT {", ".join([f"k.{name}" for name in KEY] + [f"u.{name}" for name in USER])}
FROM api_keys k JOIN users u ON u.id = k.user_id WHERE k.digest = %s AND k.revoked_at IS NULL
"""


class UnknownKey(Exception):
    """No such key, or one that was revoked, or its user may not come in."""


def create(*, user: User, name: str = "", script: str = "") -> tuple[ApiKey, str]:
    """Make a key; the text is returned once and kept nowhere. With a `script`, a sandbox key.

    Whoever hands a script in has read it: what it means is not known here.
    A fast hash is right here: 32 random bytes cannot be guessed, only stolen.
    """
    text = PREFIX + secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        user=user, name=name, script=script, prefix=text[:SHOWN_CHARACTERS], digest=_digest(text)
    )
    return key, text


def find(*, text: str, now: datetime) -> ApiKey:
    with connection.cursor() as cursor:
        cursor.execute(FIND, [_digest(text)])
        row = cursor.fetchone()
    key = _read(row) if row else None
    if key is None or not key.user.is_active:
        raise UnknownKey
    _record_use(key=key, now=now)
    return key


def revoke(*, key: ApiKey, now: datetime) -> None:
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)


def _read(row: tuple) -> ApiKey:
    key = ApiKey.from_db(connection.alias, KEY, row[: len(KEY)])
    key.user = User.from_db(connection.alias, USER, row[len(KEY) :])
    return key


def _record_use(*, key: ApiKey, now: datetime) -> None:
    """At most one write a minute: a busy key must not make its row a hot spot."""
    if key.last_used_at is not None and key.last_used_at > now - USE_RECORDED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_RECORDED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
