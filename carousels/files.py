"""Files of carousels and brands in the object store, and the signed addresses they are fetched by.

A file's key contains the sha256 of its bytes and is never overwritten: a worker that was thought
dead and comes back writes the same name or another one, never somebody else's.
"""

import hashlib
import mimetypes
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO

from django.conf import settings
from django.core import signing
from django.core.files import File
from django.core.files.storage import default_storage
from django.http import HttpRequest
from django.urls import reverse

SALT = "carousels.files"


class InvalidAddress(Exception):
    """A file's address that was not signed by us, or has expired."""


class FileGone(Exception):
    """The address is good, but the object store no longer has the file."""


def store(*, carousel_id, name: str, data: bytes) -> str:
    """Keep `data` under a name that says what it is; `name` is like `slide-1.png`. Returns the key."""
    return store_in(folder=f"carousels/{carousel_id}", name=name, data=data)


def store_in(*, folder: str, name: str, data: bytes) -> str:
    """The same for what belongs to no carousel."""
    path = PurePosixPath(name)
    digest = hashlib.sha256(data).hexdigest()
    key = f"{folder}/{path.stem}-{digest}{path.suffix}"
    # Whole, not only there: a worker killed while writing leaves the beginning of a file.
    if default_storage.exists(key) and default_storage.size(key) == len(data):
        return key
    return default_storage.save(key, File(BytesIO(data)))


def read(key: str) -> bytes:
    with default_storage.open(key) as file:
        return file.read()


def remember(*, carousel_id, name: str, data: bytes) -> None:
    """Keep notes under exactly this name, in place of what stood there."""
    key = f"carousels/{carousel_id}/{name}"
    default_storage.delete(key)  # a storage gives a second file of one name another name
    default_storage.save(key, File(BytesIO(data)))


def recall(*, carousel_id, name: str) -> bytes:
    """What was last remembered under this name. Raises FileNotFoundError."""
    return read(f"carousels/{carousel_id}/{name}")


def open_stored(key: str) -> IO[bytes]:
    try:
        return default_storage.open(key)
    except FileNotFoundError as error:
        raise FileGone(key) from error


def address(*, key: str, request: HttpRequest) -> str:
    """An absolute URL for a plain <img>, good for FILE_URL_SECONDS."""
    return request.build_absolute_uri(reverse("file", args=[key])) + f"?signature={sign(key)}"


def open_signed(*, key: str, signature: str) -> tuple[IO[bytes], str]:
    """The file and its media type, for whoever holds a signed address."""
    check_signature(key, signature)
    media_type = mimetypes.guess_type(key)[0] or "application/octet-stream"
    return open_stored(key), media_type


def sign(name: str) -> str:
    """What an address carries to fetch what has this name, good for FILE_URL_SECONDS."""
    return signing.TimestampSigner(salt=SALT).sign(name).removeprefix(f"{name}:")


def check_signature(name: str, signature: str) -> None:
    """Raises InvalidAddress when it was not signed by us for this name, or too long ago."""
    try:
        signed = signing.TimestampSigner(salt=SALT).unsign(
            f"{name}:{signature}", max_age=settings.FILE_URL_SECONDS
        )
    except signing.BadSignature as error:
        raise InvalidAddress(str(error)) from error
    # A piece of the signature moved to the end of the name reads the same, but is another name.
    if signed != name:
        raise InvalidAddress(name)
