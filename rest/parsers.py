"""JSON in, strictly: bounded in size and depth, and never a 500 for what a client sent."""

import json
from typing import Any

from django.conf import settings
from rest_framework import status
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import BaseParser
from rest_framework.utils import json as strict_json


class PayloadTooLarge(APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "payload_too_large"

    def __init__(self, limit: int) -> None:
        super().__init__(f"The request body may be at most {limit:,} bytes")


class StrictJSONParser(BaseParser):
    """`DATA_UPLOAD_MAX_MEMORY_SIZE` holds here too: DRF reads the stream past Django's own check."""

    media_type = "application/json"

    def parse(self, stream, media_type=None, parser_context=None) -> Any:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        # What is announced as too large is not waited for: a length may lie, and nobody sends the rest.
        if int(parser_context["request"].META.get("CONTENT_LENGTH") or 0) > limit:
            raise PayloadTooLarge(limit)
        raw = stream.read(limit)
        try:
            return strict_json.loads(raw.decode("utf-8"))
        except UnicodeDecodeError:
            raise ParseError("The body is not UTF-8") from None
        except json.JSONDecodeError as error:
            raise ParseError(f"The body is not JSON: {error}") from None
        except RecursionError:
            raise ParseError("The body is nested too deeply") from None
        except ValueError as error:  # NaN, Infinity, an integer of 10,000 digits
            raise ParseError(f"The body is not JSON: {error}") from None
