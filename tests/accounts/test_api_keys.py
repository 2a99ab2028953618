"""API keys: made once, kept as a digest, looked up, revoked; and the command that makes them."""

import hashlib
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from accounts import keys
from accounts.models import ApiKey
from tests import factories
from tests.factories import NOON


def all_columns() -> str:
    """The key's row as PostgreSQL would print it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT api_keys::text FROM api_keys")

        return cursor.fetchone()[0]


def test_key_is_kept_as_its_sha256_alone(user):
    key, text = keys.create(user=user, name="laptop")

    assert text.startswith("sk_")
    assert len(text) == len("sk_") + 43  # 32 random bytes
    assert key.digest == hashlib.sha256(text.encode()).hexdigest()
    assert text[:10] in all_columns()
    assert text[:11] not in all_columns()


def test_two_keys_are_never_the_same(user):
    texts = {keys.create(user=user)[1] for _ in range(3)}

    assert len(texts) == 3


def test_key_is_found_by_its_text(user):
    made, text = keys.create(user=user)

    found = keys.find(text=text, now=NOON)

    assert (found, found.user) == (made, user)


@pytest.mark.parametrize("change", [str.lower, str.upper, lambda text: text[:-1], lambda text: text + "\0"])
def test_key_that_differs_at_all_is_unknown(user, change):
    _, text = keys.create(user=user)

    with pytest.raises(keys.UnknownKey):
        keys.find(text=change(text), now=NOON)


def test_revoked_key_is_unknown_and_stays_revoked_since_then(user):
    key, text = keys.create(user=user)
    keys.revoke(key=key, now=NOON)

    keys.revoke(key=key, now=NOON + timedelta(days=1))

    key.refresh_from_db()
    assert key.revoked_at == NOON
    with pytest.raises(keys.UnknownKey):
        keys.find(text=text, now=NOON)


def test_key_of_a_user_who_may_not_come_in_is_unknown(user):
    _, text = keys.create(user=user)
    user.is_active = False
    user.save(update_fields=["is_active"])

    with pytest.raises(keys.UnknownKey):
        keys.find(text=text, now=NOON)


def test_use_is_written_at_most_once_a_minute(user, django_assert_num_queries):
    key, text = keys.create(user=user)

    with django_assert_num_queries(2):
        keys.find(text=text, now=NOON)
    with django_assert_num_queries(1):
        keys.find(text=text, now=NOON + timedelta(seconds=59))
    key.refresh_from_db()
    used_first = key.last_used_at
    with django_assert_num_queries(2):
        keys.find(text=text, now=NOON + timedelta(seconds=60))

    key.refresh_from_db()
    assert (used_first, key.last_used_at) == (NOON, NOON + timedelta(seconds=60))


def test_refused_key_is_not_used(user):
    key, text = keys.create(user=user)
    keys.revoke(key=key, now=NOON)

    with pytest.raises(keys.UnknownKey):
        keys.find(text=text, now=NOON)

    key.refresh_from_db()
    assert key.last_used_at is None


def test_command_shows_a_key_that_works_once(user, client):
    shown = StringIO()

    call_command("createapikey", user.email.upper(), "--name", "script", stdout=shown)

    text = shown.getvalue().strip()
    response = client.get("/api/user", HTTP_AUTHORIZATION=f"Bearer {text}")
    assert shown.getvalue() == f"{text}\n"
    assert response.json()["data"]["id"] == str(user.pk)
    assert ApiKey.objects.get().name == "script"


def test_command_says_how_to_make_a_user_who_is_not_there(db):
    with pytest.raises(CommandError, match=r"There is no user nobody@example\.com\. Make one in the admin"):
        call_command("createapikey", "nobody@example.com")

    assert ApiKey.objects.count() == 0


@pytest.mark.django_db
def test_command_makes_no_key_for_a_user_who_may_not_come_in():
    user = factories.user(is_active=False)

    with pytest.raises(CommandError, match="may not come in"):
        call_command("createapikey", user.email)

    assert ApiKey.objects.count() == 0
