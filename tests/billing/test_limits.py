"""The daily limit: a stale counter reads as zero, and no way of moving clocks buys a second day."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from accounts.models import User
from billing import ledger, limits, terms
from billing.models import Account, LedgerEntry
from billing.tasks import reset_daily_limits
from tests import factories

NOW = factories.NOON
TODAY, TOMORROW, YESTERDAY = NOW.date(), NOW.date() + timedelta(days=1), NOW.date() - timedelta(days=1)
EAST, WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # 25 hours apart


def a_user(**fields: Any) -> User:
    """A user of these tests' own days: nothing used since the day before yesterday."""
    made = factories.user(**fields)
    Account.objects.filter(pk=made.pk).update(last_reset_date=YESTERDAY - timedelta(days=1))
    return made


@pytest.fixture
def user(db):
    return a_user()


def account_with(*, used: int, on: date, limit: int | None = 5, zone: str = "UTC") -> Account:
    return Account(daily_used=used, last_reset_date=on, daily_limit=limit, timezone=zone)


def charge(user, *, reference: str, now: datetime = NOW) -> Account:
    return ledger.charge(user=user, credits=1, reference=reference, now=now, counts_for_day=True)


def state_of(user) -> tuple[int, int, date]:
    account = Account.objects.get(pk=user.pk)
    return account.credits, account.daily_used, account.last_reset_date


@pytest.mark.parametrize(
    ("on", "used"),
    [(YESTERDAY, 0), (TODAY, 4), (TOMORROW, 4)],
    ids=["yesterday's reads as zero", "today's counts", "tomorrow's, seen from the west, counts"],
)
def test_counter_is_stale_only_when_its_day_has_passed(on, used):
    account = account_with(used=4, on=on)

    assert limits.used_on(account=account, today=TODAY) == used
    assert limits.remaining_on(account=account, today=TODAY) == 5 - used


def test_remaining_is_none_without_a_limit():
    account = account_with(used=99, on=TODAY, limit=None)

    assert limits.remaining_on(account=account, today=TODAY) is None


def test_remaining_is_never_negative_when_the_limit_was_lowered():
    account = account_with(used=5, on=TODAY, limit=2)

    assert limits.remaining_on(account=account, today=TODAY) == 0


def test_today_is_the_account_s_own_day():
    late = datetime(2026, 11, 22, 23, 30, tzinfo=ZoneInfo("UTC"))

    days = [
        limits.today_of(account=account_with(used=0, on=TODAY, zone=zone), now=late) for zone in (EAST, WEST)
    ]

    assert days == [date(2026, 11, 23), date(2026, 11, 22)]


def test_limit_resets_at_the_next_midnight_of_the_account_s_zone():
    account = account_with(used=1, on=TODAY, zone="America/New_York")

    assert limits.resets_at(account=account, now=NOW) == datetime(
        2026, 11, 23, 0, 0, tzinfo=ZoneInfo("America/New_York")
    )


def test_limit_resets_after_the_day_the_counter_stands_on():
    account = account_with(used=5, on=TOMORROW)

    assert limits.resets_at(account=account, now=NOW).date() == TOMORROW + timedelta(days=1)


def test_limit_reached_refuses_and_moves_nothing(db):
    user = a_user(credits=50, daily_limit=3)
    for number in range(3):
        charge(user, reference=f"job:{number}:1")

    with pytest.raises(ledger.DailyLimitReached) as refused:
        charge(user, reference="job:3:1")

    assert (refused.value.limit, refused.value.retry_after) == (3, 12 * 3600 + 1)
    assert state_of(user) == (47, 3, TODAY)
    assert LedgerEntry.objects.filter(account_id=user.pk, kind="charge").count() == 3


def test_limit_zero_refuses_the_first(db):
    user = a_user(daily_limit=0)

    with pytest.raises(ledger.DailyLimitReached):
        charge(user, reference="job:1:1")

    assert factories.credits_of(user) == 10


def test_new_day_starts_at_one_without_any_reset(user):
    Account.objects.filter(pk=user.pk).update(daily_used=5, last_reset_date=YESTERDAY)

    charge(user, reference="job:1:1")

    assert state_of(user) == (9, 1, TODAY)


def test_work_that_does_not_count_leaves_the_day_alone(db):
    user = a_user(daily_limit=0)

    ledger.charge(user=user, credits=1, reference="job:1:1", now=NOW, counts_for_day=False)

    assert Account.objects.get(pk=user.pk).daily_used == 0
    assert LedgerEntry.objects.get(account_id=user.pk, kind="charge").usage_date is None


def hop(user, zone: str) -> None:
    Account.objects.filter(pk=user.pk).update(timezone=zone)


def accepted_while_hopping(user, start) -> int:
    """Try in the west and in the east by turns, as long as a limit of 5 could be had six times."""
    accepted = 0
    for turn in range(30):
        hop(user, (EAST, WEST)[turn % 2])
        try:
            start(turn)
        except ledger.DailyLimitReached:
            continue
        accepted += 1
    return accepted


def test_zone_hopper_gains_nothing(db):
    user = a_user(credits=50, daily_limit=5)

    accepted = accepted_while_hopping(user, lambda turn: charge(user, reference=f"job:{turn}:1"))

    assert accepted == 5


def test_zone_hopper_gains_a_day_each_hop_when_stale_means_another_day(db, monkeypatch):
    """The twin: `<>` for `<`, and today's date written back as it is."""
    user = a_user(credits=50, daily_limit=5)

    def use_day_naively(*, account, now):
        today = limits.today_of(account=account, now=now)
        used = 0 if account.last_reset_date != today else account.daily_used
        if used >= account.daily_limit:
            raise ledger.DailyLimitReached(limit=5, resets_at=now, now=now)
        account.daily_used, account.last_reset_date = used + 1, today
        account.save(update_fields=["daily_used", "last_reset_date"])
        return today

    monkeypatch.setattr(ledger, "_use_day", use_day_naively)
    accepted = accepted_while_hopping(user, lambda turn: charge(user, reference=f"job:{turn}:1"))

    assert accepted == 30


def test_refund_gives_the_day_back_on_the_same_day(user):
    charge(user, reference="job:1:1")

    ledger.refund(user=user, reference="job:1:1", gives_day_back=True)

    assert state_of(user) == (10, 0, TODAY)


def test_refund_keeps_the_day_when_told_so(user):
    charge(user, reference="job:1:1")

    ledger.refund(user=user, reference="job:1:1", gives_day_back=False)

    assert state_of(user) == (10, 1, TODAY)


def test_refund_of_yesterday_does_not_give_today_back(user):
    charge(user, reference="job:1:1", now=NOW - timedelta(days=1))
    charge(user, reference="job:2:1", now=NOW)

    ledger.refund(user=user, reference="job:1:1", gives_day_back=True)

    assert state_of(user) == (9, 1, TODAY)


def test_reset_zeroes_passed_days_once_and_says_how_many(db):
    stale, fresh, unused = a_user(), a_user(), a_user()
    Account.objects.filter(pk=stale.pk).update(daily_used=4, last_reset_date=YESTERDAY)
    Account.objects.filter(pk=fresh.pk).update(daily_used=2, last_reset_date=TODAY)
    Account.objects.filter(pk=unused.pk).update(daily_used=0, last_reset_date=YESTERDAY)

    touched = [terms.reset_days(now=NOW), terms.reset_days(now=NOW)]

    assert touched == [1, 0]
    assert [state_of(user)[1:] for user in (stale, fresh, unused)] == [(0, TODAY), (2, TODAY), (0, YESTERDAY)]


def test_reset_follows_each_account_s_zone(db):
    east, west = a_user(), a_user()
    hop(east, EAST)
    hop(west, WEST)
    Account.objects.filter(pk__in=[east.pk, west.pk]).update(daily_used=3, last_reset_date=TODAY)
    evening = NOW.replace(hour=18)  # tomorrow in the east, today in the west

    assert terms.reset_days(now=evening) == 1

    assert (state_of(east)[1:], state_of(west)[1:]) == ((0, TOMORROW), (3, TODAY))


def test_reset_by_beat_says_how_many_rows_it_touched(user):
    Account.objects.filter(pk=user.pk).update(daily_used=4, last_reset_date=date(2020, 1, 1))

    assert reset_daily_limits() == 1
    assert reset_daily_limits() == 0
