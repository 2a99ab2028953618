"""How support staff makes and changes users, and revokes their API keys."""

from urllib.parse import quote

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from accounts import keys
from accounts.models import ApiKey, User
from tests import factories
from tests.conftest import staff_client

USER_LIST, USER_ADD = "admin:accounts_user_changelist", "admin:accounts_user_add"
KEY_LIST = "admin:accounts_apikey_changelist"
PASSWORD = "a staple for horses"


def page_of(user) -> str:
    return reverse("admin:accounts_user_change", args=[user.pk])


def fields_of(page) -> dict[str, str]:
    """What the browser would send back from a user's page, untouched."""
    fields = {
        name: value for name, value in page.context["adminform"].form.initial.items() if name != "password"
    }
    for table in page.context["inline_admin_formsets"]:
        management = table.formset.management_form
        fields |= {management.add_prefix(name): value for name, value in management.initial.items()}
    return {name: value for name, value in fields.items() if value not in (None, False, [])}


def revoke(client, *chosen):
    fields = {"action": "revoke", "_selected_action": [key.pk for key in chosen], "index": 0}
    return client.post(reverse(KEY_LIST), fields)


@pytest.fixture
def viewer(db):
    """Staff that may only look."""
    return staff_client("accounts.view_user", "accounts.view_apikey")


@pytest.fixture
def key(user):
    return keys.create(user=user, name="laptop")[0]


@pytest.mark.parametrize("model", [User, ApiKey])
def test_every_list_and_page_of_users_is_shown(operator, key, model):
    name = f"admin:accounts_{model._meta.model_name}"
    pages = [reverse(f"{name}_changelist"), reverse(f"{name}_change", args=[model.objects.first().pk])]

    assert [operator.get(page).status_code for page in pages] == [200, 200]


def test_front_page_and_the_form_for_a_new_user_are_shown(operator):
    pages = [reverse("admin:index"), reverse(USER_ADD)]

    assert [operator.get(page).status_code for page in pages] == [200, 200]


def test_user_is_made_with_a_lower_case_address_and_a_password_that_works(operator):
    fields = {
        "email": "Ada@Example.com",
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }

    operator.post(reverse(USER_ADD), fields)

    made = User.objects.get(email="ada@example.com")
    assert (made.check_password(PASSWORD), made.is_staff, made.is_superuser) == (True, False, False)


def test_user_with_an_address_that_is_taken_is_not_made(operator, user):
    fields = {
        "email": user.email.upper(),
        "usable_password": "true",
        "password1": PASSWORD,
        "password2": PASSWORD,
    }

    answer = operator.post(reverse(USER_ADD), fields)

    assert answer.context["adminform"].form.errors == {"email": ["User with this Email already exists."]}
    assert User.objects.filter(email=user.email).count() == 1


def test_user_with_keys_is_changed_and_the_keys_stay(operator, user, key):
    fields = fields_of(operator.get(page_of(user))) | {"email": "renamed@example.com"}
    del fields["is_active"]

    answer = operator.post(page_of(user), fields)

    assert answer.status_code == 302
    user.refresh_from_db()
    assert (user.email, user.is_active) == ("renamed@example.com", False)
    assert ApiKey.objects.filter(pk=key.pk, revoked_at=None).count() == 1


def test_user_page_leads_to_account_and_jobs(operator, user):
    page = operator.get(page_of(user)).content.decode()

    assert f'href="{reverse("admin:billing_account_change", args=[user.pk])}"' in page
    assert f'href="{reverse("admin:jobs_generationjob_changelist")}?q={quote(user.email)}"' in page


def test_user_is_never_deleted(operator, user):
    answer = operator.post(reverse("admin:accounts_user_delete", args=[user.pk]), {"post": "yes"})

    assert (answer.status_code, User.objects.filter(pk=user.pk).count()) == (403, 1)


def test_staff_with_the_change_permission_makes_nobody_staff(user):
    client = staff_client("accounts.change_user", "accounts.view_user")
    fields = fields_of(client.get(page_of(user))) | {"is_staff": "on", "is_superuser": "on"}

    answer = client.post(page_of(user), fields)

    assert answer.status_code == 302
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser) == (False, False)


def test_staff_that_is_no_superuser_changes_no_staff_and_no_staff_password(boss):
    client = staff_client("accounts.change_user", "accounts.view_user")
    password_page = reverse("admin:auth_user_password_change", args=[boss.pk])
    passwords = {"usable_password": "true", "password1": PASSWORD, "password2": PASSWORD, "set-password": "1"}

    answers = [
        client.post(page_of(boss), {"email": "mine@example.com"}).status_code,
        client.post(password_page, passwords).status_code,
    ]

    assert answers == [403, 403]
    fresh = User.objects.get(pk=boss.pk)
    assert (fresh.email, fresh.check_password(PASSWORD)) == (boss.email, False)


def test_staff_that_may_only_look_changes_no_user(viewer, user):
    answer = viewer.post(page_of(user), {"email": "mine@example.com"})

    assert (answer.status_code, User.objects.get(pk=user.pk).email) == (403, user.email)


def test_revoked_key_opens_nothing_and_each_revocation_is_kept_once(operator, boss, user):
    (first, text), (second, _) = keys.create(user=user), keys.create(user=user)
    keys.revoke(key=second, now=timezone.now())
    revoked_before = ApiKey.objects.get(pk=second.pk).revoked_at

    revoke(operator, first, second)

    with pytest.raises(keys.UnknownKey):
        keys.find(text=text, now=timezone.now())
    assert ApiKey.objects.get(pk=second.pk).revoked_at == revoked_before
    audits = LogEntry.objects.values_list("user", "object_id", "change_message")
    assert list(audits) == [(boss.pk, str(first.pk), "Revoked")]


def test_staff_that_may_only_look_revokes_no_key(viewer, key):
    answer = revoke(viewer, key)

    assert (answer.status_code, ApiKey.objects.get(pk=key.pk).revoked_at) == (200, None)
    assert LogEntry.objects.count() == 0


def test_key_page_never_shows_the_digest(operator, key):
    pages = [
        reverse("admin:accounts_apikey_change", args=[key.pk]),
        reverse(KEY_LIST),
        page_of(key.user),
    ]

    assert [key.digest in operator.get(page).content.decode() for page in pages] == [False, False, False]


def test_keys_are_found_by_their_owner_and_their_first_characters(operator, key):
    keys.create(user=factories.user())

    for term in (key.user.email, str(key.user_id), key.prefix):
        page = operator.get(reverse(KEY_LIST), {"q": term})
        assert [found.pk for found in page.context["cl"].result_list] == [key.pk], term


def test_sandbox_keys_show_what_they_rehearse_and_are_told_from_the_others(operator, key):
    sandbox, _ = keys.create(user=key.user, script="429-then-ok")

    listed = operator.get(reverse(KEY_LIST), {"script__isempty": "0"})
    pages = [reverse("admin:accounts_apikey_change", args=[sandbox.pk]), page_of(key.user)]

    assert [found.pk for found in listed.context["cl"].result_list] == [sandbox.pk]
    assert ["429-then-ok" in operator.get(page).content.decode() for page in pages] == [True, True]
