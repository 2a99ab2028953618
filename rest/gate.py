"""Before Django: what a WSGI server hands over, made fit for the API. Knows environ, not requests.

Django builds its request outside its own error handling, so what crashes it there would leave the
envelope, whatever a middleware does.
"""

import re
from collections.abc import Callable, Iterable
from io import BytesIO

from django.conf import settings

API_PREFIX = "/api/"
FORM = re.compile(
    r"""multipart/form-data\s*;.*?boundary="?([\w'()+,./:=?-]{1,70})"?""", re.ASCII | re.IGNORECASE
)

Application = Callable[[dict, Callable], Iterable[bytes]]


class Gate:
    """Wraps the WSGI application; anything that is not below /api/ passes untouched."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(API_PREFIX):
            _keep_media_type_only(environ)
            _measure_chunked_body(environ)
        return self.application(environ, start_response)


def _keep_media_type_only(environ: dict) -> None:
    """JSON is UTF-8; `charset=hex` or a broken parameter would crash or misguide Django's request.

    A form cannot be read without its boundary, so that parameter alone stays.
    """
    sent = environ.get("CONTENT_TYPE", "")
    form = FORM.match(sent)
    environ["CONTENT_TYPE"] = (
        f'multipart/form-data; boundary="{form[1]}"' if form else sent.partition(";")[0].strip()
    )


def _measure_chunked_body(environ: dict) -> None:
    """A chunked body has no length, and without one Django sees no body at all.

    One byte more than allowed is read, so that the parser can tell too large from just right.
    """
    is_chunked = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    if is_chunked and environ.get("wsgi.input_terminated"):
        body = environ["wsgi.input"].read(settings.DATA_UPLOAD_MAX_MEMORY_SIZE + 1)
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(body), str(len(body))
