"""PATCH /api/user sets the time zone, and GET tells the plan's terms."""

from datetime import timedelta

from django.utils import timezone

from billing import terms
from billing.models import Account, Plan
from rest.envelope import moment
from tests.rest.world import body_of, snapshot


def zone_of(user) -> str:
    return Account.objects.get(pk=user.pk).timezone


def test_user_call_tells_the_plan_and_its_terms(api, user):
    Plan.objects.filter(pk="pro").update(features=["Support"], has_watermark=True)
    terms.set_plan(user=user, plan="pro", now=timezone.now())

    data = body_of(api.get("/api/user"))["data"]

    account = Account.objects.get(pk=user.pk)
    told = {name: data[name] for name in ("credits", "plan", "features", "watermark", "runningJobs")}
    assert told == {
        "credits": 110,
        "plan": "pro",
        "features": ["Support"],
        "watermark": True,
        "runningJobs": 5,
    }
    assert (data["monthlyGrant"], data["nextGrantOn"]) == (100, account.next_grant_on.isoformat())
    assert (data["dailyLimit"], data["remainingToday"]) == (25, 25)


def test_user_call_tells_until_when_a_plan_is_paid_for(api, user):
    until = timezone.now() + timedelta(days=30)
    terms.set_plan(user=user, plan="pro", paid_until=until, now=timezone.now())

    data = body_of(api.get("/api/user"))["data"]

    assert (data["planPaidUntil"], data["nextGrantOn"], data["credits"]) == (moment(until), None, 10)


def test_user_call_costs_two(api, user, django_assert_num_queries):
    api.get("/api/user")

    with django_assert_num_queries(2):  # key, account with its plan
        api.get("/api/user")


def test_time_zone_is_set_and_told(api, user):
    data = body_of(api.patch("/api/user", {"timezone": "Asia/Tokyo"}))["data"]

    changed_at = Account.objects.get(pk=user.pk).timezone_changed_at
    assert zone_of(user) == "Asia/Tokyo"
    assert data["timezone"] == "Asia/Tokyo"
    assert data["timezoneChangeableAt"] == moment(changed_at + timedelta(days=30))
    assert data["resetsAt"].endswith("T15:00:00Z")
    assert data == body_of(api.get("/api/user"))["data"]


def test_second_change_within_thirty_days_is_refused_with_the_time_it_may_come(api, user):
    api.patch("/api/user", {"timezone": "Asia/Tokyo"})
    before = snapshot()

    answer = api.patch("/api/user", {"timezone": "UTC"})

    body = body_of(answer)
    until = moment(Account.objects.get(pk=user.pk).timezone_changed_at + timedelta(days=30))
    assert (answer.status_code, body["error"]) == (429, "TIMEZONE_CHANGED_LATELY")
    assert body["details"] == [
        {"path": ["timezone"], "message": f"Stays until {until}", "code": "changed_lately"}
    ]
    assert 30 * 86400 - 60 < int(answer["Retry-After"]) <= 30 * 86400 + 1
    assert (zone_of(user), snapshot()) == ("Asia/Tokyo", before)


def test_unknown_zone_is_told_by_its_field(api, user):
    for sent in ("Mars/Olympus", "", 5, None):
        answer = api.patch("/api/user", {"timezone": sent})

        body = body_of(answer)
        assert (answer.status_code, body["error"]) == (400, "VALIDATION_ERROR")
        assert [fault["path"] for fault in body["details"]] == [["timezone"]]
    assert zone_of(user) == "UTC"


def test_zone_needs_a_key(client, db):
    answer = client.patch("/api/user", {"timezone": "UTC"}, content_type="application/json")

    assert (answer.status_code, answer.json()["error"]) == (401, "UNAUTHORIZED")
