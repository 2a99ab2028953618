"""Callers that are machines of the operator's: they hold a secret of the environment, not a user's key."""

import secrets

from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request


def require_secret(request: Request, *, expected: str, whose: str) -> None:
    """Compared in constant time; without a configured secret nobody gets in."""
    sent = get_authorization_header(request)
    if not expected or not secrets.compare_digest(sent, f"Bearer {expected}".encode()):
        raise NotAuthenticated(f"{whose} secret is missing or wrong")
