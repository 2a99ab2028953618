"""A model's picture made ours: decoded in base64 alone, opened behind the guarded door, encoded anew.

What it was called, how large it said it was and what it carried along (EXIF, comments) is forgotten.
No address in an answer is ever followed.
"""

import base64
import binascii

from carousels.providers.base import Picture

QUALITY = 92  # of the JPEG: pages are set on it, and encoded once more
REVISED_MOST = 4_000  # characters


class NoPicture(ValueError):
    """An answer without a picture in it, or with bytes that are none."""


def read(encoded: str | bytes | None, *, aspect_ratio: str, revised_prompt: str | None = None) -> Picture:
    """Base64 text, or bytes, as a JPEG of exactly the slide's size. Raises NoPicture."""
    # numpy and Pillow stay out of the web process, which imports providers to name them.
    from carousels.design.backdrop import encode_jpeg
    from carousels.design.photos.picture import UnreadablePicture, open_picture

    if not encoded:
        raise NoPicture("none in it")
    try:
        data = base64.b64decode(encoded, validate=True) if isinstance(encoded, str) else encoded
        picture = open_picture(data, aspect_ratio)
    except (binascii.Error, UnreadablePicture) as error:
        raise NoPicture(str(error)) from None
    picture.info.clear()  # a JPEG's comment would be written again
    jpeg = encode_jpeg(picture, quality=QUALITY)
    return Picture(jpeg, "image/jpeg", revised_prompt=_storable(revised_prompt or "")[:REVISED_MOST])


def _storable(text: str) -> str:
    """Without what no database takes: NUL, and halves of characters that somebody cut in two."""
    return text.replace("\0", "").encode(errors="ignore").decode()
