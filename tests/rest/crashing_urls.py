"""The API's own addresses, and some below it that break where no view of ours does."""

from django.core.exceptions import BadRequest, RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.urls import path
from rest_framework.exceptions import APIException, Throttled
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from socialsaas.urls import urlpatterns as ours

SECRET = "a secret of ours"
RAISED = {
    "value-error": ValueError(SECRET),
    "memory-error": MemoryError(SECRET),
    "recursion-error": RecursionError(SECRET),
    "api-exception": APIException(SECRET),
    "file-not-found": FileNotFoundError(SECRET),
    "unreadable": UnreadablePostError(SECRET),
    "too-big": RequestDataTooBig(SECRET),
    "suspicious": SuspiciousOperation(SECRET),
    "bad-request": BadRequest(SECRET),
    "throttled": Throttled(detail=SECRET),
}


class Crash(APIView):
    """Raises inside a view of Django REST framework."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request, name: str) -> Response:
        raise RAISED[name]


class Unrenderable(Crash):
    """Answers what cannot be written as JSON: that breaks after the exception handler."""

    def get(self, request: Request) -> Response:
        return Response({"value": object()})


def plain_crash(request: HttpRequest, name: str) -> HttpResponse:
    """Raises in a plain view, which only Django's own handlers see."""
    raise RAISED[name]


urlpatterns = [
    path("api/crash/<str:name>", Crash.as_view()),
    path("api/plain/<str:name>", plain_crash),
    path("api/unrenderable", Unrenderable.as_view()),
    *ours,
]
