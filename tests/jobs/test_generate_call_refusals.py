"""Bad input to generate: the fault is named, nothing is charged, no row is written, nothing is sent."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.serializers import GenerateInput
from tests.rest.world import body_of, snapshot

URL = "/api/carousel/generate"
VALID = {"prompt": "5 pricing mistakes freelancers make", "imageCount": 3}
ABSENT = object()

TOO_SHORT = "Prompt must be at least 10 characters"
NO_TEXT = ("invalid", "Not a valid string.")
NULL = ("null", "This field may not be null.")
MISSING = ("required", "This field is required.")
NOT_WHOLE = ("invalid", "Must be a whole number.")
NO_RATIO = ("invalid_choice", "Must be one of 1:1, 4:5, 9:16.")
TOO_MANY = ("max_length", "Ensure this field has no more than 20 elements.")
NUL_INSIDE = ("null_characters_not_allowed", "Null characters are not allowed.")
SURROGATE = ("surrogate_characters_not_allowed", "Surrogate characters are not allowed: U+D800.")


def not_a_list(kind: str) -> tuple[str, str]:
    return ("not_a_list", f'Expected a list of items but got type "{kind}".')


def too_long(characters: int) -> tuple[str, str]:
    return ("max_length", f"Ensure this field has no more than {characters} characters.")


FAULTS = [
    ("prompt", "123456789", ("min_length", TOO_SHORT)),
    ("prompt", "  123456789 \n ", ("min_length", TOO_SHORT)),
    ("prompt", " " * 20, ("blank", TOO_SHORT)),
    ("prompt", "\u200b" * 20, ("blank", TOO_SHORT)),
    ("prompt", "\u0001\ue000\ufdd0" * 7, ("blank", TOO_SHORT)),
    ("prompt", "", ("blank", TOO_SHORT)),
    ("prompt", ABSENT, MISSING),
    ("prompt", None, NULL),
    ("prompt", 1234567890123, NO_TEXT),
    ("prompt", True, NO_TEXT),
    ("prompt", ["5 pricing mistakes"], NO_TEXT),
    ("prompt", {"text": "5 pricing mistakes"}, NO_TEXT),
    ("prompt", "x" * 5001, too_long(5000)),
    ("prompt", "x" * 1_000_000, too_long(5000)),
    ("prompt", "5 pricing\0 mistakes", NUL_INSIDE),
    ("prompt", "5 pricing mistakes \ud800", SURROGATE),
    ("imageCount", ABSENT, MISSING),
    ("imageCount", 1, ("min_value", "Must be at least 2.")),
    ("imageCount", -3, ("min_value", "Must be at least 2.")),
    ("imageCount", 11, ("max_value", "Must be at most 10.")),
    ("imageCount", 10**4000, ("max_value", "Must be at most 10.")),
    ("imageCount", 1e300, ("max_value", "Must be at most 10.")),
    ("imageCount", "5", NOT_WHOLE),
    ("imageCount", 2.5, NOT_WHOLE),
    ("imageCount", True, NOT_WHOLE),
    ("imageCount", [5], NOT_WHOLE),
    ("imageCount", None, NULL),
    ("aspectRatio", "16:9", NO_RATIO),
    ("aspectRatio", "\ud800", NO_RATIO),
    ("aspectRatio", "", ("blank", "This field may not be blank.")),
    ("aspectRatio", 1, NO_TEXT),
    ("aspectRatio", None, NULL),
    ("styles", ["photo"] * 10_000, TOO_MANY),
    ("styles", [None] * 10_000, TOO_MANY),
    ("styles", "photo", not_a_list("str")),
    ("styles", {"0": "photo"}, not_a_list("dict")),
    ("styles", 7, not_a_list("int")),
    ("styles", None, NULL),
    ("styles.1", ["photo", 5], NO_TEXT),
    ("styles.0", [None], NULL),
    ("styles.0", [["photo"]], NO_TEXT),
    ("styles.0", ["\0"], NUL_INSIDE),
    ("styles.0", ["\ud800"], SURROGATE),
    ("styles.0", ["x" * 61], too_long(60)),
    ("keyPoints", "rise early", not_a_list("str")),
    ("keyPoints", False, not_a_list("bool")),
    ("keyPoints", ["x"] * 21, TOO_MANY),
    ("keyPoints.2", ["a", "b", {"c": 1}], NO_TEXT),
    ("keyPoints.0", ["x" * 501], too_long(500)),
    ("audience", 5, NO_TEXT),
    ("audience", "x" * 301, too_long(300)),
    ("audience", "\0", NUL_INSIDE),
    ("purpose", ["sell"], NO_TEXT),
    ("purpose", None, NULL),
    ("tone", 5, NO_TEXT),
    ("tone", "x" * 301, too_long(300)),
]


def name_of(value: Any) -> str:
    return repr(value)[:24] if isinstance(value, (str, int, float, list, dict, bool)) else ""


@pytest.mark.parametrize(("path", "value", "fault"), FAULTS, ids=name_of)
def test_bad_field_is_refused_by_name_and_nothing_happens(api, path, value, fault):
    name, *index = path.split(".")
    sent = {key: item for key, item in (VALID | {name: value}).items() if item is not ABSENT}
    code, message = fault
    before = snapshot()

    response = api.generic("POST", URL, json.dumps(sent), content_type="application/json")

    assert response.status_code == 400
    assert body_of(response) == {
        "success": False,
        "error": "VALIDATION_ERROR",
        "message": "Invalid input data",
        "details": [{"path": [name, *map(int, index)], "message": message, "code": code}],
    }
    assert snapshot() == before


UNREADABLE = {
    "malformed": (b'{"prompt": ', "The body is not JSON: Expecting value: line 1 column 12 (char 11)"),
    "blank": (b" ", "The body is not JSON: Expecting value: line 1 column 2 (char 1)"),
    "two values": (b"{} {}", "The body is not JSON: Extra data: line 1 column 4 (char 3)"),
    "nan": (
        b'{"imageCount": NaN}',
        "The body is not JSON: Out of range float values are not JSON compliant: 'NaN'",
    ),
    "infinity": (
        b'{"imageCount": -Infinity}',
        "The body is not JSON: Out of range float values are not JSON compliant: '-Infinity'",
    ),
    "20,000 brackets": (b"[" * 20_000 + b"]" * 20_000, "The body is nested too deeply"),
    "20,000 open objects": (b'{"a":' * 20_000, "The body is nested too deeply"),
    "not utf-8": (b'{"prompt": "\xff"}', "The body is not UTF-8"),
    "utf-16": ('{"imageCount": 3}'.encode("utf-16"), "The body is not UTF-8"),
}


@pytest.mark.parametrize(("raw", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_unreadable_body_is_refused_with_the_reason(api, raw, message):
    before = snapshot()

    response = api.generic("POST", URL, raw, content_type="application/json")

    assert response.status_code == 400
    assert body_of(response) == {
        "success": False,
        "error": "VALIDATION_ERROR",
        "message": "Invalid input data",
        "details": [{"path": [], "message": message, "code": "parse_error"}],
    }
    assert snapshot() == before


@pytest.mark.parametrize("raw", ["[]", '[{"imageCount": 3}]', '"text"', "5", "true", "null"])
def test_json_that_is_no_object_is_refused(api, raw):
    before = snapshot()

    response = api.generic("POST", URL, raw, content_type="application/json")

    [fault] = body_of(response)["details"]
    assert (response.status_code, fault["path"]) == (400, [])
    assert snapshot() == before


@pytest.mark.parametrize("number", ["1e400", "-1e400"])
def test_number_beyond_every_float_is_no_whole_number(api, number):
    before = snapshot()

    response = api.generic(
        "POST",
        URL,
        f'{{"prompt": "5 pricing mistakes", "imageCount": {number}}}',
        content_type="application/json",
    )

    assert response.status_code == 400
    assert body_of(response)["details"] == [
        {"path": ["imageCount"], "message": NOT_WHOLE[1], "code": NOT_WHOLE[0]}
    ]
    assert snapshot() == before


def test_empty_body_misses_both_required_fields(api):
    before = snapshot()

    response = api.generic("POST", URL, b"", content_type="application/json")

    assert response.status_code == 400
    assert body_of(response)["details"] == [
        {"path": [name], "message": MISSING[1], "code": MISSING[0]} for name in ("prompt", "imageCount")
    ]
    assert snapshot() == before


def test_every_fault_is_named_at_once(api):
    response = api.post(URL, {"prompt": "short", "imageCount": 1, "keyPoints": [1, "two", None]})

    paths = [fault["path"] for fault in body_of(response)["details"]]
    assert paths == [["prompt"], ["imageCount"], ["keyPoints", 0], ["keyPoints", 2]]


@pytest.mark.parametrize(
    "media_type",
    ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", "application/xml", "", ";"],
)
def test_body_that_is_not_called_json_is_refused(api, media_type):
    before = snapshot()

    response = api.generic("POST", URL, json.dumps(VALID), content_type=media_type)

    assert response.status_code == 415
    assert body_of(response) == {
        "success": False,
        "error": "UNSUPPORTED_MEDIA_TYPE",
        "message": "Send JSON as application/json",
    }
    assert snapshot() == before


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no fault of the input
@given(st.fixed_dictionaries({}, optional=dict.fromkeys(GenerateInput().fields, JSON_VALUES)))
def test_no_value_of_any_field_crashes_the_input(value):
    brief = GenerateInput(data=value)

    assert brief.is_valid() == (brief.errors == {})
