"""The daily limit, as pure functions of an account's row and a date. Nothing is written here.

A counter of yesterday reads as zero, so a late nightly reset harms nobody. Stale is `<`, never
`<>`: whoever hops to a time zone where it is still yesterday must not start a fresh day.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from billing.models import Account


def today_of(*, account: Account, now: datetime) -> date:
    return now.astimezone(ZoneInfo(account.timezone)).date()


def used_on(*, account: Account, today: date) -> int:
    return 0 if account.last_reset_date < today else account.daily_used


def remaining_on(*, account: Account, today: date) -> int | None:
    """Uses left today; None when the account has no limit."""
    if account.daily_limit is None:
        return None
    return max(0, account.daily_limit - used_on(account=account, today=today))


def resets_at(*, account: Account, now: datetime) -> datetime:
    """The next midnight of the account's time zone, or of the day its counter already stands on.

    In UTC: Python neither compares nor subtracts well what a clock shows twice or not at all.
    """
    zone = ZoneInfo(account.timezone)
    day = max(today_of(account=account, now=now), account.last_reset_date)
    return datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone).astimezone(UTC)
