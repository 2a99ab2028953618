"""What a call can come out as, and a call that fails as a test wants it to, leaking nothing."""

import pickle

import pytest

from carousels.providers import picture_answer
from carousels.providers.base import ProviderError, Remedy
from jobs import failures
from tests.carousels.providers import wire
from tests.carousels.providers.fake_vendor import FakeVendor, Reply
from tests.carousels.providers.vendors import BRIEF, REQUEST

RATE_LIMITED = ("RATE_LIMITED", Remedy.RETRY_LATER)
UNAVAILABLE = ("PROVIDER_UNAVAILABLE", Remedy.RETRY_NOW)
TIMEOUT = ("TIMEOUT", Remedy.RETRY_NOW)
REFUSED = ("PROVIDER_REFUSED", Remedy.ELSEWHERE)
EXHAUSTED = ("QUOTA_EXHAUSTED", Remedy.ELSEWHERE)
BAD_REQUEST = ("REQUEST_REFUSED", Remedy.ELSEWHERE)
REJECTED = ("CONTENT_REJECTED", Remedy.GIVE_UP)
UNUSABLE = ("INVALID_ANSWER", Remedy.RETRY_NOW)


def fail(vendor: FakeVendor, provider, *replies: Reply) -> ProviderError:
    """The error of one call, which made one request, and of which nothing may be read that was sent."""
    vendor.script(*replies)
    with pytest.raises(ProviderError) as caught:
        ask(provider)

    error = caught.value
    assert vendor.count() == 1
    assert_silent(error)
    return error


def ask(provider):
    return provider.paint(REQUEST) if hasattr(provider, "paint") else provider.write_strategy(BRIEF)


def assert_silent(error: ProviderError) -> None:
    """Neither key nor prose, nor an exception of the SDK on a hook behind it; and it travels."""
    told = f"{error!r} {error} {error.usage}"
    assert [leak for leak in wire.LEAKS if leak in told] == []
    assert error.__cause__ is None
    assert error.__context__ is None or isinstance(error.__context__, picture_answer.NoPicture)
    assert failures.of_provider(error).message in {*failures.MESSAGES.values(), failures.UNAVAILABLE}
    travelled = pickle.loads(pickle.dumps(error))
    assert (travelled.code, travelled.remedy, travelled.usage) == (error.code, error.remedy, error.usage)


def said(error: ProviderError) -> tuple[str, Remedy]:
    return error.code, error.remedy
