"""The last credit and the last use of a day cannot be spent twice, however many ask at once.

Each proof has a twin with the lock off, or with the origin's read, decrement and write back.
"""

import threading
from collections import Counter

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from billing import ledger
from billing.models import Account, LedgerEntry
from carousels.models import Carousel
from jobs import queue
from jobs.models import GenerationJob
from tests import factories
from tests.concurrency.threads import PATIENCE, at_once, one_inside_the_other

pytestmark = pytest.mark.django_db(transaction=True)

CALLERS = 8  # for the twins; the proofs use 100


def submit(user):
    return lambda: queue.submit(user=user, payload=factories.payload(), now=timezone.now())


def generate(user, *, times: int):
    """The API's call, each from a client of its own."""
    key = factories.api_key(user)

    def call() -> int:
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
        return client.post("/api/carousel/generate", factories.payload()).status_code

    return [call] * times


def charges(user) -> int:
    return LedgerEntry.objects.filter(account_id=user.pk, kind="charge").count()


def without_the_lock(monkeypatch, *, callers: int) -> None:
    """Everybody reads the account before anybody writes it, as threads may at any time."""
    everybody_has_read = threading.Barrier(callers)

    def read(*, user):
        account = Account.objects.get(pk=user.pk)
        everybody_has_read.wait(PATIENCE)
        return account

    monkeypatch.setattr(ledger, "_lock", read)


def origin_generate(user, journal: list[str]):
    """The origin's route: read the credits, work, write back what was read minus one."""
    credits = Account.objects.get(pk=user.pk).credits
    if credits <= 0:
        journal.append("INSUFFICIENT_CREDITS")
        return
    yield
    carousel = Carousel.objects.create(user=user, prompt="x", image_count=2)
    GenerationJob.objects.create(carousel=carousel, user=user, payload=factories.payload())
    Account.objects.filter(pk=user.pk).update(credits=credits - 1)
    journal.append("ACCEPTED")


def test_origin_s_read_and_write_back_gives_a_free_carousel():
    user, journal = factories.user(credits=1), []
    first, second = origin_generate(user, journal), origin_generate(user, journal)

    for request in (first, second):
        next(request)  # both have read
    for request in (first, second):
        list(request)  # both write

    assert journal == ["ACCEPTED", "ACCEPTED"]
    assert (factories.credits_of(user), GenerationJob.objects.count()) == (0, 2)


def test_second_of_two_waits_for_the_first_and_is_refused():
    user = factories.user(credits=1)

    accepted, refused = one_inside_the_other(submit(user), submit(user))

    assert accepted.remaining_credits == 0
    assert isinstance(refused, ledger.InsufficientCredits)
    assert (factories.credits_of(user), GenerationJob.objects.count(), charges(user)) == (0, 1, 1)


def test_hundred_generate_calls_for_one_credit():
    user = factories.user(credits=1, daily_limit=None)

    answers = at_once(*generate(user, times=100))

    assert Counter(answers) == {200: 1, 402: 99}
    assert (factories.credits_of(user), charges(user)) == (0, 1)
    assert (GenerationJob.objects.count(), Carousel.objects.count()) == (1, 1)


def test_without_the_lock_all_get_in_for_one_credit(monkeypatch):
    user = factories.user(credits=1, daily_limit=None)
    without_the_lock(monkeypatch, callers=CALLERS)

    answers = at_once(*generate(user, times=CALLERS))

    assert Counter(answers) == {200: CALLERS}
    assert (factories.credits_of(user), charges(user)) == (0, CALLERS)


def test_daily_limit_holds_for_two_at_once():
    user = factories.user(credits=50, daily_limit=1)

    accepted, refused = one_inside_the_other(submit(user), submit(user))

    assert accepted.remaining_credits == 49
    assert isinstance(refused, ledger.DailyLimitReached)
    assert (GenerationJob.objects.count(), charges(user)) == (1, 1)


def test_hundred_generate_calls_with_a_daily_limit_of_three():
    user = factories.user(credits=50, daily_limit=3)

    answers = at_once(*generate(user, times=100))

    assert Counter(answers) == {200: 3, 429: 97}
    assert (factories.credits_of(user), charges(user), GenerationJob.objects.count()) == (47, 3, 3)
    assert Account.objects.get(pk=user.pk).daily_used == 3


def test_without_the_lock_all_get_past_the_daily_limit(monkeypatch):
    user = factories.user(credits=50, daily_limit=3)
    without_the_lock(monkeypatch, callers=CALLERS)

    answers = at_once(*generate(user, times=CALLERS))

    assert Counter(answers) == {200: CALLERS}
    assert Account.objects.get(pk=user.pk).daily_used == 1


def test_two_first_calls_open_one_account():
    stranger = User.objects.create_user("stranger@example.com")
    now = timezone.now()

    def open_account():
        return ledger.open_account(user=stranger, now=now)

    for account in one_inside_the_other(open_account, open_account):
        assert account.credits == 10

    assert list(LedgerEntry.objects.values_list("kind", "credits")) == [("signup", 10)]


def test_many_first_calls_open_one_account():
    stranger = User.objects.create_user("stranger@example.com")

    answers = at_once(*generate(stranger, times=12))

    assert Counter(answers) == {200: 5, 429: 7}
    assert LedgerEntry.objects.filter(kind="signup").count() == 1
    assert factories.credits_of(stranger) == 5


def test_refund_asked_for_twice_at_once_is_paid_once():
    user = factories.user()
    job = factories.job(user)

    def refund():
        return ledger.refund(user=user, reference=job.reference, gives_day_back=True)

    assert sorted(one_inside_the_other(refund, refund)) == [0, 1]
    assert (factories.credits_of(user), Account.objects.get(pk=user.pk).daily_used) == (10, 0)


def test_double_click_on_an_adjustment_counts_once():
    user = factories.user()

    def adjust():
        return ledger.adjust(
            user=user, credits=5, reference="form:1", now=timezone.now(), actor="staff:1", note="sorry"
        )

    assert [account.credits for account in at_once(*[adjust] * 6)] == [15] * 6
    assert LedgerEntry.objects.filter(kind="adjust").count() == 1
