"""Serializer fields that take a JSON type for what it is: "5" is no number, 5 is no text."""

from functools import cache
from typing import Any

from rest_framework import serializers
from rest_framework.utils.serializer_helpers import BindingDict


class SharedFieldsSerializer(serializers.Serializer):
    """Its fields are made once for all requests: DRF copies them for each, which takes longer than reading.

    Only for input that is read whole and without a context: fields keep no state of their own while they
    validate, but know the first serializer as their parent.
    """

    @property
    def fields(self) -> BindingDict:
        return _fields_of(type(self))


@cache
def _fields_of(kind: type[serializers.Serializer]) -> BindingDict:
    first = kind()
    fields = BindingDict(first)
    for name, field in first.get_fields().items():
        fields[name] = field
    return fields


class StrictSerializer(serializers.Serializer):
    """Refuses keys it does not know: a misspelt one would otherwise change nothing in silence."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict) and (unknown := data.keys() - self.fields.keys()):
            known = ", ".join(self.fields)
            fault = serializers.ErrorDetail(f"Unknown; known are {known}.", code="unknown")
            raise serializers.ValidationError({key: [fault] for key in sorted(unknown)})
        return super().to_internal_value(data)


class StrictCharField(serializers.CharField):
    """A JSON string; DRF's own field would turn numbers into text."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class StrictIntegerField(serializers.Field):
    """A JSON number without a fraction: 5 and 5.0 pass, "5", 2.5, true and null do not."""

    default_error_messages = {
        "invalid": "Must be a whole number.",
        "min_value": "Must be at least {minimum}.",
        "max_value": "Must be at most {maximum}.",
    }

    def __init__(self, *, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.minimum, self.maximum = minimum, maximum

    def to_internal_value(self, data: Any) -> int:
        # 1e400 is read as infinity, and true is an int to Python.
        is_whole = data.is_integer() if isinstance(data, float) else type(data) is int
        if not is_whole:
            self.fail("invalid")
        if data < self.minimum:
            self.fail("min_value", minimum=self.minimum)
        if data > self.maximum:
            self.fail("max_value", maximum=self.maximum)
        return int(data)

    def to_representation(self, value: int) -> int:
        return value


class StrictBooleanField(serializers.Field):
    """JSON's true or false, never a word or a number for it."""

    default_error_messages = {"invalid": "Must be true or false."}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid")
        return data

    def to_representation(self, value: bool) -> bool:
        return value


class StrictListField(serializers.ListField):
    """A JSON array; the length is judged before its items, so that 10,000 faults are one."""

    def run_child_validation(self, data: Any) -> Any:
        if self.max_length is not None and len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().run_child_validation(data)
