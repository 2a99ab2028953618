"""Plans are rows: there from the start, operators' to change, and what an account may do follows them."""

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing import ledger, plans, terms
from billing.models import Account, Plan
from tests import factories
from tests.billing.test_admin import money, send, told
from tests.conftest import staff_client

SET_PLAN = "admin:billing_account_plan"


def terms_of(user) -> tuple[str, int | None]:
    account = Account.objects.get(pk=user.pk)
    return account.plan_id, account.daily_limit


def rows() -> list[tuple]:
    return list(Plan.objects.order_by("monthly_grant").values_list("name", "monthly_grant", "daily_limit"))


STANDARD = [("free", 0, 5), ("pro", 100, 25), ("premium", 500, None)]


def test_three_plans_are_there(db):
    assert rows() == STANDARD
    assert list(Plan.objects.filter(has_watermark=True)) == []


@pytest.mark.django_db(transaction=True)
def test_plans_come_back_after_a_flush():
    call_command("flush", interactive=False, verbosity=0)

    assert rows() == STANDARD


def test_sync_leaves_what_operators_changed_and_inserts_what_is_missing(db):
    Plan.objects.filter(pk="pro").update(monthly_grant=200, daily_limit=7)
    Plan.objects.filter(pk="premium").delete()

    plans.sync()

    assert rows() == [("free", 0, 5), ("pro", 200, 7), ("premium", 500, None)]


def test_sync_does_nothing_where_there_are_no_plans_yet(db):
    class Before:
        def get_model(self, app: str, name: str):
            raise LookupError(name)

    Plan.objects.filter(pk="premium").delete()

    plans.sync(apps=Before())

    assert [name for name, *_ in rows()] == ["free", "pro"]


def test_plan_brings_its_daily_limit(user):
    terms.set_plan(user=user, plan="pro", now=timezone.now())

    assert terms_of(user) == ("pro", 25)


@pytest.mark.parametrize("daily_limit", [2, None])
def test_new_account_has_its_plan_s_daily_limit(db, daily_limit):
    Plan.objects.filter(pk=plans.FREE).update(daily_limit=daily_limit)
    newcomer = User.objects.create_user("new@example.com", "correct horse")

    account = ledger.open_account(user=newcomer, now=timezone.now())

    assert (account.plan_id, account.daily_limit) == (plans.FREE, daily_limit)


def test_plan_set_again_leaves_the_account_s_own_limit(user):
    terms.set_plan(user=user, plan="pro", now=timezone.now())
    terms.set_daily_limit(user=user, daily_limit=40, now=timezone.now())

    terms.set_plan(user=user, plan="pro", now=timezone.now())

    assert terms_of(user) == ("pro", 40)


def test_unknown_plan_is_refused(user):
    with pytest.raises(terms.PlanNotFound):
        terms.set_plan(user=user, plan="gold", now=timezone.now())

    assert terms_of(user) == ("free", 5)


def test_database_refuses_an_account_on_no_plan(user):
    Account.objects.filter(pk=user.pk).update(plan="gold")

    with pytest.raises(IntegrityError, match="account_plan_known"), transaction.atomic():
        connection.check_constraints()

    Account.objects.filter(pk=user.pk).update(plan="free")


def test_plan_with_accounts_cannot_be_removed(user):
    with pytest.raises(ProtectedError):
        Plan.objects.get(pk="free").delete()


@pytest.mark.parametrize("bent", [{"monthly_grant": -1}, {"daily_limit": -1}, {"running_jobs": 0}])
def test_database_refuses_a_plan_that_makes_no_sense(db, bent):
    with pytest.raises(IntegrityError, match="plan_"), transaction.atomic():
        Plan.objects.filter(pk="pro").update(**bent)

    assert rows() == STANDARD


# --- what operators do ----------------------------------------------------------------------------


def change_of(plan: str) -> str:
    return reverse("admin:billing_plan_change", args=[plan])


FIELDS = {"monthly_grant": "150", "daily_limit": "", "running_jobs": "4", "features": '["Support"]'}


def test_operator_changes_a_plan(operator):
    answer = operator.post(change_of("pro"), FIELDS | {"has_watermark": "on"})

    assert answer.status_code == 302
    assert Plan.objects.filter(pk="pro").values().get() == {
        "name": "pro",
        "monthly_grant": 150,
        "daily_limit": None,
        "running_jobs": 4,
        "has_watermark": True,
        "price_id": None,
        "features": ["Support"],
    }


@pytest.mark.parametrize(("sent", "limit"), [("7", 7), ("", None)])
def test_accounts_follow_their_plan_s_new_limit_unless_they_were_set_another(
    operator, django_capture_on_commit_callbacks, monkeypatch, sent, limit
):
    monkeypatch.setattr(terms, "BATCH", 2)
    users = [factories.user() for _ in range(5)]
    other, own = factories.user(), factories.user(daily_limit=40)
    terms.set_plan(user=other, plan="pro", now=timezone.now())
    terms.set_daily_limit(user=other, daily_limit=5, now=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        answer = operator.post(change_of("free"), FIELDS | {"daily_limit": sent})

    assert {terms_of(user) for user in users} == {("free", limit)}
    assert (terms_of(other), terms_of(own)) == (("pro", 5), ("free", 40))
    assert told(answer)[-1].startswith("5 accounts of free have a daily limit of")


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"monthly_grant": "-1"}, "The monthly grant cannot be below 0 credits."),
        ({"daily_limit": "-1"}, "The daily limit cannot be below 0; leave it empty for no limit."),
        ({"running_jobs": "0"}, "A plan lets at least 1 job run at once."),
    ],
)
def test_plan_that_makes_no_sense_is_refused_in_words(operator, wrong, words):
    before = Plan.objects.filter(pk="pro").values().get()

    answer = operator.post(change_of("pro"), FIELDS | wrong)

    assert answer.context["adminform"].form.errors == {"__all__": [words]}
    assert Plan.objects.filter(pk="pro").values().get() == before


def test_plan_without_a_limit_gets_one_and_its_accounts_follow(
    operator, user, django_capture_on_commit_callbacks
):
    terms.set_plan(user=user, plan="premium", now=timezone.now())

    with django_capture_on_commit_callbacks(execute=True):
        operator.post(change_of("premium"), FIELDS | {"daily_limit": "60"})

    assert terms_of(user) == ("premium", 60)


def test_operator_adds_a_plan_and_removes_none(operator):
    added = operator.post(reverse("admin:billing_plan_add"), FIELDS | {"name": "agency"})
    removed = operator.post(reverse("admin:billing_plan_delete", args=["agency"]), {"post": "yes"})

    assert (added.status_code, removed.status_code) == (302, 403)
    assert Plan.objects.filter(pk="agency").exists()


def test_staff_that_may_only_look_changes_no_plan(db):
    viewer = staff_client("billing.view_plan")

    answer = viewer.post(change_of("pro"), FIELDS)

    assert (answer.status_code, rows()) == (403, STANDARD)


def test_operator_sets_the_plan_of_accounts_with_a_reason(operator, user):
    send(operator, SET_PLAN, user, plan="pro")

    assert terms_of(user) == ("pro", 25)
    assert LogEntry.objects.get().change_message == (
        "Set plan: a goodwill gesture (plan free -> pro, daily limit 25)"
    )


@pytest.mark.parametrize("fields", [{"plan": "gold"}, {"plan": ""}, {"plan": "pro", "reason": ""}])
def test_wrong_plan_is_told_in_the_form_and_changes_nothing(operator, user, fields):
    before = money(user)

    answer = send(operator, SET_PLAN, user, **fields)

    assert answer.status_code == 200
    assert list(answer.context["form"].errors) == ["reason" if "reason" in fields else "plan"]
    assert (terms_of(user), money(user)) == (("free", 5), before)
