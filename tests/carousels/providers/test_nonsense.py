"""Answers that are none, and errors that say nothing: whatever comes, a failure of ours is what comes out."""

import json

import hypothesis
import pytest
from hypothesis import strategies as st

from carousels.providers.base import ProviderError
from tests.carousels.providers import vendors, wire
from tests.carousels.providers.fake_vendor import Reply
from tests.carousels.providers.outcomes import RATE_LIMITED, UNAVAILABLE, UNUSABLE, ask, fail, said

GARBAGE = [
    b"<html>vendor-prose</html>",
    b"",
    b"{",
    b"{}",
    b"[]",
    b'"sk-secret"',
    b"null",
    b"7",
    b'{"a": [1]}',
]
# Keys of both vendors' answers, to build nonsense from.
KEYS = """
data b64_json usage input_tokens output_tokens input_tokens_details image_tokens choices message content
finish_reason error code candidates parts inlineData text finishReason usageMetadata promptTokenCount
candidatesTokensDetails promptFeedback blockReason modelVersion model modality tokenCount
"""
IN_AN_ANSWER = {
    "rate_limit_exceeded": RATE_LIMITED,
    "server_error": UNAVAILABLE,
    "a_code_of_next_year": UNAVAILABLE,
    None: UNAVAILABLE,
}


@pytest.mark.parametrize("kind", [vendors.texts, vendors.images])
@pytest.mark.parametrize("name", ["openai", "gemini"])
@pytest.mark.parametrize("body", GARBAGE)
def test_answer_with_200_that_is_none(vendor, kind, name, body):
    assert said(fail(vendor, kind(vendor.url)[name], Reply(body=body))) == UNUSABLE


@pytest.mark.parametrize("body", [*GARBAGE, b'{"choices": null}', b'{"choices": [null]}'])
def test_answer_of_a_compatible_server_that_is_none(vendor, body):
    assert said(fail(vendor, vendors.texts(vendor.url)["chat"], Reply(body=body))) == UNUSABLE


@pytest.mark.parametrize("name", ["openai", "chat"])
@pytest.mark.parametrize(("code", "meaning"), IN_AN_ANSWER.items())
def test_error_in_an_answer_with_200(vendor, name, code, meaning):
    error = fail(vendor, vendors.texts(vendor.url)[name], Reply(body=wire.openai_error(code)))

    assert said(error) == meaning


ODD = [[], {"a": "vendor-prose"}, ["vendor-prose"], 5, True, "vendor-prose"]


@pytest.mark.parametrize("name", ["openai", "gemini"])
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("key", ["code", "status", "message", "details", "reason"])
def test_error_whose_fields_are_none(vendor, name, key, odd):
    told = {"details": [{"reason": odd, "violations": [{"quotaId": odd}], "retryDelay": odd}]}
    body = {"error": told if key == "reason" else {key: odd}}

    assert (
        said(fail(vendor, vendors.texts(vendor.url)[name], Reply(503, json.dumps(body).encode())))
        == UNAVAILABLE
    )


keys = st.sampled_from(KEYS.split())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS.split()), inner, max_size=4)
    ),
    max_leaves=12,
)


@hypothesis.settings(
    max_examples=60, deadline=None, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(body=json_values, name=st.sampled_from(["openai", "chat", "gemini"]))
def test_whatever_comes_is_a_failure_of_ours(vendor, body, name):
    vendor.reset()
    vendor.script(Reply(body=json.dumps(body).encode()))
    kind = vendors.texts if name == "chat" else vendors.images

    with pytest.raises(ProviderError):
        ask(kind(vendor.url)[name])
