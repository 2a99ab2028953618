"""Outermost of all: no answer below /api/ leaves the envelope, not even one Django makes itself.

A bad Host, a suspicious request or DEBUG's technical page never reach DRF's exception handler.
Probes are answered here too: what is checked of users would turn them away.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.urls import resolve

from rest.envelope import plain_failure
from rest.gate import API_PREFIX

ANSWERS = {
    301: ("MOVED_PERMANENTLY", "This address has moved to the one in the Location header"),
    400: ("BAD_REQUEST", "The request could not be understood"),
    403: ("FORBIDDEN", "You do not have access to this"),
    404: ("NOT_FOUND", "There is nothing at this address"),
    405: ("METHOD_NOT_ALLOWED", "This address does not take that method"),
    413: ("PAYLOAD_TOO_LARGE", "The request body is too large"),
}
PROBES = ("/api/health", "/api/health/ready")
INTERNAL_ERROR = ("INTERNAL_ERROR", "Something went wrong on our side")


class EnvelopeMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith(API_PREFIX) or response.status_code < 300:
            return response
        if response.headers.get("Content-Type", "").startswith("application/json"):
            return response
        error, message = ANSWERS.get(response.status_code, INTERNAL_ERROR)
        answer = plain_failure(status=response.status_code, error=error, message=message)
        if "Location" in response.headers:  # SECURE_SSL_REDIRECT's
            answer.headers["Location"] = response.headers["Location"]
        return answer


class ProbeMiddleware:
    """A load balancer asks by IP address and without TLS: no allowed Host, and HTTPS=1 would redirect it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info not in PROBES:
            return self.get_response(request)
        return resolve(request.path_info).func(request).render()
