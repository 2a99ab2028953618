"""Beat's errands for money beside each other and beside submits: nothing twice, nothing lost, nobody waits.

Each proof has a twin without what prevents the race.
"""

import itertools
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from billing import grants, ledger, terms
from billing.models import Account, LedgerEntry
from tests import factories
from tests.concurrency.threads import at_once, one_inside_the_other

pytestmark = pytest.mark.django_db(transaction=True)

MONTH = timedelta(days=31)


def subscriber():
    """An account whose next month is due."""
    user = factories.user()
    terms.set_plan(user=user, plan="pro", now=timezone.now() - MONTH)
    return user


def give() -> int:
    return grants.give_due(now=timezone.now())


def grants_of(user) -> int:
    return LedgerEntry.objects.filter(account_id=user.pk, kind="grant").count()


def test_second_of_two_beats_waits_for_the_first_and_gives_nothing():
    user = subscriber()

    assert one_inside_the_other(give, give) == [1, 0]

    assert (factories.credits_of(user), grants_of(user)) == (210, 2)


def test_eight_beats_at_once_give_each_account_its_month_once():
    users = [subscriber() for _ in range(5)]

    assert sum(at_once(*[give] * 8)) == 5

    assert [factories.credits_of(user) for user in users] == [210] * 5


def test_change_of_plan_beside_beat_grants_once():
    user = subscriber()

    def upgrade():
        return terms.set_plan(user=user, plan="premium", now=timezone.now()).plan_id

    assert one_inside_the_other(give, upgrade) == [1, "premium"]

    assert factories.credits_of(user) == 10 + 100 + 500


def test_without_lock_and_reference_the_month_is_given_twice():
    """The race: both have looked before either has given, and each names its entry itself."""
    user, numbers = subscriber(), itertools.count()

    def give_naively():
        is_due = Account.objects.get(pk=user.pk).next_grant_on <= timezone.now().date()
        yield
        if is_due:
            reference = f"naive:{next(numbers)}"
            ledger.grant(user=user, credits=100, reference=reference, now=timezone.now(), actor="test")
        Account.objects.filter(pk=user.pk).update(next_grant_on=timezone.now().date() + MONTH)

    first, second = give_naively(), give_naively()
    for beat in (first, second):
        next(beat)
    for beat in (first, second):
        list(beat)

    assert factories.credits_of(user) == 310


# --- the nightly reset ----------------------------------------------------------------------------


def tired(*, count: int = 1) -> list:
    """Users who have used all of yesterday."""
    users = [factories.user() for _ in range(count)]
    yesterday = timezone.now().date() - timedelta(days=1)
    pks = [user.pk for user in users]
    Account.objects.filter(pk__in=pks).update(daily_used=5, last_reset_date=yesterday)
    return users


def used(users) -> list[int]:
    rows = dict(Account.objects.values_list("pk", "daily_used"))
    return [rows[user.pk] for user in users]


def reset() -> int:
    return terms.reset_days(now=timezone.now())


def reset_impatiently() -> int:
    """Fails where it would wait: who is waited for here waits for this."""
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '3s'")
    return reset()


def test_reset_passes_over_who_is_being_charged_and_waits_for_nobody():
    users = tired(count=3)

    with transaction.atomic():
        factories.job(users[1])  # charged, not committed
        assert at_once(reset_impatiently) == [2]

    assert used(users) == [0, 1, 0]
    assert reset() == 0


def test_reset_in_one_statement_waits_for_whoever_is_being_charged():
    """The twin: the plain UPDATE, which holds every account it has come to meanwhile."""
    users = tired(count=3)
    today = timezone.now().date()

    def charge():
        return factories.job(users[1]).user

    def reset_naively():
        return Account.objects.filter(last_reset_date__lt=today).update(daily_used=0, last_reset_date=today)

    assert one_inside_the_other(charge, reset_naively) == [users[1], 2]


def test_reset_that_looks_first_and_writes_later_loses_a_use():
    """The twin of the lock between the two: a charge in between is forgotten."""
    users = tired()
    today = timezone.now().date()
    stale = list(Account.objects.filter(last_reset_date__lt=today).values_list("pk", flat=True))

    factories.job(users[0])
    Account.objects.filter(pk__in=stale).update(daily_used=0, last_reset_date=today)

    assert used(users) == [0]


def test_eight_resets_at_once_touch_each_account_once(monkeypatch):
    monkeypatch.setattr(terms, "BATCH", 3)
    users = tired(count=10)

    touched = at_once(*[reset] * 8)

    assert sum(touched) + reset() == 10
    assert used(users) == [0] * 10
