"""What support staff sees of sales: packs are edited save for what they were sold as, the rest is shown."""

import pytest
from django.urls import reverse

from billing.models import CreditPack, MoneyBack, Payment, StripeEvent


def page(model, verb: str, *args) -> str:
    return reverse(f"admin:billing_{model._meta.model_name}_{verb}", args=args)


@pytest.fixture
def sold(shop, user):
    shop.send(shop.refund(shop.buy(user), amount=90))
    return shop


@pytest.mark.parametrize("model", [CreditPack, Payment, StripeEvent])
def test_every_list_and_page_of_sales_is_shown(operator, sold, model):
    pages = [page(model, "changelist"), page(model, "change", model.objects.first().pk)]

    assert [operator.get(address).status_code for address in pages] == [200, 200]


def test_payment_is_found_by_its_buyer_and_tells_what_went_back(operator, sold, user):
    payment = Payment.objects.get()

    listed = operator.get(page(Payment, "changelist"), {"q": user.email})
    found = listed.context["cl"].result_list
    shown = operator.get(page(Payment, "change", payment.pk)).content.decode()

    assert list(found) == [payment]
    assert f'class="field-owner">{user.email}<' in listed.content.decode()
    assert MoneyBack.objects.get().source in shown


@pytest.mark.parametrize(("typed", "stored"), [("EUR", ["eur"]), ("eur", ["eur"]), ("e1r", []), ("", [])])
def test_currency_of_a_pack_may_be_typed_in_capitals(operator, db, typed, stored):
    fields = {"name": "Small", "credits": 20, "price_id": "price_20", "amount": "2.50", "currency": typed}

    operator.post(page(CreditPack, "add"), fields)

    assert list(CreditPack.objects.values_list("currency", flat=True)) == stored


@pytest.mark.parametrize("model", [Payment, StripeEvent])
def test_nobody_adds_edits_or_deletes_what_stripe_told(operator, sold, model):
    row = model.objects.first()
    before = list(model.objects.values())

    pages = [page(model, "add"), page(model, "change", row.pk), page(model, "delete", row.pk)]

    assert [operator.post(address, {"post": "yes"}).status_code for address in pages] == [403, 403, 403]
    assert list(model.objects.values()) == before


def test_pack_is_made_and_switched_off_but_never_means_something_else(operator, shop):
    fields = {"name": "Small", "credits": 20, "price_id": "price_20", "amount": "2.50", "currency": "usd"}

    operator.post(page(CreditPack, "add"), fields | {"is_active": "on"})
    made = CreditPack.objects.get(name="Small")
    operator.post(page(CreditPack, "change", made.pk), fields | {"name": "Tiny", "credits": 2000})
    removal = operator.post(page(CreditPack, "delete", made.pk), {"post": "yes"})

    made.refresh_from_db()
    assert (made.name, made.credits, made.price_id, made.is_active) == ("Tiny", 20, "price_20", False)
    assert removal.status_code == 403
