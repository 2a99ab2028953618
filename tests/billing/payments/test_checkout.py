"""The way to Stripe's pages: what is for sale, what is sent there, and what is said when it does not work."""

import subprocess
import sys

import pytest

from billing.models import CreditPack, Customer
from billing.payments import client
from socialsaas.health import configuration
from tests import factories
from tests.billing.payments.shop import entries_of, money
from tests.conftest import api_of
from tests.rest.world import body_of

CHECKOUT, PORTAL, PACKS = "/api/credits/checkout", "/api/credits/portal", "/api/credits/packs"


def refusal(response) -> tuple[int, str]:
    return response.status_code, body_of(response)["error"]


def posts(stripe, path: str) -> list[dict]:
    return [params for method, asked, params in stripe.requests if (method, asked) == ("POST", path)]


def test_packs_are_shown_smallest_first_and_only_active_ones(shop, api):
    shop.sell(credits=20, price_id="price_20", amount=250)
    gone = shop.sell(credits=5, price_id="price_5", amount=100)
    CreditPack.objects.filter(pk=gone.pk).update(is_active=False)

    answer = body_of(api.get(PACKS))["data"]

    assert answer["available"] is True
    assert [(pack["credits"], pack["amount"], pack["currency"]) for pack in answer["packs"]] == [
        (20, 2.5, "usd"),
        (100, 9.0, "usd"),
    ]
    assert answer["packs"][1] == {
        "id": shop.pack.pk,
        "name": "100 credits",
        "credits": 100,
        "amount": 9.0,
        "currency": "usd",
        "available": True,
    }


def test_checkout_sends_the_pack_s_price_and_the_user_s_customer(shop, api, user):
    answer = api.post(CHECKOUT, {"packId": shop.pack.pk})

    assert answer.status_code == 200
    customer = Customer.objects.get(pk=user.pk).customer_id
    assert posts(shop.stripe, "/v1/customers") == [{"email": user.email, "metadata[user_id]": str(user.pk)}]
    assert posts(shop.stripe, "/v1/checkout/sessions") == [
        {
            "mode": "payment",
            "customer": customer,
            "line_items[0][price]": "price_100",
            "line_items[0][quantity]": "1",
            "success_url": "http://testserver/?checkout=done",
            "cancel_url": "http://testserver/?checkout=cancelled",
        }
    ]
    assert body_of(answer)["data"]["url"].startswith("https://checkout.stripe.test/cs_")
    assert (money(user), entries_of(user)) == ((10, 0), [])


def test_customer_is_made_once_for_all_purchases(shop, user):
    first, second = shop.open(user), shop.open(user)

    assert first["customer"] == second["customer"]
    assert len(posts(shop.stripe, "/v1/customers")) == 1


def test_customer_made_twice_at_once_is_one(shop, user):
    """What happens when both asked for it before either had written it down."""
    made = [client.create_customer(user_id=str(user.pk), email=user.email) for _ in range(2)]

    shop.open(user)

    assert {*made, Customer.objects.get(pk=user.pk).customer_id} == {made[0]}


@pytest.mark.parametrize(
    "email", ["anna@例え.jp", f"{'a' * 64}@{'b' * 177}.example.com"], ids=["abroad", "long"]
)
def test_customer_may_have_any_address(shop, user, email):
    type(user).objects.filter(pk=user.pk).update(email=email)
    user.refresh_from_db()

    shop.open(user)

    assert [made["email"] for made in posts(shop.stripe, "/v1/customers")] == [email]
    assert all(len(key) <= 255 for key in shop.stripe.answered)


def test_addresses_of_the_settings_are_where_the_buyer_returns(shop, user, settings):
    settings.CHECKOUT_SUCCESS_URL = "https://app.example.com/thanks"

    shop.open(user)

    assert posts(shop.stripe, "/v1/checkout/sessions")[0]["success_url"] == "https://app.example.com/thanks"


def test_call_that_is_sent_again_with_its_key_gets_the_same_page(shop, user):
    def buy(key: str, pack) -> object:
        return api_of(user).post(CHECKOUT, {"packId": pack.pk}, headers={"Idempotency-Key": key})

    other = shop.sell(credits=20, price_id="price_20", amount=250)
    urls = [body_of(buy(key, shop.pack))["data"]["url"] for key in ("a", "a", "b")]

    assert (urls[0] == urls[1], urls[0] == urls[2]) == (True, False)
    assert refusal(buy("a", other)) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_one_user_s_key_says_nothing_to_another(shop, user):
    headers = {"Idempotency-Key": "a"}
    urls = [
        body_of(api_of(buyer).post(CHECKOUT, {"packId": shop.pack.pk}, headers=headers))["data"]["url"]
        for buyer in (user, factories.user())
    ]

    assert urls[0] != urls[1]


@pytest.mark.parametrize("body", [{}, {"packId": "1"}, {"packId": 0}, {"packId": 1.5}, {"packId": None}])
def test_checkout_of_nothing_is_refused_before_stripe_hears_of_it(shop, api, body):
    assert refusal(api.post(CHECKOUT, body)) == (400, "VALIDATION_ERROR")
    assert shop.stripe.requests == []


@pytest.mark.parametrize("is_active", [True, False])
def test_pack_that_is_not_for_sale_is_not_found(shop, api, is_active):
    CreditPack.objects.update(is_active=False)

    answer = api.post(CHECKOUT, {"packId": shop.pack.pk + is_active})

    assert refusal(answer) == (404, "PACK_NOT_FOUND")
    assert (shop.stripe.requests, Customer.objects.count()) == ([], 0)


def test_portal_leads_to_the_user_s_own_page(shop, api, user):
    shop.open(user)

    answer = api.post(PORTAL)

    assert body_of(answer)["data"]["url"].startswith("https://billing.stripe.test/bps_")
    assert posts(shop.stripe, "/v1/billing_portal/sessions") == [
        {
            "customer": Customer.objects.get(pk=user.pk).customer_id,
            "return_url": "http://testserver/?checkout=done",
        }
    ]


def test_portal_of_somebody_who_never_bought_is_not_found(shop, api):
    assert refusal(api.post(PORTAL)) == (404, "NOTHING_BOUGHT")
    assert shop.stripe.requests == []


@pytest.mark.parametrize(("method", "path"), [("get", PACKS), ("post", CHECKOUT), ("post", PORTAL)])
def test_buying_needs_a_user(client, db, method, path):
    assert refusal(getattr(client, method)(path)) == (401, "UNAUTHORIZED")


def test_without_a_key_packs_are_shown_as_unavailable_and_nothing_is_sold(shop, api, user, settings):
    settings.STRIPE_SECRET_KEY = ""

    shown = body_of(api.get(PACKS))["data"]

    assert (shown["available"], [pack["available"] for pack in shown["packs"]]) == (False, [False])
    unknown = {"packId": shop.pack.pk + 1}, {"plan": "free"}
    for path, body in (
        (CHECKOUT, {"packId": shop.pack.pk}),
        *((CHECKOUT, it) for it in unknown),
        (PORTAL, {}),
    ):
        assert refusal(api.post(path, body)) == (503, "PAYMENTS_UNAVAILABLE")
    assert (shop.stripe.requests, Customer.objects.count()) == ([], 0)
    assert api.get("/api/user").status_code == 200
    settings.STRIPE_WEBHOOK_SECRET = ""
    assert configuration.sales() == "nothing is for sale"


def break_stripe(stripe) -> None:
    stripe.is_down = True


def forget_price(stripe) -> None:
    stripe.prices.clear()


@pytest.mark.parametrize("trouble", [break_stripe, forget_price])
def test_stripe_that_will_not_is_a_502(shop, api, user, trouble):
    trouble(shop.stripe)

    assert refusal(api.post(CHECKOUT, {"packId": shop.pack.pk})) == (502, "PAYMENT_PROVIDER_FAILED")
    assert (money(user), entries_of(user)) == ((10, 0), [])


def test_stripe_out_of_reach_or_with_another_key_is_a_502(shop, api, settings):
    settings.STRIPE_SECRET_KEY = "sk_of_somebody_else"
    refused = api.post(CHECKOUT, {"packId": shop.pack.pk})
    settings.STRIPE_API_BASE = "http://127.0.0.1:9"
    unreachable = api.post(CHECKOUT, {"packId": shop.pack.pk})

    assert [refusal(refused), refusal(unreachable)] == [(502, "PAYMENT_PROVIDER_FAILED")] * 2


def test_sdk_is_not_imported_by_the_web_process():
    code = "import django; django.setup(); import socialsaas.urls, sys; sys.exit('stripe' in sys.modules)"
    env = {"DJANGO_SETTINGS_MODULE": "socialsaas.settings", "SECRET_KEY": "x"} | {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:9/none",
        "REDIS_URL": "redis://127.0.0.1:9/0",
    }

    assert subprocess.run([sys.executable, "-c", code], env=env, check=False).returncode == 0
