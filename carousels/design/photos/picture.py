"""The guarded door for every picture that is not ours: bytes in, an RGB image of the slide's size out.

A model's answer is untrusted: it may lie about its size, be cut off, or unpack to gigabytes.
"""

import warnings
from io import BytesIO

import numpy as np
from PIL import ExifTags, Image, ImageOps

from carousels.design.document import SIZES
from carousels.design.photos.subject import find_crop

PIXELS_LIMIT = 40_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class UnreadablePicture(ValueError):
    """Bytes that are no picture, or one too dangerous or too broken to open."""


def open_picture(
    data: bytes, aspect_ratio: str, *, subject_at: float | None = None, height: int | None = None
) -> Image.Image:
    """Decode, turn upright and crop to the slide: an RGB image of exactly the slide's size.

    The middle is kept; with `subject_at`, the subject is, at that share of the height if it can be had.
    With `height` (px) it is no taller than that: for a slide that shows its picture only at its top.
    """
    size = SIZES[aspect_ratio][0], height or SIZES[aspect_ratio][1]
    try:
        with warnings.catch_warnings():
            # Pillow only warns between one and two times its own limit; a damaged EXIF only warns, too.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
            with Image.open(BytesIO(data), formats=FORMATS) as picture:
                _refuse_giants(picture)
                picture.draft("RGB", (size[0] * 2, size[1] * 2))
                upright = _flatten(turn_upright(picture))
    except UnreadablePicture:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UnreadablePicture("the picture unpacks to too many pixels") from error
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, OverflowError) as error:
        # What Pillow's decoders raise on broken data; OSError covers cut off and unknown files.
        raise UnreadablePicture(f"the picture cannot be read: {type(error).__name__}") from error

    if upright.size == size:
        return upright
    if subject_at is None:
        return ImageOps.fit(upright, size, Image.Resampling.LANCZOS)
    box = find_crop(upright, size, subject_at=subject_at)
    return upright.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)


def turn_upright(picture: Image.Image) -> Image.Image:
    """As its EXIF says. Pillow's own way also writes the EXIF anew, and stumbles over a damaged one."""
    turn = TURNS.get(picture.getexif().get(ExifTags.Base.Orientation))
    return picture.transpose(turn) if turn is not None else picture


def _refuse_giants(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > PIXELS_LIMIT:
        raise UnreadablePicture(f"the picture has {width} x {height} pixels")


def _flatten(picture: Image.Image) -> Image.Image:
    """Transparency laid on white, any mode as RGB."""
    if picture.mode.startswith("I"):  # 16 bits a pixel, which Pillow would cut off, not scale
        return Image.fromarray((np.asarray(picture) >> 8).astype(np.uint8)).convert("RGB")
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    flat = Image.new("RGB", layer.size, "white")
    flat.paste(layer, mask=layer)
    return flat
