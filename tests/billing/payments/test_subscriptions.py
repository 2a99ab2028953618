"""Plans that are paid for: a period gives the plan until its end and its credits once, in any order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from django.utils import timezone

from billing import audit, grants, terms
from billing.models import Account, LedgerEntry, Plan, Subscription
from billing.payments import subscriptions
from billing.tasks import end_unpaid_plans
from tests import factories
from tests.billing.payments.shop import entries_of, line, money
from tests.conftest import api_of
from tests.rest.world import body_of

NOW = timezone.now().replace(microsecond=0)
MONTH = timedelta(days=30)
PRO, PREMIUM = "price_pro", "price_premium"


@pytest.fixture
def shop(shop):
    shop.sell_plan("pro", price_id=PRO, amount=1900)
    shop.sell_plan("premium", price_id=PREMIUM, amount=4900)
    return shop


def month(price_id: str = PRO, *, number: int = 0) -> dict:
    return line(price_id, NOW + number * MONTH, NOW + (number + 1) * MONTH)


def terms_of(user) -> tuple[str, int | None, datetime | None]:
    return Account.objects.values_list("plan", "daily_limit", "plan_paid_until").get(pk=user.pk)


FREE_TERMS = ("free", 5, None)
PRO_TERMS = ("pro", 25, NOW + MONTH)


def outcome_of(response) -> str:
    assert response.status_code == 200, response.content
    return body_of(response)["data"]["outcome"]


def test_paid_period_gives_the_plan_until_its_end_and_its_credits_once(shop, user):
    event = shop.invoice(user, month())

    outcomes = [outcome_of(shop.send(event)) for _ in range(2)]

    assert outcomes == ["applied", "applied"]
    assert (terms_of(user), money(user), entries_of(user)) == (PRO_TERMS, (110, 0), [("purchase", 100)])
    assert audit.faults() == []


def test_two_events_of_one_invoice_give_once(shop, user):
    first = shop.invoice(user, month())
    again = shop.event("invoice.paid", shop.stripe.objects[first["data"]["object"]["id"]])

    for event in (first, again):
        shop.send(event)

    assert entries_of(user) == [("purchase", 100)]


def test_next_period_gives_again_and_lasts_longer(shop, user):
    shop.send(shop.invoice(user, month()))
    shop.send(shop.invoice(user, month(number=1)))

    assert terms_of(user) == ("pro", 25, NOW + 2 * MONTH)
    assert entries_of(user) == [("purchase", 100), ("purchase", 100)]


def test_periods_told_in_the_wrong_order_end_as_the_newest(shop, user):
    first, second = shop.invoice(user, month()), shop.invoice(user, month(PREMIUM, number=1))

    for event in (second, first):
        shop.send(event)

    assert terms_of(user) == ("premium", None, NOW + 2 * MONTH)
    assert entries_of(user) == [("purchase", 500), ("purchase", 100)]


def test_beat_gives_a_paid_plan_nothing(shop, user):
    shop.send(shop.invoice(user, month()))

    given = [grants.give_due(now=NOW + days * timedelta(days=1)) for days in (0, 29, 30, 31, 62)]

    assert (given, entries_of(user)) == ([0] * 5, [("purchase", 100)])


def test_operator_s_plan_that_is_then_paid_for_is_no_longer_granted(shop, user):
    terms.set_plan(user=user, plan="pro", now=NOW)

    shop.send(shop.invoice(user, month()))

    assert terms_of(user) == PRO_TERMS
    assert entries_of(user) == [("grant", 100), ("purchase", 100)]
    assert grants.give_due(now=NOW + 2 * MONTH) == 0


def test_checkout_of_a_plan_alone_gives_nothing(shop, user):
    answer = api_of(user).post("/api/credits/checkout", {"plan": "pro"})
    session = shop.stripe.objects[body_of(answer)["data"]["url"].rsplit("/", 1)[1]]

    outcome = outcome_of(shop.send(shop.pay(session)))

    assert (session["mode"], outcome) == ("subscription", "ignored")
    assert (terms_of(user), entries_of(user)) == (FREE_TERMS, [])


def test_year_gives_twelve_months_credits(shop, user):
    shop.send(shop.invoice(user, line(PRO, NOW, NOW + timedelta(days=365))))

    assert (terms_of(user)[2], entries_of(user)) == (NOW + timedelta(days=365), [("purchase", 1200)])


@pytest.mark.parametrize("days", [28, 29, 30, 31])
def test_month_is_a_month_however_long(shop, user, days):
    shop.send(shop.invoice(user, line(PRO, NOW, NOW + timedelta(days=days))))

    assert entries_of(user) == [("purchase", 100)]


def test_change_of_plan_within_a_period_gives_the_share_that_was_billed(shop, user):
    shop.send(shop.invoice(user, month()))
    half = NOW + MONTH / 2

    shop.send(
        shop.invoice(
            user,
            line(PRO, half, NOW + MONTH, amount=-950),
            line(PREMIUM, half, NOW + MONTH, amount=2450),
            amount=1500,
        )
    )

    assert terms_of(user) == ("premium", None, NOW + MONTH)
    assert entries_of(user) == [("purchase", 100), ("purchase", 197)]  # 400 x 15 / 30.4


def test_refund_of_a_period_takes_its_credits_back_and_leaves_the_plan(shop, user):
    event = shop.invoice(user, month())
    shop.send(event)
    intent = LedgerEntry.objects.get(kind="purchase").reference.removeprefix("stripe:")

    shop.send(shop.refund(intent, amount=950, of=1900))

    assert (terms_of(user), entries_of(user)) == (PRO_TERMS, [("purchase", 100), ("reclaim", -50)])


@pytest.mark.parametrize("kind", ["deleted", "updated"])
def test_ended_subscription_puts_the_account_back_on_free(shop, user, kind):
    shop.send(shop.invoice(user, month()))

    shop.send(shop.ended(kind=kind))

    assert (terms_of(user), entries_of(user)) == (FREE_TERMS, [("purchase", 100)])


@pytest.mark.parametrize("status", ["active", "past_due", "unpaid", "trialing"])
def test_subscription_that_goes_on_changes_nothing(shop, user, status):
    shop.send(shop.invoice(user, month()))

    assert outcome_of(shop.send(shop.ended(kind="updated", status=status))) == "ignored"
    assert terms_of(user) == PRO_TERMS


def test_every_order_of_two_periods_and_an_end_ends_on_free_with_both_credits(shop):
    for order in permutations(range(3)):
        user, name = factories.user(), shop.stripe.name("sub")
        story = [
            shop.invoice(user, month(), subscription=name),
            shop.invoice(user, month(number=1), subscription=name),
            shop.ended(name),
        ]
        for number in order:
            shop.send(story[number])

        assert (terms_of(user), money(user)) == (FREE_TERMS, (210, 0)), order


def test_end_of_one_of_two_subscriptions_leaves_the_other_s_plan(shop, user):
    shop.send(shop.invoice(user, month()))
    shop.send(shop.invoice(user, month(PREMIUM), subscription="sub_2"))
    both = terms_of(user)

    shop.send(shop.ended("sub_2"))

    assert (both[0], terms_of(user)) == ("premium", PRO_TERMS)


def test_end_of_a_subscription_never_heard_of_touches_no_plan(shop, user):
    terms.set_plan(user=user, plan="pro", now=NOW)

    shop.send(shop.ended("sub_of_another_shop"))

    assert terms_of(user) == ("pro", 25, None)


def test_plan_that_is_not_paid_on_ends_after_the_grace(shop, user):
    comped = factories.user()
    terms.set_plan(user=comped, plan="pro", now=NOW)
    shop.send(shop.invoice(user, month()))
    late = NOW + MONTH + subscriptions.GRACE

    during = subscriptions.end_unpaid(now=late)
    ended = [subscriptions.end_unpaid(now=late + timedelta(seconds=1)) for _ in range(2)]

    assert (during, ended) == (0, [1, 0])
    assert (terms_of(user), terms_of(comped)) == (FREE_TERMS, ("pro", 25, None))


def test_late_payment_brings_the_plan_back(shop, user):
    shop.send(shop.invoice(user, month()))
    subscriptions.end_unpaid(now=NOW + 2 * MONTH)

    shop.send(shop.invoice(user, month(number=1)))

    assert terms_of(user) == ("pro", 25, NOW + 2 * MONTH)


def test_beat_ends_unpaid_plans_and_says_how_many(shop, user):
    shop.send(shop.invoice(user, month()))
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    Subscription.objects.update(paid_from=long_ago, paid_until=long_ago)
    Account.objects.filter(pk=user.pk).update(plan_paid_until=long_ago)

    assert (end_unpaid_plans(), end_unpaid_plans()) == (1, 0)
    assert terms_of(user) == FREE_TERMS


def test_invoice_of_an_unknown_price_gives_nothing_until_the_price_is_known(shop, user):
    event = shop.invoice(user, month("price_other"))
    unknown = outcome_of(shop.send(event)), terms_of(user), entries_of(user)
    Plan.objects.filter(pk="pro").update(price_id="price_other")

    assert unknown == ("unknown_price", FREE_TERMS, [])
    assert (outcome_of(shop.send(event)), terms_of(user)) == ("applied", PRO_TERMS)


def test_bill_that_is_no_subscription_s_is_ignored(shop, user):
    event = shop.invoice(user, month())
    shop.stripe.objects[event["data"]["object"]["id"]]["parent"] = None

    assert (outcome_of(shop.send(event)), entries_of(user)) == ("ignored", [])


def test_plans_for_sale_are_shown_with_the_packs(shop, api):
    shown = body_of(api.get("/api/credits/packs"))["data"]["plans"]

    assert [(plan["name"], plan["monthlyCredits"], plan["available"]) for plan in shown] == [
        ("pro", 100, True),
        ("premium", 500, True),
    ]


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ({"plan": "free"}, 404, "PLAN_NOT_FOUND"),
        ({"plan": "gold"}, 404, "PLAN_NOT_FOUND"),
        ({"plan": "pro", "packId": 1}, 400, "VALIDATION_ERROR"),
        ({"plan": 5}, 400, "VALIDATION_ERROR"),
    ],
)
def test_plan_that_cannot_be_bought_is_refused_before_stripe_hears_of_it(shop, api, body, status, error):
    answer = api.post("/api/credits/checkout", body)

    assert (answer.status_code, body_of(answer)["error"], shop.stripe.requests) == (status, error, [])


@pytest.mark.parametrize("number", [0, -1], ids=["paid", "being renewed"])
def test_second_plan_is_not_bought_beside_the_first(shop, api, user, number):
    """Stripe takes a renewal's money an hour after the period's end."""
    shop.send(shop.invoice(user, month(number=number)))
    asked = len(shop.stripe.requests)

    answer = api.post("/api/credits/checkout", {"plan": "premium"})

    assert (answer.status_code, body_of(answer)["error"]) == (409, "ALREADY_SUBSCRIBED")
    assert (len(shop.stripe.requests), terms_of(user)[0]) == (asked, "pro")


def test_plan_is_bought_again_when_the_first_has_not_been_paid_for_long(shop, api, user):
    shop.send(shop.invoice(user, month(number=-2)))

    assert api.post("/api/credits/checkout", {"plan": "pro"}).status_code == 200
