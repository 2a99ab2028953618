"""A retry storm costs one credit: of calls with one key the first acts, the others wait and repeat it."""

import http.client
import json
import threading
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from rest_framework.test import APIClient

from accounts import idempotency
from accounts.models import IdempotencyKey
from billing.models import Account, LedgerEntry
from carousels.models import Carousel
from jobs import answers
from jobs.models import GenerationJob
from tests import factories
from tests.concurrency.threads import PATIENCE, at_once, wait_for_a_blocked_query
from tests.rest.server import serve
from tests.rest.world import body_of

pytestmark = pytest.mark.django_db(transaction=True)

CALLERS = 20
PATH = "/api/carousel/generate"


def caller(user, *, key: str | None = "storm"):
    """One call of the API, from a client of its own."""
    headers = {"Authorization": f"Bearer {factories.api_key(user)}"}
    if key is not None:
        headers["Idempotency-Key"] = key

    def call():
        return APIClient(raise_request_exception=False).post(PATH, factories.payload(), headers=headers)

    return call


def kinds(responses) -> Counter:
    return Counter((each.status_code, "Idempotency-Replayed" in each.headers) for each in responses)


def rows(user) -> tuple[int, int, int, int]:
    charges = LedgerEntry.objects.filter(account_id=user.pk, kind="charge").count()
    return factories.credits_of(user), charges, GenerationJob.objects.count(), Carousel.objects.count()


def test_twenty_calls_with_one_key_are_one_fresh_and_nineteen_replays():
    user = factories.user()

    responses = at_once(*[caller(user)] * CALLERS)

    assert kinds(responses) == {(200, False): 1, (200, True): 19}
    assert len({each.content for each in responses}) == 1
    assert rows(user) == (9, 1, 1, 1)


def test_without_the_key_each_of_them_is_charged():
    user = factories.user(credits=CALLERS, daily_limit=None)

    responses = at_once(*[caller(user, key=None)] * CALLERS)

    assert kinds(responses) == {(200, False): CALLERS}
    assert rows(user) == (0, CALLERS, CALLERS, CALLERS)


def test_retry_storm_over_http_costs_one_credit(tmp_path):
    user = factories.user()
    headers = {
        "Authorization": f"Bearer {factories.api_key(user)}",
        "Content-Type": "application/json",
        "Idempotency-Key": "storm",
    }

    def post():
        found = []
        for _ in range(5):
            wire = http.client.HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
            wire.request("POST", PATH, json.dumps(factories.payload()), headers)
            answer = wire.getresponse()
            found.append((answer.status, answer.headers.get("Idempotency-Replayed"), answer.read()))
            wire.close()
        return found

    with serve("asgi", tmp_path) as server:
        answered = [each for found in at_once(*[post] * CALLERS) for each in found]

    assert Counter(each[:2] for each in answered) == {(200, None): 1, (200, "true"): 5 * CALLERS - 1}
    assert len({body for _, _, body in answered}) == 1
    assert rows(user) == (9, 1, 1, 1)


def test_other_keys_of_a_user_do_not_wait():
    user = factories.user()

    responses = at_once(*[caller(user, key=f"key {number}") for number in range(4)])

    assert kinds(responses) == {(200, False): 4}
    assert rows(user) == (6, 4, 4, 4)


def test_second_call_acts_when_the_first_one_s_connection_dies_after_the_debit(monkeypatch):
    user = factories.user()
    is_debited, debited = threading.Event(), []
    answer = answers.submission

    def hang_once(entered):
        if not debited:
            debited.append(connection.connection.info.backend_pid)
            is_debited.set()
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_sleep(30)")
        return answer(entered)

    def kill_when_the_second_waits():
        wait_for_a_blocked_query()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", debited)

    def second():
        assert is_debited.wait(PATIENCE)
        return call()

    monkeypatch.setattr(answers, "submission", hang_once)
    call = caller(user)
    died, acted, _ = at_once(call, second, kill_when_the_second_waits)

    assert (died.status_code, kinds([acted])) == (500, {(200, False): 1})
    assert rows(user) == (9, 1, 1, 1)
    assert kinds([call()]) == {(200, True): 1}


def test_wait_for_another_request_has_an_end(monkeypatch):
    monkeypatch.setattr(idempotency, "PATIENCE", timedelta(milliseconds=200))
    user = factories.user()
    may_go = threading.Event()

    def hold_the_key():
        with transaction.atomic():
            IdempotencyKey.objects.create(user=user, key="storm", fingerprint="", created_at=factories.NOON)
            is_held.set()
            assert may_go.wait(PATIENCE)
            transaction.set_rollback(True)

    def ask():
        assert is_held.wait(PATIENCE)
        try:
            return call()
        finally:
            may_go.set()

    is_held, call = threading.Event(), caller(user)
    response = at_once(hold_the_key, ask)[1]

    assert (response.status_code, response.headers["Retry-After"]) == (409, "1")
    assert body_of(response)["error"] == "IDEMPOTENCY_KEY_IN_USE"
    assert rows(user) == (10, 0, 0, 0)
    assert kinds([call()]) == {(200, False): 1}


def test_only_the_key_is_waited_for_impatiently(monkeypatch):
    monkeypatch.setattr(idempotency, "PATIENCE", timedelta(milliseconds=100))
    user = factories.user()

    def hold_the_account():
        with transaction.atomic():
            Account.objects.select_for_update(no_key=True).get(pk=user.pk)
            is_held.set()
            wait_for_a_blocked_query()
            time.sleep(0.4)

    def ask():
        assert is_held.wait(PATIENCE)
        return call()

    is_held, call = threading.Event(), caller(user)
    response = at_once(hold_the_account, ask)[1]

    assert kinds([response]) == {(200, False): 1}
    assert rows(user) == (9, 1, 1, 1)
