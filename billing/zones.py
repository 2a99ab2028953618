"""The names of time zones that an account may live in: those that PostgreSQL and this process both know."""

from functools import cache
from zoneinfo import available_timezones

from django.db import connection

NOT_PLACES = {"Factory", "localtime"}  # "not set", and "wherever this machine stands"


@cache  # PostgreSQL reads some six hundred files for it
def known() -> frozenset[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM pg_timezone_names")
        names = {name for (name,) in cursor.fetchall()}
    return frozenset(names & available_timezones() - NOT_PLACES)
