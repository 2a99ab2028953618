"""The ledger cannot be rewritten, not even by SQL: the real triggers, as the migration made them."""

import pytest
from django.db import connection, transaction
from django.db.models import ProtectedError
from django.db.utils import DatabaseError

from billing.models import LedgerEntry
from tests import factories

REFUSED = "billing_ledger is append-only"


def execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def rows() -> list[tuple]:
    return list(LedgerEntry.objects.order_by("pk").values_list("pk", "credits", "balance_after"))


@pytest.mark.parametrize(
    "sql",
    ["UPDATE billing_ledger SET credits = 1000", "DELETE FROM billing_ledger"],
    ids=["update", "delete"],
)
def test_ledger_refuses_change(db, sql):
    factories.user()
    before = rows()

    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        execute(sql)

    assert rows() == before


@pytest.mark.django_db(transaction=True)
def test_ledger_refuses_truncate():
    """The trigger that the test database switches off, switched on inside a transaction that never ends well.

    A database of its own transaction: ALTER TABLE wants no constraint check pending.
    """
    factories.user()
    before = rows()

    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        execute("ALTER TABLE billing_ledger ENABLE TRIGGER ledger_no_truncate; TRUNCATE billing_ledger")

    assert rows() == before


def test_ledger_refuses_change_through_the_orm(user):
    entry = LedgerEntry.objects.get(account_id=user.pk)

    with pytest.raises(DatabaseError, match=REFUSED), transaction.atomic():
        entry.delete()

    assert LedgerEntry.objects.filter(pk=entry.pk).exists()


def test_ledger_s_owner_cannot_be_deleted(user):
    with pytest.raises(ProtectedError, match="account"):
        user.delete()

    assert LedgerEntry.objects.filter(account_id=user.pk).count() == 1
