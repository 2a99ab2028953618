"""What every failure of both vendors comes out as: the whole table, and that nothing leaks on the way."""

import socket

import pytest

from carousels.providers.base import ProviderError, Remedy
from carousels.providers.gemini.calls import ENDINGS
from carousels.providers.gemini.calls import FAILURES as GEMINI_FAILURES
from carousels.providers.openai.calls import FAILURES as OPENAI_FAILURES
from tests.carousels.providers import vendors, wire
from tests.carousels.providers.fake_vendor import FakeVendor, Reply
from tests.carousels.providers.outcomes import (
    BAD_REQUEST,
    EXHAUSTED,
    RATE_LIMITED,
    REFUSED,
    REJECTED,
    TIMEOUT,
    UNAVAILABLE,
    UNUSABLE,
    ask,
    assert_silent,
    fail,
    said,
)

BY_STATUS = {
    **dict.fromkeys((301, 302, 303, 307, 308), REFUSED),
    400: BAD_REQUEST,
    401: REFUSED,
    402: EXHAUSTED,
    403: REFUSED,
    404: REFUSED,
    405: REFUSED,
    408: UNAVAILABLE,
    409: UNAVAILABLE,
    410: BAD_REQUEST,  # not listed: any other 4xx
    413: BAD_REQUEST,
    418: BAD_REQUEST,
    429: RATE_LIMITED,
    500: UNAVAILABLE,
    502: UNAVAILABLE,
    503: UNAVAILABLE,
    504: UNAVAILABLE,
    507: UNAVAILABLE,  # not listed: any other 5xx
}
OPENAI_BY_STATUS = BY_STATUS | {415: BAD_REQUEST, 422: BAD_REQUEST, 425: UNAVAILABLE, 529: UNAVAILABLE}
GEMINI_BY_STATUS = BY_STATUS | {499: UNAVAILABLE}

OPENAI_BY_CODE = {
    ("moderation_blocked", 400): REJECTED,
    ("content_policy_violation", 400): REJECTED,
    ("content_filter", 400): REJECTED,
    ("insufficient_quota", 429): EXHAUSTED,
    ("billing_hard_limit_reached", 400): EXHAUSTED,
    ("billing_not_active", 429): EXHAUSTED,
    ("invalid_api_key", 401): REFUSED,
    ("model_not_found", 400): REFUSED,
    ("unsupported_country_region_territory", 403): REFUSED,
    ("rate_limit_exceeded", 429): RATE_LIMITED,
    ("slow_down", 503): RATE_LIMITED,
    ("server_error", 500): UNAVAILABLE,
    ("a_code_of_next_year", 400): BAD_REQUEST,
    ("context_length_exceeded", 400): BAD_REQUEST,
}
GEMINI_BY_CODE = {  # status in words, HTTP status, reason in the details
    ("INVALID_ARGUMENT", 400, "API_KEY_INVALID"): REFUSED,
    ("INVALID_ARGUMENT", 400, "API_KEY_EXPIRED"): REFUSED,
    ("PERMISSION_DENIED", 403, "API_KEY_SERVICE_BLOCKED"): REFUSED,
    ("PERMISSION_DENIED", 403, "SERVICE_DISABLED"): REFUSED,
    ("PERMISSION_DENIED", 403, "BILLING_DISABLED"): EXHAUSTED,
    ("FAILED_PRECONDITION", 400, ""): REFUSED,
    ("UNAUTHENTICATED", 401, ""): REFUSED,
    ("PERMISSION_DENIED", 403, ""): REFUSED,
    ("NOT_FOUND", 404, ""): REFUSED,
    ("INVALID_ARGUMENT", 400, ""): BAD_REQUEST,
    ("OUT_OF_RANGE", 400, ""): BAD_REQUEST,
    ("RESOURCE_EXHAUSTED", 429, ""): RATE_LIMITED,
    ("INTERNAL", 500, ""): UNAVAILABLE,
    ("UNAVAILABLE", 503, ""): UNAVAILABLE,
    ("DEADLINE_EXCEEDED", 504, ""): UNAVAILABLE,
    ("CANCELLED", 499, ""): UNAVAILABLE,
    ("ABORTED", 409, ""): UNAVAILABLE,
    ("A_STATUS_OF_NEXT_YEAR", 400, "A_REASON"): BAD_REQUEST,
}
GEMINI_BY_ENDING = {
    **dict.fromkeys(("SAFETY", "PROHIBITED_CONTENT", "BLOCKLIST", "SPII", "RECITATION"), REJECTED),
    **dict.fromkeys(("IMAGE_SAFETY", "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION"), REJECTED),
    **dict.fromkeys(("LANGUAGE", "MODEL_ARMOR"), REJECTED),
    **dict.fromkeys(("NO_IMAGE", "IMAGE_OTHER", "OTHER"), UNUSABLE),
    **dict.fromkeys(("MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"), UNUSABLE),
}


# --- the tables ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["openai", "chat"])
@pytest.mark.parametrize(("status", "meaning"), OPENAI_BY_STATUS.items())
def test_status_of_openai(vendor, name, status, meaning):
    error = fail(vendor, vendors.texts(vendor.url)[name], Reply(status, wire.openai_error()))

    assert (said(error), error.is_cut_off, error.usage) == (meaning, False, None)


@pytest.mark.parametrize(("code", "meaning"), OPENAI_BY_CODE.items())
def test_code_of_openai(vendor, code, meaning):
    name, status = code
    error = fail(vendor, vendors.images(vendor.url)["openai"], Reply(status, wire.openai_error(name)))

    assert said(error) == meaning


@pytest.mark.parametrize(("status", "meaning"), GEMINI_BY_STATUS.items())
def test_status_of_gemini(vendor, status, meaning):
    error = fail(vendor, vendors.texts(vendor.url)["gemini"], Reply(status, wire.gemini_error(status, "X")))

    assert (said(error), error.is_cut_off, error.usage) == (meaning, False, None)


@pytest.mark.parametrize(("code", "meaning"), GEMINI_BY_CODE.items())
def test_code_of_gemini(vendor, code, meaning):
    name, status, reason = code
    reply = Reply(status, wire.gemini_error(status, name, reason=reason))

    assert said(fail(vendor, vendors.images(vendor.url)["gemini"], reply)) == meaning


@pytest.mark.parametrize(("ending", "meaning"), GEMINI_BY_ENDING.items())
def test_ending_of_gemini_is_paid_for(vendor, ending, meaning):
    reply = Reply(body=wire.content(None, "gemini-nano-banana-2.1", ending=ending))
    error = fail(vendor, vendors.images(vendor.url)["gemini"], reply)

    assert said(error) == meaning
    assert error.usage.cost_usd > 0


def test_tables_are_walked_whole():
    assert {key for key in OPENAI_FAILURES if isinstance(key, str)} <= {code for code, _ in OPENAI_BY_CODE}
    assert {key for key in OPENAI_FAILURES if isinstance(key, int)} <= set(OPENAI_BY_STATUS)
    walked = {"PerDay", *(name for status, _, reason in GEMINI_BY_CODE for name in (status, reason))}
    assert {key for key in GEMINI_FAILURES if isinstance(key, str)} <= walked
    assert {key for key in GEMINI_FAILURES if isinstance(key, int)} <= set(GEMINI_BY_STATUS)
    assert set(ENDINGS) == set(GEMINI_BY_ENDING)


# --- a pause -------------------------------------------------------------------------------------------

PAUSES = [
    ({"retry-after": "7"}, 7.0),
    ({"retry-after": "0.5"}, 0.5),
    ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
    ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
    ({"retry-after": "soon"}, None),
    ({"retry-after": "-3"}, None),
    ({"retry-after": "nan"}, None),
    ({"retry-after": "Mon, 01 Jan 99999999999 00:00:00 GMT"}, None),
    ({}, None),
]


@pytest.mark.parametrize("name", ["openai", "gemini"])
@pytest.mark.parametrize(("headers", "seconds"), PAUSES)
def test_pause_that_a_vendor_asks_for(vendor, name, headers, seconds):
    error = fail(vendor, vendors.texts(vendor.url)[name], Reply(429, b"{}", headers))

    assert (said(error), error.retry_after) == (RATE_LIMITED, seconds)


def test_pause_in_the_details_of_gemini_comes_first(vendor):
    reply = Reply(429, wire.gemini_error(429, "RESOURCE_EXHAUSTED", delay="7.5s"), {"retry-after": "2"})

    assert fail(vendor, vendors.texts(vendor.url)["gemini"], reply).retry_after == 7.5


@pytest.mark.parametrize("name", ["openai", "gemini"])
@pytest.mark.parametrize("status", [429, 503])
def test_pause_of_hours_is_no_pause(vendor, name, status):
    error = fail(vendor, vendors.texts(vendor.url)[name], Reply(status, b"{}", {"retry-after": "86400"}))

    assert (said(error), error.retry_after) == (EXHAUSTED, None)


@pytest.mark.parametrize(
    ("quota", "meaning"),
    [("GenerateRequestsPerDayPerProject", EXHAUSTED), ("GenerateRequestsPerMinutePerProject", RATE_LIMITED)],
)
def test_quota_of_the_day_is_gone_whatever_pause_gemini_asks_for(vendor, quota, meaning):
    body = wire.gemini_error(429, "RESOURCE_EXHAUSTED", quota=quota, delay="7s")

    assert said(fail(vendor, vendors.texts(vendor.url)["gemini"], Reply(429, body))) == meaning


@pytest.mark.parametrize("name", ["openai", "gemini"])
def test_vendor_in_trouble_that_asks_for_a_pause_gets_it(vendor, name):
    error = fail(vendor, vendors.texts(vendor.url)[name], Reply(503, b"<html>", {"retry-after": "3"}))

    assert (said(error), error.retry_after) == (("PROVIDER_UNAVAILABLE", Remedy.RETRY_LATER), 3.0)


# --- the connection ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [vendors.texts, vendors.images])
@pytest.mark.parametrize("name", ["openai", "gemini"])
class TestConnection:
    """What of it was sent decides whether anybody knows what the call cost."""

    def test_answer_that_comes_too_late(self, vendor, kind, name):
        provider = kind(vendor.url, text_timeout=0.3, image_timeout=0.3)[name]
        error = fail(vendor, provider, Reply(delay=1.0))

        assert (said(error), error.is_cut_off) == (TIMEOUT, True)

    def test_answer_that_drips(self, vendor, kind, name):
        provider = kind(vendor.url, text_timeout=0.5, image_timeout=0.5)[name]
        error = fail(vendor, provider, Reply(body=b" " * 40 + b"{}", drip=0.1))

        assert (said(error), error.is_cut_off) == (TIMEOUT, True)

    def test_connection_broken_off_after_the_question(self, vendor, kind, name):
        error = fail(vendor, kind(vendor.url)[name], Reply(is_cut=True))

        assert (said(error), error.is_cut_off) == (UNAVAILABLE, True)

    def test_server_that_is_not_there(self, kind, name):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        with pytest.raises(ProviderError) as caught:
            ask(kind(f"http://127.0.0.1:{port}")[name])

        assert (said(caught.value), caught.value.is_cut_off) == (UNAVAILABLE, False)
        assert_silent(caught.value)


@pytest.mark.parametrize("name", ["openai", "gemini"])
def test_redirect_is_not_followed(vendor, name):
    with FakeVendor() as elsewhere:
        reply = Reply(307, b"", {"location": f"{elsewhere.url}/v1/responses"})
        error = fail(vendor, vendors.texts(vendor.url)[name], reply)

        assert (said(error), elsewhere.calls) == (REFUSED, [])
