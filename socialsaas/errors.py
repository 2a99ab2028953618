"""The error table: which domain error is which answer. One place, one row per case."""

import logging
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import set_rollback

from accounts.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused, InvalidIdempotencyKey
from billing.ledger import DailyLimitReached, InsufficientCredits
from billing.payments.checkout import AlreadySubscribed, NeverBought, PackNotFound, PlanNotForSale
from billing.payments.client import InvalidEvent, PaymentProviderFailed, PaymentsUnavailable, RequestReused
from billing.terms import TimezoneChangedLately, UnknownTimezone
from carousels.authoring import CarouselNotFound, CarouselNotReady
from carousels.brands import BRANDS_MAX, BrandNotFound, TooManyBrands
from carousels.design.brand import InvalidBrand, InvalidImage, UnsupportedImage
from carousels.design.document import InvalidDocument
from carousels.files import FileGone, InvalidAddress
from carousels.revision import InvalidRevision
from jobs.prices import PriceAboveMax
from jobs.queue import CarouselBusy, JobForbidden
from jobs.rates import TooManyRenders
from jobs.tickets import InvalidTicket
from jobs.transitions import InvalidState, JobNotFound
from rest.envelope import failure, fault_list, moment
from rest.middleware import ANSWERS, INTERNAL_ERROR
from rest.parsers import PayloadTooLarge
from socialsaas.health.views import NotReady

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Answer:
    status: int
    error: str
    message: str
    code: int | None = None


ERRORS: dict[type[Exception], Answer] = {
    # who calls
    exceptions.NotAuthenticated: Answer(401, "UNAUTHORIZED", "Authentication required"),
    exceptions.AuthenticationFailed: Answer(401, "UNAUTHORIZED", "Authentication required"),
    exceptions.PermissionDenied: Answer(403, "FORBIDDEN", "You do not have access to this"),
    PermissionDenied: Answer(403, "FORBIDDEN", "You do not have access to this"),
    InvalidTicket: Answer(401, "UNAUTHORIZED", "Authentication required"),
    # what was sent
    exceptions.ValidationError: Answer(400, "VALIDATION_ERROR", "Invalid input data"),
    exceptions.ParseError: Answer(400, "VALIDATION_ERROR", "Invalid input data"),
    exceptions.UnsupportedMediaType: Answer(415, "UNSUPPORTED_MEDIA_TYPE", "Send JSON as application/json"),
    exceptions.MethodNotAllowed: Answer(405, *ANSWERS[405]),
    exceptions.NotFound: Answer(404, *ANSWERS[404]),
    Http404: Answer(404, *ANSWERS[404]),
    PayloadTooLarge: Answer(413, *ANSWERS[413]),
    RequestDataTooBig: Answer(413, *ANSWERS[413]),
    SuspiciousOperation: Answer(400, *ANSWERS[400]),
    UnreadablePostError: Answer(400, *ANSWERS[400]),
    InvalidIdempotencyKey: Answer(
        400, "INVALID_IDEMPOTENCY_KEY", "An Idempotency-Key is 1 to 255 printable ASCII characters"
    ),
    IdempotencyKeyReused: Answer(
        422, "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was sent with another request"
    ),
    IdempotencyKeyInUse: Answer(
        409, "IDEMPOTENCY_KEY_IN_USE", "A request with this Idempotency-Key is still under way"
    ),
    # money and limits
    InsufficientCredits: Answer(
        402, "INSUFFICIENT_CREDITS", "You need more credits to generate content", code=402
    ),
    PriceAboveMax: Answer(402, "PRICE_ABOVE_MAX", "This costs more credits than you allow", code=402),
    DailyLimitReached: Answer(429, "DAILY_LIMIT_REACHED", "You have reached today's limit of generations"),
    UnknownTimezone: Answer(400, "VALIDATION_ERROR", "Invalid input data"),
    TimezoneChangedLately: Answer(
        429, "TIMEZONE_CHANGED_LATELY", "The time zone can be changed once in 30 days"
    ),
    PackNotFound: Answer(404, "PACK_NOT_FOUND", "There is no such credit pack for sale"),
    PlanNotForSale: Answer(404, "PLAN_NOT_FOUND", "There is no such plan for sale"),
    AlreadySubscribed: Answer(
        409, "ALREADY_SUBSCRIBED", "You pay for a plan already; change it in the portal"
    ),
    NeverBought: Answer(404, "NOTHING_BOUGHT", "You have not bought anything yet"),
    PaymentsUnavailable: Answer(503, "PAYMENTS_UNAVAILABLE", "Nothing can be bought on this installation"),
    PaymentProviderFailed: Answer(
        502, "PAYMENT_PROVIDER_FAILED", "The payment service did not answer as it should"
    ),
    RequestReused: Answer(
        422, "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key was sent with another request"
    ),
    InvalidEvent: Answer(400, "INVALID_EVENT", "This is not a recent event signed by the payment service"),
    # jobs and content
    JobNotFound: Answer(404, "JOB_NOT_FOUND", "There is no such job"),
    JobForbidden: Answer(403, "FORBIDDEN", "This job belongs to someone else"),
    CarouselNotFound: Answer(404, "CAROUSEL_NOT_FOUND", "There is no such carousel"),
    TooManyRenders: Answer(429, "RATE_LIMITED", "Too many renders in an hour"),
    CarouselBusy: Answer(409, "CAROUSEL_BUSY", "Another job of this carousel is still under way"),
    InvalidRevision: Answer(400, "VALIDATION_ERROR", "Invalid input data"),
    InvalidDocument: Answer(400, "VALIDATION_ERROR", "Invalid input data"),
    CarouselNotReady: Answer(409, "INVALID_STATE", "This carousel has no finished slides"),
    InvalidState: Answer(409, "INVALID_STATE", "The job's state does not allow this"),
    BrandNotFound: Answer(404, "BRAND_NOT_FOUND", "There is no such brand"),
    TooManyBrands: Answer(409, "TOO_MANY_BRANDS", f"You can keep {BRANDS_MAX} brands at most"),
    InvalidBrand: Answer(400, "VALIDATION_ERROR", "Invalid input data"),
    InvalidImage: Answer(400, "INVALID_IMAGE", "This picture cannot be used"),
    UnsupportedImage: Answer(415, "UNSUPPORTED_IMAGE", "Send a PNG, JPEG or WebP picture"),
    InvalidAddress: Answer(403, "INVALID_ADDRESS", "This address has expired or was not made by us"),
    FileGone: Answer(404, "FILE_NOT_FOUND", "This file is gone"),
    # this installation
    NotReady: Answer(503, "NOT_READY", "A part of this installation is not well"),
}


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """Every exception of an API view becomes one envelope; an unknown one is ours, logged and a 500."""
    set_rollback()
    answer = _answer_to(error)
    if answer is None:
        return _internal_error(error, context)
    body = failure(
        status=answer.status,
        error=answer.error,
        message=answer.message,
        code=answer.code,
        details=_details(error),
    )
    return Response(body, status=answer.status, headers=_headers(error, answer))


def _answer_to(error: Exception) -> Answer | None:
    return next((ERRORS[kind] for kind in type(error).__mro__ if kind in ERRORS), None)


def _internal_error(error: Exception, context: dict[str, Any]) -> Response:
    request = context["request"]
    got_request_exception.send(sender=type(context["view"]), request=request)
    logger.error("%s %s failed", request.method, request.path, exc_info=error)
    name, message = getattr(context["view"], "failure", INTERNAL_ERROR)
    return Response(failure(status=500, error=name, message=message), status=500)


def _details(error: Exception) -> list[dict[str, Any]] | None:
    if isinstance(error, (exceptions.ValidationError, exceptions.ParseError, PayloadTooLarge)):
        return fault_list(error.detail)
    if isinstance(error, (InvalidRevision, InvalidDocument)):
        return [{"path": [], "message": str(error), "code": "invalid"}]
    if isinstance(error, NotReady):
        return [{"path": [part], "message": "Not well", "code": "not_well"} for part in error.parts]
    if isinstance(error, UnknownTimezone):
        return [{"path": ["timezone"], "message": "There is no such time zone", "code": "invalid_choice"}]
    if isinstance(error, TimezoneChangedLately):
        until = moment(error.changeable_at)
        return [{"path": ["timezone"], "message": f"Stays until {until}", "code": "changed_lately"}]
    if isinstance(error, InvalidBrand):
        return [{"path": [error.field], "message": error.message, "code": "invalid"}]
    if isinstance(error, PriceAboveMax):
        return [{"path": ["maxCredits"], "message": str(error), "code": "price_above_max"}]
    if isinstance(error, InvalidState):
        return [{"path": ["status"], "message": str(error), "code": "invalid_state"}]
    return None


def _headers(error: Exception, answer: Answer) -> dict[str, str]:
    if isinstance(error, (DailyLimitReached, TooManyRenders, TimezoneChangedLately, IdempotencyKeyInUse)):
        return {"Retry-After": str(error.retry_after)}
    if answer.status == 401:
        return {"WWW-Authenticate": "Bearer"}
    return {}
