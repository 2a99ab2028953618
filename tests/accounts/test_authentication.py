"""Who calls: the API key first, then the session with CSRF; anything else is 401, never 403 or 500."""

import json

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey
from tests import factories
from tests.rest.world import body_of, snapshot

GENERATE = "/api/carousel/generate"
PAYLOAD = json.dumps({"prompt": "5 pricing mistakes freelancers make", "imageCount": 3})
UNAUTHORIZED = {"success": False, "error": "UNAUTHORIZED", "message": "Authentication required"}

GARBAGE = [
    "",
    " ",
    "Bearer",
    "Bearer ",
    "Bearer sk_",
    "Bearer sk_unknown",
    "Bearer  sk_unknown extra",
    "bearer sk_\x00",
    "Bearer sk_\xff\xfe",
    "\xd0\x9a\xd0\xbb\xd1\x8e\xd1\x87",
    "Bearer \xd0\x9a",
    "Bearer sk_" + "x" * 200_000,
    "x" * 200_000,
    "Basic dXNlcjpwYXNz",
    "Basic \xff",
    "Token sk_unknown",
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    "Bearer ' OR 1=1 --",
    "sk_unknown",
]


@pytest.fixture
def session(user):
    """A browser that is logged in, and whose CSRF token stands in its cookie and header."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(user)
    client.cookies["csrftoken"] = "b" * 32

    return client


def header(text: str) -> dict[str, str]:
    return {"HTTP_AUTHORIZATION": f"Bearer {text}"}


def use(client, **headers):
    return client.post(GENERATE, PAYLOAD, content_type="application/json", **headers)


@pytest.mark.parametrize("value", GARBAGE, ids=lambda value: ascii(value)[:24])
@pytest.mark.django_db
def test_garbage_for_authorization_is_401_and_says_how(client, value):
    before = snapshot()

    response = use(client, HTTP_AUTHORIZATION=value)

    assert (response.status_code, body_of(response)) == (401, UNAUTHORIZED)
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert snapshot() == before


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer "])
def test_key_is_taken_whatever_the_case_of_its_scheme(client, user, scheme):
    response = client.get("/api/user", HTTP_AUTHORIZATION=f"{scheme} {factories.api_key(user)}")

    assert response.status_code == 200


def test_revoked_key_is_401(client, user):
    key, text = keys.create(user=user)
    keys.revoke(key=key, now=timezone.now())

    response = client.get("/api/user", **header(text))

    assert (response.status_code, body_of(response)) == (401, UNAUTHORIZED)


@pytest.mark.django_db
def test_inactive_user_is_401_by_key_and_by_session(client):
    user = factories.user()
    text = factories.api_key(user)
    client.force_login(user)
    user.is_active = False
    user.save(update_fields=["is_active"])

    answers = [client.get("/api/user"), client.get("/api/user", **header(text))]

    assert [(answer.status_code, body_of(answer)) for answer in answers] == [(401, UNAUTHORIZED)] * 2


def test_key_goes_before_the_session(session):
    other = factories.user()

    response = session.get("/api/user", **header(factories.api_key(other)))

    assert response.json()["data"]["id"] == str(other.pk)


def test_bad_key_is_refused_even_beside_a_good_session(session):
    response = session.get("/api/user", **header("sk_unknown"))

    assert (response.status_code, body_of(response)) == (401, UNAUTHORIZED)


def test_key_needs_no_csrf_token_even_beside_a_session(session, user):
    response = use(session, **header(factories.api_key(user)))

    assert response.status_code == 200


def test_session_writes_with_its_csrf_token(session, user):
    response = use(session, HTTP_X_CSRFTOKEN="b" * 32)

    assert response.status_code == 200
    assert factories.credits_of(user) == 9


def test_session_without_the_token_is_forbidden_and_charges_nothing(session):
    before = snapshot()

    response = use(session)

    assert response.status_code == 403
    assert body_of(response) == {
        "success": False,
        "error": "FORBIDDEN",
        "message": "You do not have access to this",
    }
    assert snapshot() == before


def test_session_from_another_origin_is_forbidden(session):
    before = snapshot()

    response = use(session, HTTP_X_CSRFTOKEN="b" * 32, HTTP_ORIGIN="https://evil.example")

    assert (response.status_code, body_of(response)["error"]) == (403, "FORBIDDEN")
    assert snapshot() == before


def test_session_reads_without_a_token(session, user):
    response = session.get("/api/user")

    assert response.json()["data"]["id"] == str(user.pk)


def test_session_that_ended_is_401(session):
    Session.objects.all().delete()

    response = session.get("/api/user")

    assert (response.status_code, body_of(response)) == (401, UNAUTHORIZED)


@pytest.mark.parametrize(
    "cookie", ['"' + "\\000" * 32 + '"', "x" * 20_000, "' OR 1=1 --", '"\\377\\376"', "", "é" * 32, "a" * 32]
)
@pytest.mark.django_db
def test_garbage_for_a_session_is_401(client, cookie):
    response = client.get("/api/user", HTTP_COOKIE=f"sessionid={cookie}; csrftoken={cookie}")

    assert (response.status_code, body_of(response)) == (401, UNAUTHORIZED)


def test_key_in_the_address_is_no_identity(client, user):
    text = factories.api_key(user)

    response = client.get(f"/api/user?api_key={text}&token={text}&authorization=Bearer%20{text}")

    assert response.status_code == 401
    assert ApiKey.objects.get().last_used_at is None
