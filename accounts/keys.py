"""API keys: made, told apart and looked up. The only writer of ApiKey rows."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import ApiKey, User

PREFIX = "sk_"
SHOWN_CHARACTERS = 10
USE_RECORDED_EVERY = timedelta(minutes=1)


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
    key = ApiKey.objects.select_related("user").filter(digest=_digest(text), revoked_at=None).first()
    if key is None or not key.user.is_active:
        raise UnknownKey
    _record_use(key=key, now=now)
    return key


def revoke(*, key: ApiKey, now: datetime) -> None:
    ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now)


def _record_use(*, key: ApiKey, now: datetime) -> None:
    """At most one write a minute: a busy key must not make its row a hot spot."""
    if key.last_used_at is not None and key.last_used_at > now - USE_RECORDED_EVERY:
        return
    stale = Q(last_used_at=None) | Q(last_used_at__lte=now - USE_RECORDED_EVERY)
    ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
