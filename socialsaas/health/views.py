"""What machines ask: probes, unauthenticated, so they name parts and say no more; and numbers, for a secret.

What is wrong with a part, `manage.py doctor` says.
"""

import threading
import time

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from rest.bearer import require_secret
from rest.envelope import success
from socialsaas.health import metrics, stores
from socialsaas.health.examination import Finding, Level, examine

GOOD_FOR = 1.0  # seconds; anyone may ask, so the parts are not asked more often


class NotReady(Exception):
    """A part that requests or jobs need is not well. `parts` are names."""

    def __init__(self, parts: list[str]) -> None:
        super().__init__(", ".join(parts))
        self.parts = parts


class Readiness:
    """What was found last, by all threads of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._findings: list[Finding] = []
        self._until = 0.0

    def examine(self) -> list[Finding]:
        with self._lock:
            if time.monotonic() > self._until:
                self._findings = examine(stores.NEEDED)
                self._until = time.monotonic() + GOOD_FOR
            return self._findings

    def forget(self) -> None:
        self._until = 0.0


readiness = Readiness()


class Alive(APIView):
    """GET /api/health: this process answers, whatever else is broken."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        return success({"status": "alive"})


class Ready(APIView):
    """GET /api/health/ready: 200 when what a job needs is well here, else 503 with the parts that are not."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        findings = readiness.examine()
        if ill := [finding.name for finding in findings if finding.level != Level.WELL]:
            raise NotReady(ill)
        return success({"status": "ready", "parts": [finding.name for finding in findings]})


class Metrics(APIView):
    """GET /api/metrics, for a collector that holds METRICS_SECRET: Prometheus' text format."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def get(self, request: Request) -> HttpResponse:
        require_secret(request, expected=settings.METRICS_SECRET, whose="The collector's")
        told = metrics.as_text(now=timezone.now())
        return HttpResponse(told, content_type="text/plain; version=0.0.4; charset=utf-8")
