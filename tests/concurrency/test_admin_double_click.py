"""Two clicks on one operator's form that arrive at once: both wait for the row, one acts."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import Account, LedgerEntry
from carousels.models import Carousel
from tests import factories

PATIENCE = 20  # seconds


@pytest.fixture
def boss(transactional_db):
    return User.objects.create_superuser("boss@example.com", "correct horse")


@contextmanager
def two_clicks(boss, address: str, fields: dict[str, str]) -> Iterator[None]:
    """Send the form twice while the block holds the row; the block is left once both wait for it."""
    clients = [Client(), Client()]
    for client in clients:
        client.force_login(boss)
    fields = fields | {"drawn": clients[0].get(address).context["form"].initial["drawn"]}
    clicks = [threading.Thread(target=click, args=(client, address, fields)) for client in clients]
    with transaction.atomic():
        yield
        for thread in clicks:
            thread.start()
        wait_until_blocked(2)
    for thread in clicks:
        thread.join(PATIENCE)


def click(client: Client, address: str, fields: dict[str, str]) -> None:
    try:
        client.post(address, fields)
    finally:
        connection.close()


def wait_until_blocked(count: int) -> None:
    waiting = "SELECT count(DISTINCT pid) FROM pg_locks WHERE NOT granted"
    deadline = time.monotonic() + PATIENCE
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(waiting)
            if cursor.fetchone()[0] == count:
                return
            time.sleep(0.02)
    pytest.fail(f"{count} sessions were to wait for the row")


def test_two_clicks_at_once_on_adjust_are_one_entry_and_one_audit(boss):
    user = factories.user()
    address = f"{reverse('admin:billing_account_adjust')}?id={user.pk}"

    with two_clicks(boss, address, {"credits": "5", "reason": "twice"}):
        Account.objects.select_for_update(no_key=True).get(pk=user.pk)

    assert factories.credits_of(user) == 15
    assert (LedgerEntry.objects.filter(kind="adjust").count(), LogEntry.objects.count()) == (1, 1)


def test_two_clicks_at_once_on_cancel_are_one_event_and_one_audit(boss):
    user = factories.user()
    job = factories.job(user)
    address = f"{reverse('admin:jobs_generationjob_cancel')}?id={job.pk}"

    with two_clicks(boss, address, {"reason": "twice"}):
        Carousel.objects.select_for_update(no_key=True).get(pk=job.carousel_id)

    assert list(job.events.order_by("sequence").values_list("to_status", flat=True)) == [
        "queued",
        "cancelled",
    ]
    assert (LedgerEntry.objects.filter(kind="refund").count(), LogEntry.objects.count()) == (1, 1)
