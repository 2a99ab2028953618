"""The adapters against a server nobody here wrote: `llmock` plays OpenAI and Gemini, and their failures.

Its texts are made up from the schema, so they are no carousels: what is proved is the protocol.
"""

import pytest

from carousels.providers.base import ProviderError, Remedy, UnusableAnswer
from tests.carousels.providers import vendors
from tests.carousels.providers.outcomes import (
    BAD_REQUEST,
    RATE_LIMITED,
    REFUSED,
    TIMEOUT,
    UNAVAILABLE,
    UNUSABLE,
    ask,
    assert_silent,
    said,
)

NAMES = ("openai", "chat", "gemini")
STATUSES = {
    400: BAD_REQUEST,
    401: REFUSED,
    403: REFUSED,
    404: REFUSED,
    500: UNAVAILABLE,
    502: UNAVAILABLE,
    503: ("PROVIDER_UNAVAILABLE", Remedy.RETRY_LATER),  # it says when
}


def text(llmock, name: str, **changes):
    return vendors.texts(f"{llmock.url}/gemini" if name == "gemini" else llmock.url, **changes)[name]


def failure(provider) -> ProviderError:
    with pytest.raises(ProviderError) as caught:
        ask(provider)
    assert_silent(caught.value)
    return caught.value


@pytest.mark.parametrize("name", NAMES)
def test_answer_is_of_the_schema_and_counted(llmock, name):
    error = failure(text(llmock, name))

    assert isinstance(error, UnusableAnswer)
    assert error.usage.input_tokens > 0
    assert error.usage.output_tokens > 0
    # Of the right shape throughout: only what the schema cannot say is wrong with it.
    assert [fault for fault in error.correction.faults if "required" in fault or "valid" in fault] == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("status", "meaning"), STATUSES.items())
def test_status(llmock, name, status, meaning):
    llmock.fail(status, times=1)

    assert said(failure(text(llmock, name))) == meaning


@pytest.mark.parametrize("name", NAMES)
def test_rate_limit_and_its_pause(llmock, name):
    llmock.rate_limit(times=1, retry_after=2)
    error = failure(text(llmock, name))

    assert (said(error), error.retry_after) == (RATE_LIMITED, 2.0)


@pytest.mark.parametrize("name", NAMES)
def test_slow_answer(llmock, name):
    llmock.delay(2)
    error = failure(text(llmock, name, text_timeout=0.5))

    assert (said(error), error.is_cut_off) == (TIMEOUT, True)


def test_picture_behind_an_address_is_not_fetched(llmock):
    provider = vendors.images(llmock.url, image_model="dall-e-3")["openai"]

    assert said(failure(provider)) == UNUSABLE
