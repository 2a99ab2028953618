"""The one shape of every answer: `{success, data, message?}` or `{success, error, message, ...}`.

What lives here is the shape alone. Which error means which code and status is the table in
`socialsaas/errors.py`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import JsonResponse
from rest_framework.exceptions import ErrorDetail
from rest_framework.response import Response


def success(data: Any, message: str | None = None) -> Response:
    body = {"success": True, "data": data}
    if message is not None:
        body["message"] = message
    return Response(body)


def failure(
    *,
    status: int,
    error: str,
    message: str,
    code: int | None = None,
    details: Sequence[Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The body of a failure; `code` repeats the status only where the contract says so (402)."""
    body: dict[str, Any] = {"success": False, "error": error, "message": message}
    if code is not None:
        body["code"] = code
    if details is not None:
        body["details"] = list(details)
    return body


def moment(value: datetime | None) -> str | None:
    """A point in time as every answer writes it: ISO 8601, UTC, with a Z."""
    return None if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def plain_failure(*, status: int, error: str, message: str) -> JsonResponse:
    """A failure outside Django REST framework, for middleware and Django's own handlers."""
    return JsonResponse(failure(status=status, error=error, message=message), status=status)


def fault_list(detail: Any, path: tuple[str | int, ...] = ()) -> list[dict[str, Any]]:
    """Flatten a serializer's nested errors to `[{path, message, code}]`, one entry per fault."""
    if isinstance(detail, ErrorDetail):
        said = [_sendable(part) if isinstance(part, str) else part for part in path]
        return [{"path": said, "message": _sendable(str(detail)), "code": detail.code}]
    if isinstance(detail, Mapping):
        return [
            fault
            for key, value in detail.items()
            for fault in fault_list(value, path if key == "non_field_errors" else (*path, key))
        ]
    faults = []
    for index, value in enumerate(detail):
        nested = isinstance(value, (Mapping, list))
        faults += fault_list(value, (*path, index) if nested and value else path)
    return faults


def _sendable(text: str) -> str:
    """Half a character, as JSON can escape one and no UTF-8 can hold it, is told as a question mark."""
    return text.encode(errors="replace").decode()
