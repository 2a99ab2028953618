"""What support staff sees of money, and how they correct it."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from billing.models import Account, LedgerEntry
from tests import factories
from tests.conftest import staff_client

ADJUST, LIMIT = "admin:billing_account_adjust", "admin:billing_account_daily-limit"
LIST = "admin:billing_account_changelist"


def form_of(name, *users) -> str:
    return reverse(name) + "?" + "&".join(f"id={user.pk}" for user in users)


def drawn_by(client, name, *users) -> str:
    return client.get(form_of(name, *users)).context["form"].initial["drawn"]


def send(client, name, *users, reason="a goodwill gesture", **fields):
    drawn = drawn_by(client, name, *users)
    return client.post(form_of(name, *users), {"reason": reason, "drawn": drawn} | fields)


def told(response) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


def money(user) -> tuple[int, int, int]:
    """Credits, entries of the ledger, audit entries."""
    entries = LedgerEntry.objects.filter(account_id=user.pk).count()
    return factories.credits_of(user), entries, LogEntry.objects.count()


@pytest.fixture
def viewer(db):
    """Staff that may only look."""
    return staff_client("billing.view_account")


@pytest.mark.parametrize("model", [Account, LedgerEntry])
def test_every_list_and_page_of_money_is_shown(operator, user, model):
    name = f"admin:billing_{model._meta.model_name}"
    pages = [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[model.objects.first().pk])]

    assert [operator.get(page).status_code for page in pages] == [200, 200]


@pytest.mark.parametrize("model", [Account, LedgerEntry])
def test_nobody_adds_edits_or_deletes_money(operator, user, model):
    name, row = f"admin:billing_{model._meta.model_name}", model.objects.first()
    before = money(user)
    pages = [reverse(f"{name}_add")] + [
        reverse(f"{name}_{verb}", args=[row.pk]) for verb in ("change", "delete")
    ]

    answers = [operator.post(page, {"credits": "1000", "post": "yes"}).status_code for page in pages]

    assert answers == [403, 403, 403]
    assert money(user) == before


def test_account_page_tells_the_newest_entries_and_offers_the_forms(operator, user):
    factories.job(user)

    page = operator.get(reverse("admin:billing_account_change", args=[user.pk]))

    assert [entry.kind for entry in page.context["entries"]] == ["charge", "signup"]
    assert [link["title"] for link in page.context["operator_links"]] == [
        "Adjust credits",
        "Set daily limit",
        "Set plan",
    ]


@pytest.mark.parametrize("page", ["account", "list", "entry"])
def test_charge_leads_to_its_job_and_what_is_no_charge_to_none(operator, user, page):
    job = factories.job(user)
    address = {
        "account": reverse("admin:billing_account_change", args=[user.pk]),
        "list": reverse("admin:billing_ledgerentry_changelist"),
        "entry": reverse("admin:billing_ledgerentry_change", args=[LedgerEntry.objects.latest("id").pk]),
    }[page]

    shown = operator.get(address).content.decode()

    link = f'<a href="{reverse("admin:jobs_generationjob_change", args=[job.pk])}">run 1</a>'
    assert (shown.count(link), shown.count("jobs/generationjob/")) == (1, 1)


def test_ledger_is_searched_by_owner_and_reference(operator, user):
    job = factories.job(user)
    factories.job(factories.user())

    def found(term) -> list[str]:
        page = operator.get(reverse("admin:billing_ledgerentry_changelist"), {"q": term})
        return [entry.reference for entry in page.context["cl"].result_list]

    assert found(user.email) == [job.reference, "signup"]
    assert found(job.reference) == found(str(job.pk)) == [job.reference]


@pytest.mark.parametrize(("action", "name"), [("adjust", ADJUST), ("set_daily_limit", LIMIT)])
def test_actions_of_the_list_lead_to_a_form_for_the_chosen_accounts(operator, user, action, name):
    answer = operator.post(reverse(LIST), {"action": action, "_selected_action": [user.pk], "index": 0})

    assert (answer.status_code, answer.url) == (302, form_of(name, user))


@pytest.mark.parametrize("credits", [7, -10])
def test_adjusting_moves_the_balance_once_with_reason_actor_and_audit(operator, boss, user, credits):
    answer = send(operator, ADJUST, user, credits=str(credits))

    entry = LedgerEntry.objects.get(kind="adjust")
    assert (entry.account_id, entry.credits, entry.balance_after) == (user.pk, credits, 10 + credits)
    assert (entry.actor, entry.note) == (f"operator:{boss.email}", "a goodwill gesture")
    assert money(user) == (10 + credits, 2, 1)
    audit = LogEntry.objects.get()
    assert (audit.user, audit.object_id) == (boss, str(user.pk))
    assert audit.change_message == (
        f"Adjust credits: a goodwill gesture ({credits:+d} credits, {10 + credits} now)"
    )
    assert answer.url == reverse("admin:billing_account_change", args=[user.pk])
    assert told(answer) == [f"Done for {user.email}: {credits:+d} credits, {10 + credits} now"]


def test_form_sent_twice_is_one_entry_even_when_the_second_says_another_amount(operator, user):
    fields = {"reason": "a double click", "drawn": drawn_by(operator, ADJUST, user)}
    operator.post(form_of(ADJUST, user), fields | {"credits": "5"})

    second = operator.post(form_of(ADJUST, user), fields | {"credits": "50"})

    assert money(user) == (15, 2, 1)
    assert told(second)[-1] == "Nothing was left to do: this was done before."


def test_two_forms_are_two_corrections(operator, user):
    send(operator, ADJUST, user, credits="5")
    send(operator, ADJUST, user, credits="5")

    assert money(user) == (20, 3, 2)


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"credits": "5", "reason": ""}, {"reason": ["This field is required."]}),
        ({"credits": "5", "reason": " \n "}, {"reason": ["This field is required."]}),
        ({"credits": "0"}, {"credits": ["Zero would change nothing."]}),
        ({"credits": ""}, {"credits": ["This field is required."]}),
        ({"credits": "2.5"}, {"credits": ["Enter a whole number."]}),
        (
            {"credits": "2000000000"},
            {"credits": ["Ensure this value is less than or equal to 1000000."]},
        ),
        ({"credits": "5", "drawn": "nonsense"}, {"drawn": ["Enter a valid UUID."]}),
        ({"credits": "-11"}, {"__all__": ["{email} has 10 credits only."]}),
    ],
)
def test_wrong_correction_is_told_in_the_form_and_changes_nothing(operator, user, fields, errors):
    before = money(user)

    answer = send(operator, ADJUST, user, **fields)

    expected = {name: [line.format(email=user.email) for line in lines] for name, lines in errors.items()}
    assert (answer.status_code, answer.context["form"].errors) == (200, expected)
    assert money(user) == before


def test_several_accounts_are_adjusted_all_or_none(operator, user):
    poor = factories.user(credits=1)
    before = money(user), money(poor)

    refused = send(operator, ADJUST, user, poor, credits="-2")

    assert refused.context["form"].non_field_errors() == [f"{poor.email} has 1 credits only."]
    assert (money(user), money(poor)) == before

    send(operator, ADJUST, user, poor, credits="-1")

    assert (factories.credits_of(user), factories.credits_of(poor)) == (9, 0)
    assert LogEntry.objects.count() == 2


@pytest.mark.parametrize(("sent", "stored"), [("12", 12), ("0", 0), ("", None)])
def test_daily_limit_is_set_with_a_reason_and_an_audit_entry(operator, user, sent, stored):
    send(operator, LIMIT, user, daily_limit=sent)

    assert Account.objects.get(pk=user.pk).daily_limit == stored
    assert LogEntry.objects.get().change_message == (
        f"Set daily limit: a goodwill gesture (daily limit 5 -> {'none' if stored is None else stored})"
    )


def test_daily_limit_without_a_reason_stays(operator, user):
    answer = send(operator, LIMIT, user, daily_limit="12", reason="")

    assert answer.context["form"].errors == {"reason": ["This field is required."]}
    assert (Account.objects.get(pk=user.pk).daily_limit, LogEntry.objects.count()) == (5, 0)


@pytest.mark.parametrize(("name", "action"), [(ADJUST, "adjust"), (LIMIT, "set_daily_limit")])
def test_staff_that_may_only_look_can_neither_draw_nor_send_a_form(viewer, user, name, action):
    before = money(user)
    fields = {
        "reason": "for me",
        "drawn": "5a3c3a0e-0000-4000-8000-000000000000",
        "credits": "5",
        "daily_limit": "9",
    }

    listed = viewer.post(reverse(LIST), {"action": action, "_selected_action": [user.pk], "index": 0})

    assert listed.status_code == 200  # the list again: no action is offered
    assert viewer.get(form_of(name, user)).status_code == 403
    assert viewer.post(form_of(name, user), fields).status_code == 403
    assert (money(user), Account.objects.get(pk=user.pk).daily_limit) == (before, 5)
    page = viewer.get(reverse("admin:billing_account_change", args=[user.pk]))
    assert (page.context["operator_links"], page.context["entries"]) == ([], None)


def test_form_needs_the_csrf_token(boss, user):
    client = Client(enforce_csrf_checks=True)
    client.force_login(boss)
    fields = {"reason": "from elsewhere", "drawn": drawn_by(client, ADJUST, user), "credits": "5"}
    before = money(user)

    answer = client.post(form_of(ADJUST, user), fields)

    assert (answer.status_code, money(user)) == (403, before)


def test_somebody_who_is_not_staff_is_asked_to_log_in(user):
    client = Client()
    client.force_login(user)

    answer = client.get(form_of(ADJUST, user))

    assert answer.url.startswith(reverse("admin:login"))
