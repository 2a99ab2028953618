"""Brand kits over the API: made, read, changed and removed by their owner alone."""

import threading

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from carousels import brands
from carousels.models import BrandKit
from tests import factories
from tests.conftest import api_of

DETAILS = {
    "name": "Northlight",
    "handle": "@northlight.studio",
    "colors": ["#ff6b00", "#0AF"],
    "fonts": "cutout",
    "isDefault": True,
}


def make(api, **changes) -> dict:
    answer = api.post("/api/brands", DETAILS | changes)
    assert answer.status_code == 200, answer.json()
    return answer.json()["data"]


def rows() -> list[dict]:
    return list(BrandKit.objects.order_by("pk").values())


def test_brand_is_kept_as_it_was_given(api, user):
    made = make(api)

    assert api.get(f"/api/brands/{made['id']}").json() == {"success": True, "data": made}
    assert {name: made[name] for name in ("name", "handle", "colors", "fonts", "isDefault")} == {
        "name": "Northlight",
        "handle": "@northlight.studio",
        "colors": ["#FF6B00", "#00AAFF"],
        "fonts": "cutout",
        "isDefault": True,
    }
    assert (made["logoUrl"], made["avatarUrl"]) == (None, None)
    assert [str(kit.user_id) for kit in BrandKit.objects.all()] == [str(user.pk)]


def test_name_is_all_a_brand_needs(api):
    made = api.post("/api/brands", {"name": "Solo"}).json()["data"]

    assert {name: made[name] for name in ("handle", "colors", "fonts", "isDefault")} == {
        "handle": "",
        "colors": [],
        "fonts": "",
        "isDefault": False,
    }


def test_words_are_cleaned(api):
    made = make(api, name="  North\u202elight\n Studio ", handle="@north\u0007light")

    assert (made["name"], made["handle"]) == ("Northlight Studio", "@northlight")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "\u202e"),
        ("name", "\u200b\u200b"),
        ("name", "x" * 81),
        ("name", None),
        ("name", 5),
        ("handle", "x" * 61),
        ("colors", "#FFFFFF"),
        ("colors", ["#FFFFFF", "#000000", "#FF0000", "#00FF00"]),
        ("colors", ["orange"]),
        ("colors", ["#FFFFF"]),
        ("colors", ["#GGGGGG"]),
        ("colors", [123456]),
        ("fonts", "comic-sans"),
        ("isDefault", "true"),
        ("isDefault", 1),
    ],
)
def test_wrong_detail_is_refused_and_named(api, field, value):
    answer = api.post("/api/brands", DETAILS | {field: value})

    assert (answer.status_code, answer.json()["error"]) == (400, "VALIDATION_ERROR")
    assert {fault["path"][0] for fault in answer.json()["details"]} == {field}
    assert rows() == []


def test_change_touches_only_what_it_names(api):
    before = make(api)

    after = api.patch(f"/api/brands/{before['id']}", {"colors": ["#123456"]}).json()["data"]

    assert after["updatedAt"] > before["updatedAt"]
    assert after == before | {"colors": ["#123456"], "updatedAt": after["updatedAt"]}


def test_wrong_change_leaves_the_brand_as_it_was(api):
    made = make(api)
    before = rows()

    answer = api.patch(f"/api/brands/{made['id']}", {"name": "Other", "fonts": "comic-sans"})

    assert (answer.status_code, answer.json()["details"][0]["path"]) == (400, ["fonts"])
    assert rows() == before


def test_new_default_takes_the_place_of_the_old(api):
    first, second = make(api, name="First"), make(api, name="Second", isDefault=False)

    api.patch(f"/api/brands/{second['id']}", {"isDefault": True})

    listed = api.get("/api/brands").json()["data"]
    assert [(kit["id"], kit["isDefault"]) for kit in listed] == [(second["id"], True), (first["id"], False)]


def test_default_of_another_user_is_left_alone(api):
    other = make(api_of(factories.user()))

    make(api)

    assert BrandKit.objects.get(pk=other["id"]).is_default is True


def test_database_refuses_a_second_default(user):
    columns = {"user": user, "name": "North", "is_default": True}
    BrandKit.objects.create(**columns)

    with pytest.raises(IntegrityError, match="one_default_brand_per_user"), transaction.atomic():
        BrandKit.objects.create(**columns)


def test_removed_brand_is_gone(api):
    kept, removed = make(api, name="Kept"), make(api, name="Removed")

    answer = api.delete(f"/api/brands/{removed['id']}")

    assert answer.json() == {"success": True, "data": {"id": removed["id"]}}
    assert [kit["id"] for kit in api.get("/api/brands").json()["data"]] == [kept["id"]]


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
@pytest.mark.parametrize("which", ["someone else's", "unknown", "malformed"])
def test_brand_that_is_not_the_callers_is_not_found(api, method, which):
    foreign = make(api_of(factories.user()))["id"]
    brand_id = {
        "someone else's": foreign,
        "unknown": "00000000-0000-4000-8000-000000000009",
        "malformed": "x",
    }[which]
    before = rows()

    answer = getattr(api, method)(f"/api/brands/{brand_id}", {"name": "Mine now"})

    assert (answer.status_code, answer.json()["error"]) == (404, "BRAND_NOT_FOUND")
    assert rows() == before


def test_list_shows_the_callers_brands_alone(api):
    make(api_of(factories.user()))

    assert api.get("/api/brands").json() == {"success": True, "data": []}


@pytest.mark.parametrize("path", ["", "/x", "/x/logo", "/x/avatar"])
def test_brands_need_a_caller(client, path):
    answer = client.get(f"/api/brands{path}")

    assert (answer.status_code, answer.json()["error"]) == (401, "UNAUTHORIZED")


def test_twenty_brands_are_the_most(api, user):
    BrandKit.objects.bulk_create(BrandKit(user=user, name=f"Brand {n}") for n in range(brands.BRANDS_MAX))
    before = rows()

    answer = api.post("/api/brands", DETAILS)

    assert (answer.status_code, answer.json()["error"]) == (409, "TOO_MANY_BRANDS")
    assert rows() == before


def make_at_once(user, count: int) -> list[str]:
    """What became of `count` kits that are made at the same moment."""
    together, outcomes = threading.Barrier(count), []

    def run() -> None:
        together.wait()
        try:
            brands.create(user=user, details={"name": "North", "is_default": True}, now=timezone.now())
            outcomes.append("made")
        except brands.TooManyBrands:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(outcomes)


@pytest.mark.django_db(transaction=True)
def test_limit_and_default_hold_for_requests_at_once():
    user = factories.user()
    room_for_two = brands.BRANDS_MAX - 2
    BrandKit.objects.bulk_create(BrandKit(user=user, name=f"Brand {n}") for n in range(room_for_two))

    outcomes = make_at_once(user, 4)

    assert outcomes == ["made", "made", "refused", "refused"]
    assert BrandKit.objects.filter(user=user, is_default=True).count() == 1


def test_list_costs_the_same_for_one_brand_and_three(api, django_assert_num_queries):
    make(api, name="One")
    with django_assert_num_queries(2):  # the key, the kits
        api.get("/api/brands")

    make(api, name="Two")
    make(api, name="Three")
    with django_assert_num_queries(2):
        api.get("/api/brands")
