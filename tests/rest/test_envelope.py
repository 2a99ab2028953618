"""One envelope for every answer below /api/, with DEBUG off and on."""

import json

import pytest
from django.test import Client

from tests import factories
from tests.rest.crashing_urls import SECRET
from tests.rest.world import body_of

GENERATE = "/api/carousel/generate"
PAYLOAD = json.dumps({"prompt": "5 pricing mistakes freelancers make", "imageCount": 3})

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"]


@pytest.fixture(params=[False, True], ids=["debug off", "debug on"], autouse=True)
def _debug(request, settings):
    settings.DEBUG = request.param


def failure(error: str, message: str) -> dict:
    return {"success": False, "error": error, "message": message}


BAD_REQUEST = failure("BAD_REQUEST", "The request could not be understood")
UNAUTHORIZED = failure("UNAUTHORIZED", "Authentication required")
FORBIDDEN = failure("FORBIDDEN", "You do not have access to this")
NOT_FOUND = failure("NOT_FOUND", "There is nothing at this address")
WRONG_METHOD = failure("METHOD_NOT_ALLOWED", "This address does not take that method")
TOO_LARGE = failure("PAYLOAD_TOO_LARGE", "The request body is too large")
OURS = failure("INTERNAL_ERROR", "Something went wrong on our side")

UNKNOWN = [
    "/api/",
    "/api/nothing",
    "/api/carousel/",
    "/api/carousel/generate/",
    "/api/user/",
    "/api/user.json",
    "/api/user%0a",
    "/api/user%00",
    "/api/%ff%fe",
    "/api//user",
    "/api/../admin/",
    "/api/jobs/1/2/3",
    "/api/admin/",
    "/api/<script>alert(1)</script>",
    "/api/" + "x" * 9000,
]


@pytest.mark.parametrize("path", UNKNOWN, ids=lambda path: path[:30])
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS", "BREW"])
def test_unknown_path_is_not_found_by_any_method(client, method, path):
    response = client.generic(method, path, b"{", content_type="application/json")

    assert (response.status_code, body_of(response)) == (404, NOT_FOUND)


KNOWN = {
    GENERATE: "POST",
    "/api/queue/process": "POST",
    "/api/queue/status/1": "GET",
    "/api/carousel/1": "GET",
    "/api/jobs": "GET",
    "/api/jobs/1/events": "GET",
    "/api/jobs/1/cancel": "POST",
    "/api/jobs/1/requeue": "POST",
    "/api/credits/ledger": "GET",
    "/api/files/a.png": "GET",
}


WRONG = [(path, method) for path, right in KNOWN.items() for method in METHODS if method != right]


@pytest.mark.parametrize(("path", "method"), WRONG)
def test_wrong_method_is_refused_and_the_right_one_named(api, path, method):
    response = api.generic(method, path)

    assert (response.status_code, body_of(response)) == (405, WRONG_METHOD)
    assert KNOWN[path] in response.headers["Allow"]


@pytest.mark.parametrize("path", ["/api/user", "/api/nothing", "/api/queue/status/1", GENERATE])
def test_head_has_the_status_and_type_of_its_get_and_no_body(api, path):
    head, get = api.head(path), api.get(path)

    assert (head.status_code, head.headers["Content-Type"]) == (get.status_code, "application/json")
    assert head.content == b""


@pytest.mark.parametrize(
    "accept", ["text/html", "application/xml", "image/*;q=0", "application/json;indent=9"]
)
@pytest.mark.parametrize("query", ["", "?format=xml", "?format=api", "?_method=DELETE"])
def test_answer_is_the_same_json_whatever_a_client_accepts(api, accept, query):
    usual = api.get("/api/user")

    response = api.get(f"/api/user{query}", HTTP_ACCEPT=accept)

    assert (response.status_code, body_of(response)) == (200, body_of(usual))
    assert response.content == usual.content


@pytest.mark.parametrize("host", ["evil.example", "a b<>", "", "testserver:port", "testserver@evil", "\xff"])
@pytest.mark.parametrize("path", ["/api/user", "/api/nothing", "/api/queue/process"])
def test_bad_host_is_a_bad_request(client, host, path):
    response = client.get(path, HTTP_HOST=host)

    assert (response.status_code, body_of(response)) == (400, BAD_REQUEST)


def test_query_of_too_many_fields_is_a_bad_request(api):
    response = api.get("/api/jobs?" + "a=1&" * 2000)

    assert (response.status_code, body_of(response)) == (400, BAD_REQUEST)


def test_body_that_is_too_large_is_refused_with_the_limit(api):
    response = api.generic("POST", GENERATE, b" " * 2_621_441, content_type="application/json")

    assert response.status_code == 413
    assert body_of(response) == TOO_LARGE | {
        "details": [
            {
                "path": [],
                "message": "The request body may be at most 2,621,440 bytes",
                "code": "payload_too_large",
            }
        ]
    }


def test_body_of_the_very_limit_is_read(api):
    response = api.generic(
        "POST", GENERATE, PAYLOAD + " " * (2_621_440 - len(PAYLOAD)), content_type="application/json"
    )

    assert response.status_code == 200


@pytest.mark.parametrize("body", [b"{", b"[" * 20_000, b"\xff", b" " * 2_621_441])
def test_caller_without_identity_hears_nothing_about_the_body(client, body, db):
    response = client.generic("POST", GENERATE, body, content_type="application/json")

    assert (response.status_code, body_of(response)) == (401, UNAUTHORIZED)


@pytest.mark.parametrize("token", [None, "", "x", "x" * 64, "\xff"])
def test_session_without_its_csrf_token_is_forbidden(user, token):
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    client.cookies["csrftoken"] = "b" * 32
    headers = {} if token is None else {"HTTP_X_CSRFTOKEN": token}

    response = client.post(GENERATE, PAYLOAD, content_type="application/json", **headers)

    assert (response.status_code, body_of(response)) == (403, FORBIDDEN)
    assert factories.credits_of(user) == 10


@pytest.mark.urls("tests.rest.crashing_urls")
@pytest.mark.parametrize("kind", ["crash", "plain"])
@pytest.mark.parametrize(
    "name", ["value-error", "memory-error", "recursion-error", "api-exception", "file-not-found"]
)
def test_crash_is_ours_and_tells_nothing(kind, name):
    client = Client(raise_request_exception=False)

    response = client.get(f"/api/{kind}/{name}")

    assert (response.status_code, body_of(response)) == (500, OURS)
    assert SECRET.encode() not in response.content


@pytest.mark.urls("tests.rest.crashing_urls")
def test_answer_that_cannot_be_written_is_ours_too():
    response = Client(raise_request_exception=False).get("/api/unrenderable")

    assert (response.status_code, body_of(response)) == (500, OURS)


@pytest.mark.urls("tests.rest.crashing_urls")
@pytest.mark.parametrize(
    ("path", "status", "body"),
    [
        ("/api/crash/suspicious", 400, BAD_REQUEST),
        ("/api/plain/suspicious", 400, BAD_REQUEST),
        ("/api/plain/bad-request", 400, BAD_REQUEST),
        ("/api/crash/unreadable", 400, BAD_REQUEST),
        ("/api/crash/too-big", 413, TOO_LARGE),
    ],
)
def test_what_a_client_did_wrong_is_never_ours(path, status, body):
    response = Client(raise_request_exception=False).get(path)

    assert (response.status_code, body_of(response)) == (status, body)


def test_address_without_https_is_moved_inside_the_envelope(client, settings):
    settings.SECURE_SSL_REDIRECT = True

    response = client.get("/api/user?a=1")

    assert response.status_code == 301
    assert response.headers["Location"] == "https://testserver/api/user?a=1"
    assert body_of(response) == failure(
        "MOVED_PERMANENTLY", "This address has moved to the one in the Location header"
    )


def test_pages_beside_the_api_are_left_alone(client, db):
    response = client.get("/nothing")

    assert response.status_code == 404
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    ("path", "body", "fault"),
    [
        ("/api/credits/checkout", '{"\\ud800": 1}', ["?"]),
        (
            "/api/quotes",
            '{"prompt": "5 pricing mistakes", "imageCount": 5, "jobType": "\\ud800"}',
            ["jobType"],
        ),
    ],
)
def test_half_a_character_is_refused_like_any_other_fault(api, path, body, fault):
    response = api.generic("POST", path, body, content_type="application/json")

    assert response.status_code == 400
    assert [each["path"] for each in body_of(response)["details"]] == [fault]
