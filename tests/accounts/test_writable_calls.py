"""Every call of the URLconf that takes a writing method, with every name that money, limits or rights have:
none of them changes credits, plan, limit, dates or rights. A new call must be listed here to pass.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern
from rest_framework.response import Response

from accounts.models import User
from billing.models import Account
from carousels import brands
from carousels.models import BrandKit
from jobs import queue
from jobs.states import JobStatus
from socialsaas.urls import urlpatterns
from tests import factories
from tests.carousels.test_brands_pictures import LOGO
from tests.conftest import api_of

NAMES = {
    "credits": 1000,
    "balance": 1000,
    "amount": 1000,
    "plan": "premium",
    "planId": "premium",
    "plan_id": "premium",
    "dailyLimit": 1000,
    "daily_limit": 1000,
    "dailyUsed": 0,
    "daily_used": 0,
    "lastResetDate": "2000-01-01",
    "last_reset_date": "2000-01-01",
    "resetsAt": "2000-01-01T00:00:00Z",
    "resets_at": "2000-01-01T00:00:00Z",
    "grantsSince": "2000-01-01",
    "grants_since": "2000-01-01",
    "nextGrantOn": "2000-01-01",
    "next_grant_on": "2000-01-01",
    "debt": -5,
    "timezone": "Pacific/Kiritimati",
    "timezoneChangedAt": None,
    "timezone_changed_at": None,
    "remainingToday": 1000,
    "remaining_today": 1000,
    "remainingCredits": 1000,
    "remaining_credits": 1000,
    "isStaff": True,
    "is_staff": True,
    "isSuperuser": True,
    "is_superuser": True,
    "priority": 10,
    "price": 0,
    "cost": 0,
    "isFree": True,
    "is_free": True,
    "counts_for_day": False,
    "metadata": {"credits": 1000},
    "account": {"credits": 1000, "plan": "premium"},
    "user": {"credits": 1000, "plan": "premium"},
}
METHODS = ("post", "put", "patch", "delete")

Call = Callable[[User, dict[str, Any]], Response]


def send(user: User, method: str, path: str, body: dict[str, Any], names: dict[str, Any], **kwargs: Any):
    """The names stand in the body and in the query."""
    address = f"{path}?{urlencode(names)}" if names else path
    return getattr(api_of(user), method)(address, body | names, **kwargs)


def to(path: str, method: str = "post", **needed: Any) -> Call:
    return lambda user, names: send(user, method, path, needed, names)


def on_a_job(verb: str) -> Call:
    def call(user: User, names: dict[str, Any]) -> Response:
        job = factories.job(user)
        if verb == "requeue":
            queue.cancel(job_id=job.pk, by="test", now=factories.NOON)
        return send(user, "post", f"/api/jobs/{job.pk}/{verb}", {}, names)

    return call


def on_a_carousel(verb: str, **needed: Any) -> Call:
    def call(user: User, names: dict[str, Any]) -> Response:
        done = user.jobs.get(status=JobStatus.COMPLETED)
        return send(user, "post", f"/api/carousel/{done.carousel_id}/{verb}", needed, names)

    return call


def on_a_brand(method: str, path: str = "", **needed: Any) -> Call:
    def call(user: User, names: dict[str, Any]) -> Response:
        kit = brands.create(user=user, details={"name": "Northlight"}, now=factories.NOON)
        answer = send(user, method, f"/api/brands/{kit.pk}{path}", needed, names)
        BrandKit.objects.filter(pk=kit.pk).delete()
        return answer

    return call


def picture_of_a_brand(picture: str) -> Call:
    def call(user: User, names: dict[str, Any]) -> Response:
        kit = brands.create(user=user, details={"name": "Northlight"}, now=factories.NOON)
        form = {"file": SimpleUploadedFile("logo.png", LOGO)}
        fields = {name: str(value) for name, value in names.items()}
        answer = send(user, "put", f"/api/brands/{kit.pk}/{picture}", form, fields, format="multipart")
        BrandKit.objects.filter(pk=kit.pk).delete()
        return answer

    return call


CALLS: dict[tuple[str, str], Call] = {
    ("generate", "post"): to("/api/carousel/generate", **factories.PAYLOAD),
    ("strategy", "post"): to("/api/carousel/strategy", **factories.PAYLOAD),
    ("carousel-render", "post"): on_a_carousel("render", aspectRatio="1:1"),
    ("carousel-image", "post"): on_a_carousel("image", slideNumber=1),
    ("queue-process", "post"): to("/api/queue/process"),
    ("job-cancel", "post"): on_a_job("cancel"),
    ("job-requeue", "post"): on_a_job("requeue"),
    ("quotes", "post"): to("/api/quotes", **factories.PAYLOAD),
    ("brands", "post"): to("/api/brands", name="Northlight"),
    ("brand", "patch"): on_a_brand("patch", name="Southlight"),
    ("brand", "delete"): on_a_brand("delete"),
    ("brand-logo", "put"): picture_of_a_brand("logo"),
    ("brand-logo", "delete"): on_a_brand("delete", "/logo"),
    ("brand-avatar", "put"): picture_of_a_brand("avatar"),
    ("brand-avatar", "delete"): on_a_brand("delete", "/avatar"),
    ("user", "patch"): to("/api/user", "patch", timezone="UTC"),
    ("checkout", "post"): to("/api/credits/checkout", packId=1),
    ("portal", "post"): to("/api/credits/portal"),
    ("stripe-webhook", "post"): to("/api/stripe/webhook"),
}


def writable_calls() -> set[tuple[str, str]]:
    return {
        (pattern.name, method)
        for pattern in urlpatterns
        if isinstance(pattern, URLPattern) and pattern.name
        for method in METHODS
        if hasattr(pattern.callback.view_class, method)
    }


def state_of(user: User) -> tuple[dict, dict]:
    money = Account.objects.filter(pk=user.pk).values().get()
    rights = User.objects.filter(pk=user.pk).values("is_staff", "is_superuser", "is_active", "email").get()
    return money, rights


@pytest.fixture
def rich(db) -> User:
    """Enough for every try, with one finished carousel."""
    user = factories.user(credits=500, daily_limit=300)
    factories.work_off(factories.job(user))
    return user


def test_every_writable_call_of_the_api_is_tried():
    assert set(CALLS) == writable_calls()


@pytest.mark.parametrize("name", CALLS, ids=" ".join)
def test_no_name_changes_money_or_rights(rich, name):
    """A call with a name of money takes what it takes without, or is refused and takes nothing."""
    usual = effect_of(CALLS[name], rich, {})

    for field, value in NAMES.items():
        if (name, field) == (("user", "patch"), "timezone"):
            continue  # what the call is for; how often, and what it cannot gain: tests/billing/test_zones.py
        with_field = effect_of(CALLS[name], rich, {field: value})
        assert with_field[1:] == usual[1:] or (with_field[0] >= 400 and with_field[1] == {}), field

    assert usual[0] < 500 or name[0] in {"checkout", "portal", "stripe-webhook"}  # without a key: 503
    assert {*rich.jobs.values_list("priority", flat=True)} == {1}


def effect_of(call: Call, user: User, names: dict[str, Any]) -> tuple[int, dict[str, int]]:
    """The answer's status, and by how much the account's columns moved; nothing else of it may move."""
    before, rights = state_of(user)
    status = call(user, names).status_code
    after, rights_after = state_of(user)
    for job in user.jobs.filter(status__in=[JobStatus.QUEUED, JobStatus.PROCESSING]):
        queue.cancel(job_id=job.pk, by="test", now=factories.NOON)
    moved = {column for column in before if before[column] != after[column]}
    assert moved <= {"credits", "daily_used"}, names
    assert rights_after == rights, names
    return status, {column: after[column] - before[column] for column in moved}
