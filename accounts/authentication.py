"""How a request says who it is: an API key as Bearer token. The session comes after it (settings)."""

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts import keys
from accounts.models import ApiKey, User


class ApiKeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer sk_...`. Another kind of token is left to the next in line."""

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        scheme, _, token = get_authorization_header(request).decode("latin-1").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token.startswith(keys.PREFIX):
            return None
        try:
            key = keys.find(text=token, now=timezone.now())
        except keys.UnknownKey:
            raise AuthenticationFailed("This API key is not valid") from None
        return key.user, key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
