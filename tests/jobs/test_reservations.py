"""A call is reserved before it is made: under the ceilings, and with a place at its provider."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from carousels.providers.base import Usage
from jobs import pipeline, recovery, reservations
from jobs.models import JobEvent, JobStep, ProviderCall
from jobs.reservations import NoRoom, OverCeiling, PriceUnknown
from jobs.states import CallOutcome, CallPurpose, JobStatus, StepKind, StepStatus
from tests import factories
from tests.jobs import broker, fakes

PRICE = Decimal("0.04")


@pytest.fixture
def step(user):
    return fakes.claimed(factories.queued_step(factories.started_job(user)))


def reserve(step, vendor=None, *, cost=PRICE, now=None) -> reservations.Reservation:
    return reservations.reserve(
        step=step,
        purpose=CallPurpose.PICTURE,
        provider=vendor or fakes.FakeArt(),
        expected_cost_usd=cost,
        now=now or timezone.now(),
    )


def settle(reservation, cost_usd) -> None:
    usage = Usage("fake", "fake-art-2", cost_usd, "a list", 14, 1587, "req_1", {"input_tokens": 14})
    reservations.settle(reservation, usage=usage, now=timezone.now())


def slides_of(user, monkeypatch, count: int, **art) -> tuple[fakes.FakeArt, list[JobStep]]:
    """A job whose slides are queued."""
    _, vendor = fakes.choose(monkeypatch, art=fakes.FakeArt(**art))
    job = factories.started_job(user, imageCount=count)
    fakes.settle_all(job, until=StepKind.SLIDE)
    return vendor, fakes.steps_of(job, kind=StepKind.SLIDE)


def test_call_is_open_with_its_expected_cost_until_it_is_settled(step):
    reservation = reserve(step)

    row = ProviderCall.objects.get()
    assert (row.outcome, row.expected_cost_usd, row.cost_usd, row.finished_at) == ("open", PRICE, None, None)
    assert (row.job_id, row.step_kind, row.attempt, row.purpose) == (step.job_id, "strategy", 1, "picture")

    settle(reservation, Decimal("0.048"))

    row.refresh_from_db()
    assert (row.outcome, row.cost_usd, row.price_source) == ("ok", Decimal("0.048"), "a list")
    assert (row.model, row.request_id) == ("fake-art-2", "req_1")
    assert (row.input_tokens, row.output_tokens, row.usage) == (14, 1587, {"input_tokens": 14})
    assert row.latency >= timedelta(0)


def test_settling_twice_books_once(step):
    reservation = reserve(step)

    settle(reservation, Decimal("0.048"))
    settle(reservation, Decimal("0.048"))

    assert list(ProviderCall.objects.values_list("cost_usd", flat=True)) == [Decimal("0.048")]


@pytest.mark.parametrize(
    ("failure", "outcome", "cost_usd"),
    [
        ({"code": "RATE_LIMITED"}, CallOutcome.FAILED, 0),
        ({"code": "INVALID_ANSWER"}, CallOutcome.FAILED, None),
        ({"code": "TIMEOUT", "is_cut_off": True}, CallOutcome.UNKNOWN, None),
    ],
)
def test_failed_call_costs_nothing_only_when_that_is_known(step, failure, outcome, cost_usd):
    reservations.settle_failed(reserve(step), error=fakes.failure(**failure), now=timezone.now())

    row = ProviderCall.objects.get()
    assert (row.outcome, row.cost_usd, row.error_code) == (outcome, cost_usd, failure["code"])


def test_ceiling_of_a_job_counts_what_is_open_as_expected_and_what_is_settled_as_paid(step, settings):
    settings.COST_CEILING_JOB_USD = Decimal("0.12")
    first = reserve(step)
    reserve(step)
    reserve(step)

    with pytest.raises(OverCeiling):
        reserve(step)
    settle(first, Decimal(0))
    reserve(step)

    with pytest.raises(OverCeiling) as over:
        reserve(step)
    assert (over.value.of, ProviderCall.objects.count()) == ("job", 4)


def test_ceiling_of_a_day_is_all_jobs_together_and_ends_with_the_day(db, settings):
    settings.COST_CEILING_DAY_USD = Decimal("0.08")
    steps = [fakes.claimed(factories.queued_step(factories.started_job(factories.user()))) for _ in range(3)]
    noon = timezone.now().replace(hour=12)
    reserve(steps[0], now=noon)
    reserve(steps[1], now=noon)

    with pytest.raises(OverCeiling) as over:
        reserve(steps[2], now=noon)

    assert (over.value.of, ProviderCall.objects.count()) == ("day", 2)
    reserve(steps[2], now=noon + timedelta(days=1))


def test_model_without_a_price_is_not_called_under_a_ceiling(step, settings):
    settings.COST_CEILING_JOB_USD = Decimal(100)

    with pytest.raises(PriceUnknown):
        reserve(step, cost=None)

    assert not ProviderCall.objects.exists()


def test_what_costs_nothing_fits_under_a_ceiling_that_is_reached(step, settings):
    settings.COST_CEILING_JOB_USD = PRICE
    reserve(step)

    reserve(step, cost=Decimal(0))


def test_provider_has_room_for_so_many_calls_at_once(step):
    vendor = fakes.FakeArt(name="narrow", concurrency=2)
    first = reserve(step, vendor)
    reserve(step, vendor)

    with pytest.raises(NoRoom):
        reserve(step, vendor)
    reserve(step, fakes.FakeArt(name="another", concurrency=2))
    settle(first, PRICE)

    reserve(step, vendor)


def test_place_of_a_call_that_nobody_ends_is_free_after_its_time_out(step):
    vendor = fakes.FakeArt(name="narrow", concurrency=1)
    now = timezone.now()
    reserve(step, vendor, now=now)

    with pytest.raises(NoRoom):
        reserve(step, vendor, now=now + timedelta(seconds=vendor.timeout + 4))

    reserve(step, vendor, now=now + timedelta(seconds=vendor.timeout + 6))


def test_sweep_records_a_call_that_nobody_ended_as_unknown(step):
    reserve(step)

    recovery.sweep(now=timezone.now() + timedelta(seconds=30))

    row = ProviderCall.objects.get()
    assert (row.outcome, row.cost_usd, row.finished_at) == (CallOutcome.UNKNOWN, None, None)


def test_step_without_room_goes_back_as_if_it_had_not_been_claimed(user, monkeypatch):
    vendor, (first, second) = slides_of(user, monkeypatch, 2, concurrency=1)
    held = reserve(fakes.claimed(first), vendor)
    events = JobEvent.objects.count()

    pipeline.work_off(fakes.claimed(second))

    second.refresh_from_db()
    assert (second.status, second.attempt, second.waits_for) == (StepStatus.QUEUED, 0, "fake")
    assert (len(vendor.requests), JobEvent.objects.count()) == (0, events)
    assert pipeline.claim(step_id=second.pk) is None  # its pause is not over
    assert held.id == ProviderCall.objects.get(step_kind="slide").pk


def test_call_that_ends_lets_the_one_in_that_waits(user, monkeypatch, django_capture_on_commit_callbacks):
    vendor, (first, second) = slides_of(user, monkeypatch, 2, concurrency=1)
    mine = fakes.claimed(first)
    held = reserve(mine, vendor)
    pipeline.work_off(fakes.claimed(second))
    settle(held, PRICE)
    broker.empty()

    with django_capture_on_commit_callbacks(execute=True):
        pipeline.work_off(mine)

    second.refresh_from_db()
    assert (second.waits_for, second.not_before) == (None, None)
    assert {"step_id": second.pk} in [message.kwargs for message in broker.take_all("ai")]
    fakes.settle(second)
    assert [request.number for request in vendor.requests] == [1, 2]


def test_ceiling_of_three_pictures_lets_exactly_three_be_made(user, monkeypatch, settings):
    vendor, slides = slides_of(user, monkeypatch, 10, cost_usd=PRICE)
    settings.COST_CEILING_JOB_USD = 3 * PRICE + Decimal("0.01")  # and the words

    for slide in slides[:4]:
        pipeline.work_off(fakes.claimed(slide))

    job = slides[0].job
    job.refresh_from_db()
    assert len(vendor.requests) == 3
    assert (job.status, job.error_code) == (JobStatus.FAILED, "COST_CEILING")
    assert factories.credits_of(user) == 10
    assert not JobStep.objects.filter(job=job, status=StepStatus.QUEUED).exists()
