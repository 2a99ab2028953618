"""Buying over the API: what is for sale, the way to Stripe's pages, and Stripe's word of what was paid."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import key_of
from billing.models import CreditPack, Plan
from billing.payments import checkout, client, events
from rest.envelope import success
from rest.fields import StrictCharField, StrictIntegerField, StrictSerializer

BIGGEST_ID = 2**63 - 1


class CheckoutInput(StrictSerializer):
    """One of the two."""

    packId = StrictIntegerField(minimum=1, maximum=BIGGEST_ID, required=False)
    plan = StrictCharField(max_length=20, required=False)

    def validate(self, wanted: dict[str, Any]) -> dict[str, Any]:
        if len(wanted) != 1:
            raise ValidationError("Name a packId or a plan.", code="required")
        return wanted


class CreditPacks(APIView):
    """GET /api/credits/packs"""

    def get(self, request: Request) -> Response:
        is_available = client.is_available()
        return success(
            {
                "available": is_available,
                "packs": [_pack(pack, is_available=is_available) for pack in checkout.packs()],
                "plans": [_plan(plan, is_available=is_available) for plan in checkout.plans()],
            }
        )


class Checkout(APIView):
    """POST /api/credits/checkout. A call sent again with its key is recognised by Stripe: the same page."""

    def post(self, request: Request) -> Response:
        wanted = CheckoutInput(data=request.data)
        wanted.is_valid(raise_exception=True)
        return success({"url": _way_to_pay(wanted.validated_data, _buyer(request))})


class Portal(APIView):
    """POST /api/credits/portal"""

    def post(self, request: Request) -> Response:
        address = checkout.portal(user=request.user, return_url=_page(request, settings.CHECKOUT_SUCCESS_URL))
        return success({"url": address})


class StripeWebhook(APIView):
    """POST /api/stripe/webhook: signed by Stripe, which sends again whatever is not answered with 200."""

    authentication_classes = []
    permission_classes = [AllowAny]

    def post(self, request: Request) -> Response:
        outcome = events.receive(
            payload=request.body,
            signature=request.headers.get("Stripe-Signature"),
            now=timezone.now(),
        )
        return success({"outcome": outcome})


def _way_to_pay(wanted: dict[str, Any], buyer: dict[str, Any]) -> str:
    if "plan" in wanted:
        return checkout.subscribe(plan=wanted["plan"], **buyer)
    return checkout.buy_pack(pack_id=wanted["packId"], **buyer)


def _buyer(request: Request) -> dict[str, Any]:
    return {
        "user": request.user,
        "success_url": _page(request, settings.CHECKOUT_SUCCESS_URL),
        "cancel_url": _page(request, settings.CHECKOUT_CANCEL_URL),
        "key": key_of(request),
        "now": timezone.now(),
    }


def _plan(plan: Plan, *, is_available: bool) -> dict[str, Any]:
    return {
        "name": plan.name,
        "monthlyCredits": plan.monthly_grant,
        "dailyLimit": plan.daily_limit,
        "features": plan.features,
        "available": is_available,
    }


def _pack(pack: CreditPack, *, is_available: bool) -> dict[str, Any]:
    return {
        "id": pack.pk,
        "name": pack.name,
        "credits": pack.credits,
        "amount": float(pack.amount),
        "currency": pack.currency,
        "available": is_available,
    }


def _page(request: Request, address: str) -> str:
    """Where the buyer's browser goes afterwards; a path is one of this host."""
    return request.build_absolute_uri(address)
