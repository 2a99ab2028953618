"""Files in: the body itself, or one file of a form, as bytes of bounded size.

What kind of file it is, its bytes say; the announced media type is not asked.
"""

from django.conf import settings
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser, MultiPartParser

from rest.negotiation import JSONOnly
from rest.parsers import PayloadTooLarge

UPLOAD_LIMIT = 5 * 1024 * 1024  # bytes of a file
FORM_MARGIN = 64 * 1024  # bytes that the form around it may take


class UploadNegotiation(JSONOnly):
    """A form is read as a form, anything else as the file itself."""

    def select_parser(self, request, parsers):
        return super().select_parser(request, parsers) or parsers[-1]


class RawFileParser(BaseParser):
    media_type = "*/*"

    def parse(self, stream, media_type=None, parser_context=None) -> bytes:
        limit = _limit(parser_context["request"])
        _refuse_announced(parser_context["request"], limit)
        return stream.read(limit)


class FormFileParser(MultiPartParser):
    """The first file of the form, whatever its field is called."""

    def parse(self, stream, media_type=None, parser_context=None) -> bytes:
        limit = _limit(parser_context["request"])
        _refuse_announced(parser_context["request"], limit + FORM_MARGIN)
        form = super().parse(stream, media_type, parser_context)
        contents = [_read_and_close(file) for file in form.files.values()]
        if not contents:
            raise ParseError("The form holds no file")
        if len(contents[0]) > limit:
            raise PayloadTooLarge(limit)
        return contents[0]


def _limit(request) -> int:
    """The gate cuts off a chunked body behind the limit of JSON: what is longer would look damaged."""
    is_chunked = "HTTP_TRANSFER_ENCODING" in request.META
    return min(settings.DATA_UPLOAD_MAX_MEMORY_SIZE, UPLOAD_LIMIT) if is_chunked else UPLOAD_LIMIT


def _refuse_announced(request, limit: int) -> None:
    if int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        raise PayloadTooLarge(limit)


def _read_and_close(file) -> bytes:
    with file:
        return file.read()
