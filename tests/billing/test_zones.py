"""The day is the account's own: its zone exists and changes rarely, and no way of moving it buys days."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from billing import ledger, limits, terms, zones
from billing.models import Account
from tests import factories
from tests.billing.test_limits import EAST, WEST, a_user, account_with, charge, hop, state_of

NOW = factories.NOON
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def at(zone: str, *moment: int, fold: int = 0) -> datetime:
    return datetime(*moment, tzinfo=ZoneInfo(zone), fold=fold)


def zone_of(user) -> tuple[str, datetime | None]:
    account = Account.objects.get(pk=user.pk)
    return account.timezone, account.timezone_changed_at


# --- which zones, and how often -------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires", EAST, WEST])
def test_zones_that_exist_are_known(db, zone):
    assert zone in zones.known()


@pytest.mark.parametrize(
    "zone",
    ["", "Mars/Olympus", "europe/berlin", "UTC+3", "posix/Europe/Berlin", "Factory", "localtime", "../etc"],
)
def test_zone_that_is_none_is_refused(user, zone):
    with pytest.raises(terms.UnknownTimezone):
        terms.set_timezone(user=user, timezone=zone, now=NOW)

    assert zone_of(user) == ("UTC", None)


def test_every_known_zone_has_a_midnight(db):
    for zone in zones.known():
        account = account_with(used=1, on=NOW.date() - DAY * 2, zone=zone)
        resets_at = limits.resets_at(account=account, now=NOW)
        assert NOW < resets_at <= NOW + DAY + HOUR, zone


def test_zone_is_changed_at_most_once_in_thirty_days(user):
    terms.set_timezone(user=user, timezone="Asia/Tokyo", now=NOW)

    with pytest.raises(terms.TimezoneChangedLately) as refused:
        terms.set_timezone(user=user, timezone="UTC", now=NOW + DAY * 30 - HOUR)

    assert (refused.value.changeable_at, refused.value.retry_after) == (NOW + DAY * 30, 3601)
    assert zone_of(user) == ("Asia/Tokyo", NOW)

    terms.set_timezone(user=user, timezone="UTC", now=NOW + DAY * 30)

    assert zone_of(user) == ("UTC", NOW + DAY * 30)


def test_same_zone_again_is_no_change(user):
    terms.set_timezone(user=user, timezone="Asia/Tokyo", now=NOW)

    terms.set_timezone(user=user, timezone="Asia/Tokyo", now=NOW + DAY)

    assert zone_of(user) == ("Asia/Tokyo", NOW)


def test_change_of_zone_gives_no_use_back(db):
    user = a_user()
    for number in range(5):
        charge(user, reference=f"job:{number}:1")

    terms.set_timezone(user=user, timezone=WEST, now=NOW)

    with pytest.raises(ledger.DailyLimitReached) as refused:
        charge(user, reference="job:6:1")
    assert refused.value.resets_at == at(WEST, 2026, 11, 23)
    assert state_of(user) == (5, 5, NOW.date())


# --- hopping --------------------------------------------------------------------------------------


def accepted_over(days: int, user, zone_at) -> int:
    """Every hour somebody who is in the zone of that hour takes all that is to be had."""
    accepted = 0
    for hour in range(days * 24):
        now = NOW + HOUR * hour
        hop(user, zone_at(hour))
        try:
            while True:
                ledger.charge(
                    user=user, credits=1, reference=f"job:{accepted}:1", now=now, counts_for_day=True
                )
                accepted += 1
        except ledger.DailyLimitReached:
            continue
    return accepted


HOPPERS = {
    "every hour": lambda hour: (WEST, EAST)[hour % 2],
    "every half day": lambda hour: (WEST, EAST)[hour // 12 % 2],
    "at each east's midnight": lambda hour: EAST if hour % 24 >= 22 else WEST,
    "once, on the fourth day": lambda hour: EAST if hour > 90 else WEST,
}


@pytest.mark.parametrize("zone_at", HOPPERS.values(), ids=HOPPERS)
def test_hopper_gains_at_most_one_reset_however_long(db, zone_at):
    honest, hopper = (a_user(credits=500, daily_limit=3) for _ in range(2))
    stayed = accepted_over(6, honest, lambda hour: WEST)

    hopped = accepted_over(6, hopper, zone_at)

    assert stayed == 3 * 7  # six days and nights touch seven dates
    assert stayed <= hopped <= stayed + 3


def test_hopper_gains_a_reset_an_hour_when_stale_means_another_day(db, monkeypatch):
    """The twin: `<>` for `<`, and today's date written back as it is."""
    hopper = a_user(credits=1000, daily_limit=3)

    def use_day_naively(*, account, now):
        today = limits.today_of(account=account, now=now)
        used = 0 if account.last_reset_date != today else account.daily_used
        if used >= account.daily_limit:
            raise ledger.DailyLimitReached(limit=3, resets_at=now, now=now)
        account.daily_used, account.last_reset_date = used + 1, today
        return today

    monkeypatch.setattr(ledger, "_use_day", use_day_naively)

    assert accepted_over(6, hopper, HOPPERS["every hour"]) == 3 * 6 * 24


# --- days of 23 and 25 hours ----------------------------------------------------------------------

SHORT_AND_LONG = {  # zone, a moment of the day before, when its day ends (UTC)
    "Berlin, 23 hours": ("Europe/Berlin", (2026, 3, 29, 0, 30), datetime(2026, 3, 29, 22, tzinfo=UTC)),
    "Berlin, 25 hours": ("Europe/Berlin", (2026, 10, 25, 0, 30), datetime(2026, 10, 25, 23, tzinfo=UTC)),
    "New York, 25 hours": ("America/New_York", (2026, 11, 1, 0, 30), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    "Lord Howe, half an hour": (
        "Australia/Lord_Howe",
        (2026, 4, 5, 0, 30),
        datetime(2026, 4, 5, 13, 30, tzinfo=UTC),
    ),
    "Cairo, no midnight": ("Africa/Cairo", (2026, 4, 23, 12), datetime(2026, 4, 23, 22, tzinfo=UTC)),
    "Cairo, 23:00 twice": ("Africa/Cairo", (2026, 10, 29, 12), datetime(2026, 10, 29, 22, tzinfo=UTC)),
    "Havana, midnight twice": ("America/Havana", (2026, 10, 31, 12), datetime(2026, 11, 1, 4, tzinfo=UTC)),
    "Apia, a date left out": ("Pacific/Apia", (2011, 12, 29, 12), datetime(2011, 12, 30, 10, tzinfo=UTC)),
}


@pytest.mark.parametrize(("zone", "moment", "ends_at"), SHORT_AND_LONG.values(), ids=SHORT_AND_LONG)
def test_day_ends_where_the_date_changes_whatever_the_clocks_do(zone, moment, ends_at):
    now = at(zone, *moment)
    account = account_with(used=5, on=now.date(), zone=zone)

    assert limits.resets_at(account=account, now=now) == ends_at
    last = limits.today_of(account=account, now=ends_at - timedelta(seconds=1))
    first = limits.today_of(account=account, now=ends_at)
    assert limits.remaining_on(account=account, today=last) == 0
    assert limits.remaining_on(account=account, today=first) == 5


def test_date_that_is_left_out_is_skipped():
    account = account_with(used=5, on=date(2011, 12, 29), zone="Pacific/Apia")
    ends_at = limits.resets_at(account=account, now=at("Pacific/Apia", 2011, 12, 29, 12))

    assert limits.today_of(account=account, now=ends_at) == date(2011, 12, 31)


@pytest.mark.parametrize("hours", [23, 25])
def test_reset_by_beat_comes_with_the_hour_after_a_short_or_long_day(db, hours):
    user = a_user()
    hop(user, "Europe/Berlin")
    began = at("Europe/Berlin", 2026, 3, 29) if hours == 23 else at("Europe/Berlin", 2026, 10, 25)
    Account.objects.filter(pk=user.pk).update(daily_used=4, last_reset_date=began.date())
    began = began.astimezone(UTC)

    touched = [terms.reset_days(now=began + HOUR * hour) for hour in range(hours + 1)]

    assert touched == [0] * hours + [1]


def test_reset_passes_over_a_zone_that_does_not_exist(db, caplog):
    lost, user = a_user(), a_user()
    Account.objects.filter(pk=lost.pk).update(timezone="Mars/Olympus")
    Account.objects.update(daily_used=4)

    assert terms.reset_days(now=NOW) == 1

    assert (state_of(lost)[1], state_of(user)[1]) == (4, 0)
    assert "unknown time zone: Mars/Olympus" in caplog.text
