"""A user's money is read through GET /api/user. That no call raises it: `test_writable_calls.py`."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from billing.models import Account, LedgerEntry
from rest.envelope import moment
from tests import factories
from tests.rest.world import body_of

MONEY = {"credits": 1000, "plan": "premium", "dailyLimit": 1000, "timezone": "Pacific/Kiritimati"}


def account_of(user) -> dict:
    return Account.objects.filter(pk=user.pk).values().get()


def rights_of(user) -> dict:
    return User.objects.filter(pk=user.pk).values("is_staff", "is_superuser", "is_active", "email").get()


def test_user_call_tells_what_may_be_spent(api, user):
    factories.job(user)

    response = api.get("/api/user")

    midnight = datetime.combine(timezone.now().date() + timedelta(days=1), time.min, tzinfo=UTC)
    assert response.status_code == 200
    assert body_of(response) == {
        "success": True,
        "data": {
            "id": str(user.pk),
            "email": user.email,
            "credits": 9,
            "debt": 0,
            "plan": "free",
            "features": [],
            "watermark": False,
            "runningJobs": 3,
            "monthlyGrant": 0,
            "planPaidUntil": None,
            "nextGrantOn": None,
            "dailyLimit": 5,
            "remainingToday": 4,
            "resetsAt": moment(midnight),
            "timezone": "UTC",
            "timezoneChangeableAt": None,
        },
    }


@pytest.mark.django_db
def test_first_look_at_an_account_opens_it_with_ten_credits(client):
    user = User.objects.create_user("new@example.com")

    answers = [
        client.get("/api/user", HTTP_AUTHORIZATION=f"Bearer {factories.api_key(user)}") for _ in range(2)
    ]

    assert [body_of(answer)["data"]["credits"] for answer in answers] == [10, 10]
    assert list(LedgerEntry.objects.values_list("kind", "credits")) == [("signup", 10)]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
@pytest.mark.parametrize("path", ["/api/user", "/api/jobs", "/api/credits/ledger"])
def test_reading_calls_take_no_writing_method(api, user, method, path):
    before = account_of(user), rights_of(user)

    response = getattr(api, method)(path, MONEY)

    assert response.status_code == 405
    assert (account_of(user), rights_of(user)) == before


@pytest.mark.parametrize("name", sorted(MONEY.keys() - {"timezone"}))
def test_user_call_takes_nothing_but_the_time_zone(api, user, name):
    before = account_of(user), rights_of(user)

    response = api.patch("/api/user", {"timezone": "Asia/Tokyo", name: MONEY[name]})

    assert (response.status_code, body_of(response)["error"]) == (400, "VALIDATION_ERROR")
    assert (account_of(user), rights_of(user)) == before
