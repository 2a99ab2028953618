"""A plan's credits come once a month, whoever asks how often; a change of plan never grants twice."""

from datetime import UTC, date, datetime, timedelta

import pytest

from billing import audit, grants, ledger, terms
from billing.models import Account, LedgerEntry, Plan
from billing.tasks import give_monthly_grants
from tests import factories

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def given_to(user) -> list[tuple[str, int]]:
    entries = LedgerEntry.objects.filter(account_id=user.pk, kind="grant").order_by("id")
    return list(entries.values_list("reference", "credits"))


def join(user, plan: str, *, now: datetime = NOW) -> None:
    terms.set_plan(user=user, plan=plan, now=now)


@pytest.fixture
def pro(user):
    join(user, "pro")
    return user


FIRST = ("month:2026-11-30:pro", 100)


def test_plan_gives_its_first_month_when_the_account_comes_to_it(pro):
    assert given_to(pro) == [FIRST]
    entry = LedgerEntry.objects.get(account_id=pro.pk, kind="grant")
    assert (entry.balance_after, entry.actor) == (110, "system")


def test_free_account_is_given_nothing(user):
    assert grants.give_due(now=NOW) == 0

    assert given_to(user) == []


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2028, 1, 30), 1, date(2028, 2, 29)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 11, 30), 14, date(2028, 1, 30)),
        (date(2026, 5, 5), 0, date(2026, 5, 5)),
    ],
)
def test_same_day_of_a_later_month_or_its_last(day, months, later):
    assert grants.months_after(day, months) == later


def test_grant_comes_each_month_on_the_day_the_plan_began(pro):
    days = [NOW + DAY * number for number in range(1, 125)]

    granted = [now.date() for now in days if grants.give_due(now=now)]

    assert granted == [date(2026, 12, 30), date(2027, 1, 30), date(2027, 2, 28), date(2027, 3, 30)]
    assert [reference for reference, _ in given_to(pro)] == [
        f"month:{day}:pro" for day in [NOW.date(), *granted]
    ]
    assert factories.credits_of(pro) == 510


def test_beat_that_runs_twice_gives_once(pro):
    now = NOW + DAY * 30

    assert [grants.give_due(now=now), grants.give_due(now=now)] == [1, 0]

    assert given_to(pro) == [FIRST, ("month:2026-12-30:pro", 100)]


def test_beat_that_was_down_for_a_week_makes_up_for_it_and_the_day_stays(pro):
    late = NOW + DAY * 37

    assert grants.give_due(now=late) == 1

    assert given_to(pro) == [FIRST, ("month:2026-12-30:pro", 100)]
    assert Account.objects.get(pk=pro.pk).next_grant_on == date(2027, 1, 30)


def test_beat_that_was_down_over_a_whole_month_gives_both_and_no_more(pro):
    assert grants.give_due(now=NOW + DAY * 190) == 1  # 8 June

    assert [reference for reference, _ in given_to(pro)] == [
        "month:2026-11-30:pro",
        "month:2027-04-30:pro",
        "month:2027-05-30:pro",
    ]


def test_upgrade_within_the_month_adds_the_difference(pro):
    join(pro, "premium", now=NOW + DAY * 10)

    assert given_to(pro) == [FIRST, ("month:2026-11-30:premium", 400)]
    assert Account.objects.get(pk=pro.pk).next_grant_on == date(2026, 12, 30)


@pytest.mark.parametrize(
    "hops", [["free", "pro"], ["premium", "pro", "premium"], ["free", "premium", "free", "pro", "premium"]]
)
def test_plan_hopper_gets_no_more_than_the_largest_plan_gives(pro, hops):
    for number, plan in enumerate(hops, 1):
        join(pro, plan, now=NOW + DAY * number)
        grants.give_due(now=NOW + DAY * number)

    largest = 500 if "premium" in hops else 100
    assert sum(credits for _, credits in given_to(pro)) == largest
    assert grants.give_due(now=NOW + DAY * 29) == 0


def test_account_that_comes_back_after_its_month_begins_a_new_one(pro):
    join(pro, "free", now=NOW + DAY)
    assert grants.give_due(now=NOW + DAY * 40) == 0

    join(pro, "pro", now=NOW + DAY * 50)

    assert given_to(pro) == [FIRST, ("month:2027-01-19:pro", 100)]
    assert Account.objects.get(pk=pro.pk).next_grant_on == date(2027, 2, 19)


def test_account_that_comes_back_within_its_month_keeps_its_day(pro):
    join(pro, "free", now=NOW + DAY)
    assert Account.objects.get(pk=pro.pk).next_grant_on is None

    join(pro, "pro", now=NOW + DAY * 5)

    assert given_to(pro) == [FIRST]
    assert Account.objects.get(pk=pro.pk).next_grant_on == date(2026, 12, 30)


def test_old_plan_s_month_is_given_before_the_change(pro):
    """Due since yesterday, when beat was down; today the account leaves."""
    join(pro, "free", now=NOW + DAY * 31)

    assert given_to(pro) == [FIRST, ("month:2026-12-30:pro", 100)]


def test_plan_that_begins_to_give_gives_to_those_who_are_on_it(user):
    Plan.objects.filter(pk="free").update(monthly_grant=20)

    assert [grants.give_due(now=NOW), grants.give_due(now=NOW + DAY)] == [1, 0]

    assert given_to(user) == [("month:2026-11-30:free", 20)]


def test_plan_that_begins_to_give_counts_the_month_of_the_plan_before(pro):
    join(pro, "free", now=NOW + DAY * 5)
    Plan.objects.filter(pk="free").update(monthly_grant=20)

    given = [grants.give_due(now=NOW + DAY * days) for days in (6, 29, 30)]

    assert (given, audit.faults()) == ([0, 0, 1], [])
    assert given_to(pro) == [FIRST, ("month:2026-12-30:free", 20)]


def test_plan_that_gives_more_from_now_on_adds_nothing_to_the_running_month(pro):
    Plan.objects.filter(pk="pro").update(monthly_grant=150)

    assert grants.give_due(now=NOW + DAY) == 0
    assert grants.give_due(now=NOW + DAY * 30) == 1

    assert given_to(pro) == [FIRST, ("month:2026-12-30:pro", 150)]


def test_operators_grants_are_no_month(user):
    ledger.grant(user=user, credits=70, reference="sorry", now=NOW, actor="test")

    join(user, "pro")

    assert given_to(user) == [("sorry", 70), FIRST]


def test_bent_account_does_not_keep_others_waiting(db, caplog):
    bent, well = sorted((factories.user() for _ in range(2)), key=lambda user: user.pk)
    for user in (bent, well):
        join(user, "pro")
    Account.objects.filter(pk=bent.pk).update(credits=2**31 - 1)  # the column's end

    assert grants.give_due(now=NOW + DAY * 30) == 1

    assert (len(given_to(bent)), len(given_to(well))) == (1, 2)
    assert f"account {bent.pk} cannot be granted its month" in caplog.text


def test_batches_miss_nobody(db, monkeypatch):
    monkeypatch.setattr(grants, "BATCH", 2)
    users = [factories.user() for _ in range(5)]
    for user in users:
        join(user, "pro")

    assert grants.give_due(now=NOW + DAY * 30) == 5


def test_beat_says_to_how_many_it_gave(user):
    join(user, "pro", now=datetime(2020, 1, 1, tzinfo=UTC))

    assert (give_monthly_grants(), give_monthly_grants()) == (1, 0)


def test_month_pays_a_debt_first_and_counts_whole_when_the_plan_changes(user):
    ledger.reclaim(user=user, credits=40, reference="dispute", now=NOW, actor="test")

    join(user, "pro")
    join(user, "premium", now=NOW + DAY)

    assert given_to(user) == [("month:2026-11-30:pro", 70), ("month:2026-11-30:premium", 400)]
