"""The bench's floor is honest: SQL written by hand leaves the rows that the product's functions leave."""

import pytest
from django.db import connection
from django.utils import timezone

from bench.pipeline import floor, noop, rows
from jobs import queue
from jobs.models import JobStep
from tests import factories


@pytest.fixture
def made_by_the_product(transactional_db, monkeypatch):
    """A job of the bench, done by the product's own functions."""
    noop.install(monkeypatch.setattr)
    made = queue.submit(user=factories.user(), payload=noop.PAYLOAD, now=timezone.now()).job
    factories.work_off(made)
    return made


@pytest.fixture
def raw(made_by_the_product):
    raw = floor.connect(database=connection.settings_dict["NAME"])
    yield raw
    raw.connection.close()


def test_sql_by_hand_leaves_the_rows_that_the_product_leaves(made_by_the_product, raw):
    job_id = raw.work(factories.user().pk)

    rows.check(name="raw SQL", job_id=job_id, expected=rows.of_job(made_by_the_product.pk))


def test_other_rows_are_named(made_by_the_product):
    expected = rows.of_job(made_by_the_product.pk)
    JobStep.objects.filter(job=made_by_the_product, kind="finalize").update(attempt=2)

    with pytest.raises(rows.OtherRows, match="/steps/0/attempt: 2 instead of 1"):
        rows.check(name="the product", job_id=made_by_the_product.pk, expected=expected)
