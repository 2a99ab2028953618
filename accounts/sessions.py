"""Django's database sessions, for keys that Django can have made: SESSION_ENGINE names this module."""

from django.contrib.sessions.backends.base import VALID_KEY_CHARS
from django.contrib.sessions.backends.db import SessionStore as DatabaseSessionStore


class SessionStore(DatabaseSessionStore):
    def _validate_session_key(self, key: str | None) -> bool:
        """PostgreSQL takes no NUL, and a cookie can hold one: asking for it was a 500 for anyone."""
        return bool(super()._validate_session_key(key)) and set(key) <= set(VALID_KEY_CHARS)
