"""The ledger's verbs: what each moves, how often, and what it leaves alone when it refuses."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from billing import ledger, terms
from billing.models import Account, EntryKind, LedgerEntry
from tests import factories

NOW = factories.NOON


def entries_of(user) -> list[tuple[str, int, int]]:
    entries = LedgerEntry.objects.filter(account_id=user.pk).order_by("pk")
    return list(entries.values_list("kind", "credits", "balance_after"))


def charge(user, *, credits: int = 1, reference: str = "job:1:1") -> Account:
    return ledger.charge(user=user, credits=credits, reference=reference, now=NOW, counts_for_day=True)


def adjust(user, credits: int, *, reference: str) -> Account:
    return ledger.adjust(
        user=user, credits=credits, reference=reference, now=NOW, actor="staff:1", note="sorry"
    )


@pytest.fixture
def user(db):
    """A user of these tests' own day, whatever the calendar says."""
    made = factories.user()
    Account.objects.filter(pk=made.pk).update(last_reset_date=NOW.date())
    return made


@pytest.fixture
def stranger(db):
    """A user nobody has asked about money yet."""
    return User.objects.create_user("stranger@example.com")


def test_account_opens_on_first_sight_with_signup_credits(stranger):
    account = ledger.open_account(user=stranger, now=NOW)

    assert (account.credits, account.daily_limit, account.last_reset_date) == (10, 5, NOW.date())
    assert entries_of(stranger) == [("signup", 10, 10)]


def test_charge_reads_and_writes_the_account_once(user, django_assert_num_queries):
    with django_assert_num_queries(2) as asked:
        charge(user)

    verbs = [query["sql"].split()[0] for query in asked.captured_queries]
    assert verbs == ["SELECT", "WITH"]


def test_account_opened_again_is_the_same_account(stranger):
    ledger.open_account(user=stranger, now=NOW)

    again = ledger.open_account(user=stranger, now=NOW)

    assert again.credits == 10
    assert entries_of(stranger) == [("signup", 10, 10)]


def test_charge_opens_the_account_of_a_user_seen_for_the_first_time(stranger):
    account = charge(stranger)

    assert account.credits == 9
    assert entries_of(stranger) == [("signup", 10, 10), ("charge", -1, 9)]


def test_charge_takes_credits_and_one_use_of_the_day(user):
    charge(user)

    account = Account.objects.get(pk=user.pk)
    assert (account.credits, account.daily_used, account.last_reset_date) == (9, 1, NOW.date())
    entry = LedgerEntry.objects.get(account=account, kind=EntryKind.CHARGE)
    assert (entry.credits, entry.balance_after, entry.usage_date, entry.reference, entry.actor) == (
        -1,
        9,
        NOW.date(),
        "job:1:1",
        "system",
    )


def test_charge_beyond_the_balance_is_refused_and_moves_nothing(db):
    user = factories.user(credits=1)
    before = entries_of(user)

    with pytest.raises(ledger.InsufficientCredits) as refused:
        charge(user, credits=2)

    assert (refused.value.needed, refused.value.available) == (2, 1)
    account = Account.objects.get(pk=user.pk)
    assert (account.credits, account.daily_used, entries_of(user)) == (1, 0, before)


def test_charge_of_one_reference_happens_once(user):
    charge(user)

    with pytest.raises(IntegrityError, match="ledger_reference_once_per_kind"), transaction.atomic():
        charge(user)

    assert factories.credits_of(user) == 9
    assert entries_of(user) == [("signup", 10, 10), ("charge", -1, 9)]


def test_charge_at_price_zero_writes_no_row_and_uses_no_day(user):
    account = charge(user, credits=0)

    assert (account.credits, account.daily_used) == (10, 0)
    assert entries_of(user) == [("signup", 10, 10)]


def test_refund_pays_back_once(user):
    charge(user, credits=3)

    first = ledger.refund(user=user, reference="job:1:1", gives_day_back=True)
    second = ledger.refund(user=user, reference="job:1:1", gives_day_back=True)

    assert (first, second) == (3, 0)
    assert entries_of(user) == [("signup", 10, 10), ("charge", -3, 7), ("refund", 3, 10)]
    assert Account.objects.get(pk=user.pk).daily_used == 0


def test_refund_pays_what_the_charge_took_whatever_it_costs_today(user, settings):
    job = factories.job(user)
    settings.CREDITS_PER_CAROUSEL = 7

    given = ledger.refund(user=user, reference=job.reference, gives_day_back=False)

    assert given == 1
    assert factories.credits_of(user) == 10


def test_refund_of_what_was_never_charged_gives_nothing(user):
    given = ledger.refund(user=user, reference="job:1:1", gives_day_back=True)

    assert given == 0
    assert entries_of(user) == [("signup", 10, 10)]


def test_refund_to_a_user_without_an_account_gives_nothing(stranger):
    given = ledger.refund(user=stranger, reference="job:1:1", gives_day_back=True)

    assert given == 0
    assert not Account.objects.filter(pk=stranger.pk).exists()


def test_refund_belongs_to_one_account(user):
    charge(user)
    other = factories.user()

    given = ledger.refund(user=other, reference="job:1:1", gives_day_back=True)

    assert (given, factories.credits_of(other), factories.credits_of(user)) == (0, 10, 9)


def test_adjust_with_one_reference_counts_once(user):
    adjust(user, 5, reference="form:abc")
    adjust(user, 5, reference="form:abc")

    assert entries_of(user) == [("signup", 10, 10), ("adjust", 5, 15)]
    entry = LedgerEntry.objects.get(kind=EntryKind.ADJUST)
    assert (entry.actor, entry.note) == ("staff:1", "sorry")


def test_adjust_below_zero_is_refused_and_moves_nothing(user):
    with pytest.raises(ledger.InsufficientCredits):
        adjust(user, -11, reference="form:abc")

    assert entries_of(user) == [("signup", 10, 10)]
    assert factories.credits_of(user) == 10


def test_grant_gives_once_per_reference(user):
    for reference in ("demo:1", "demo:1", "demo:2"):
        ledger.grant(user=user, credits=20, reference=reference, now=NOW, actor="operator")

    assert entries_of(user) == [("signup", 10, 10), ("grant", 20, 30), ("grant", 20, 50)]


def test_same_reference_may_serve_another_kind(user):
    ledger.grant(user=user, credits=1, reference="job:1:1", now=NOW, actor="operator")

    charge(user)

    assert entries_of(user) == [("signup", 10, 10), ("grant", 1, 11), ("charge", -1, 10)]


def test_balance_is_the_sum_and_every_entry_tells_the_running_balance(user):
    charge(user, credits=4, reference="a")
    adjust(user, -2, reference="b")
    ledger.refund(user=user, reference="a", gives_day_back=False)
    ledger.grant(user=user, credits=9, reference="c", now=NOW, actor="operator")
    charge(user, credits=1, reference="d")

    total = LedgerEntry.objects.filter(account_id=user.pk).aggregate(total=Sum("credits"))["total"]
    running = 0
    for _, credits, balance_after in entries_of(user):
        running += credits
        assert balance_after == running
    assert factories.credits_of(user) == total == running == 16


def test_database_itself_refuses_a_negative_balance(user):
    with pytest.raises(IntegrityError, match="account_balance_not_negative"), transaction.atomic():
        Account.objects.filter(pk=user.pk).update(credits=-1)

    assert factories.credits_of(user) == 10


def test_database_itself_refuses_an_entry_of_nothing(user):
    with (
        pytest.raises(IntegrityError, match="ledger_moves_something"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "INSERT INTO billing_ledger (account_id, kind, credits, balance_after, reference, actor)"
            " VALUES (%s, 'adjust', 0, 10, 'x', 'test')",
            [user.pk],
        )

    assert entries_of(user) == [("signup", 10, 10)]


def test_daily_limit_none_means_no_limit(user):
    terms.set_daily_limit(user=user, daily_limit=None, now=timezone.now())

    for number in range(8):
        charge(user, reference=f"job:{number}:1")

    account = Account.objects.get(pk=user.pk)
    assert (account.credits, account.daily_used) == (2, 8)
