"""Who is cut off, as every worker sees it: the marks are in the broker, and losing them harms nobody."""

import pytest
from django.conf import settings as django_settings
from redis import Redis

from carousels.providers.base import Remedy
from carousels.providers.offline import OfflineArt
from jobs import breaker
from tests.jobs import broker, fakes

DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture
def vendor():
    made = fakes.FakeArt(name="vendor")
    breaker.reset([made])
    yield made
    breaker.reset([made])


def fail(vendor, times: int = 1, **failure) -> None:
    for _ in range(times):
        breaker.note_failure(vendor, fakes.failure(**failure))


def shorten_pause(vendor) -> None:
    with Redis.from_url(django_settings.CELERY_BROKER_URL) as client:
        client.delete(f"provider:{vendor.name}:{vendor.model}:pause")


def test_provider_that_works_is_not_paused(vendor):
    breaker.note_success(vendor)

    assert breaker.pauses([vendor]) == {}
    assert breaker.may_try(vendor)


def test_pause_that_a_provider_asks_for_is_everybody_s(vendor):
    fail(vendor, remedy=Remedy.RETRY_LATER, retry_after=30)

    assert breaker.pauses([vendor])["vendor"] == pytest.approx(30, abs=1)


def test_longer_of_two_pauses_counts(vendor):
    fail(vendor, remedy=Remedy.RETRY_LATER, retry_after=30)
    fail(vendor, remedy=Remedy.RETRY_LATER, retry_after=5)

    assert breaker.pauses([vendor])["vendor"] == pytest.approx(30, abs=1)

    fail(vendor, remedy=Remedy.RETRY_LATER, retry_after=60)

    assert breaker.pauses([vendor])["vendor"] == pytest.approx(60, abs=1)


def test_pause_without_reason_has_an_end(vendor):
    fail(vendor, remedy=Remedy.RETRY_LATER, retry_after=1e9)

    assert breaker.pauses([vendor])["vendor"] <= 3600


def test_fifth_failure_in_a_row_cuts_off_and_a_success_between_them_does_not(vendor):
    fail(vendor, times=4)
    breaker.note_success(vendor)
    fail(vendor, times=4)
    assert breaker.pauses([vendor]) == {}

    fail(vendor)

    assert breaker.pauses([vendor])["vendor"] == pytest.approx(30, abs=1)


def test_after_the_cut_one_call_is_let_through_until_it_succeeds(vendor):
    fail(vendor, times=5)
    shorten_pause(vendor)

    assert [breaker.may_try(vendor) for _ in range(3)] == [True, False, False]

    breaker.note_success(vendor)

    assert [breaker.may_try(vendor) for _ in range(3)] == [True, True, True]


def test_trial_that_fails_cuts_off_again(vendor):
    fail(vendor, times=5)
    shorten_pause(vendor)
    breaker.may_try(vendor)

    fail(vendor)

    assert breaker.pauses([vendor])["vendor"] == pytest.approx(30, abs=1)


def test_trial_that_says_nothing_of_the_provider_leaves_room_for_the_next(vendor):
    fail(vendor, times=5)
    shorten_pause(vendor)
    breaker.may_try(vendor)

    fail(vendor, code="CONTENT_REJECTED", remedy=Remedy.GIVE_UP)

    assert [breaker.may_try(vendor) for _ in range(2)] == [True, False]


@pytest.mark.parametrize("code", ["PROVIDER_REFUSED", "QUOTA_EXHAUSTED"])
def test_provider_that_takes_no_calls_of_ours_is_cut_off_at_once(vendor, code):
    fail(vendor, code=code, remedy=Remedy.ELSEWHERE)

    assert breaker.pauses([vendor])["vendor"] == pytest.approx(120, abs=1)


@pytest.mark.parametrize(
    ("code", "remedy"),
    [
        ("REQUEST_REFUSED", Remedy.ELSEWHERE),
        ("CONTENT_REJECTED", Remedy.GIVE_UP),
        ("INVALID_ANSWER", Remedy.RETRY_NOW),
    ],
)
def test_what_concerns_one_request_only_cuts_nobody_off(vendor, code, remedy):
    fail(vendor, times=9, code=code, remedy=remedy)

    assert breaker.pauses([vendor]) == {}


def test_another_model_of_the_same_provider_goes_on(vendor):
    other = fakes.FakeText(name="vendor")
    breaker.reset([other])

    fail(vendor, times=5)

    assert breaker.pauses([other]) == {}


def test_offline_provider_is_never_cut_off():
    art = OfflineArt()

    fail(art, times=9)

    assert (breaker.pauses([art]), breaker.may_try(art)) == ({}, True)


def test_nobody_is_cut_off_without_the_broker(vendor):
    fail(vendor, times=5)

    with broker.at(DEAD):
        fail(vendor)
        assert (breaker.pauses([vendor]), breaker.may_try(vendor)) == ({}, True)
        breaker.note_success(vendor)


def test_call_of_a_provider_that_is_well_asks_the_broker_once(vendor):
    asked = []
    with broker.overheard_commands(asked):
        breaker.pauses([vendor])
        assert breaker.may_try(vendor)
        breaker.note_success(vendor)

    assert asked == ["MGET"]


def test_success_after_failures_of_others_was_seen_forgets_them(vendor):
    fail(vendor, times=4)
    breaker.pauses([vendor])
    breaker.note_success(vendor)
    fail(vendor)

    assert breaker.pauses([vendor]) == {}
