"""A brand's pictures: what a creator uploads becomes a small clean PNG, and a logo finds its ground.

An upload is as untrusted as a model's answer. What is accepted here needs no further care: it holds
pixels only, no metadata.
"""

import math
import threading
import warnings
from io import BytesIO

from PIL import Image, ImageChops, ImageOps

from carousels.design.brand import InvalidImage, UnsupportedImage
from carousels.design.colors.oklch import measure_contrast
from carousels.design.photos.picture import FORMATS, PIXELS_LIMIT, turn_upright

LOGO_SIZE = (800, 400)  # px at most
AVATAR_SIDE = 512
SIGNATURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"RIFF")
SVG_LOOKED_FOR = 4096  # bytes; comments and a DOCTYPE may stand first
ENOUGH_PIXELS = 3_000_000  # a picture of many more is shrunk before anything else is done with it
# 30 KB may unpack to hundreds of megabytes: a web process of many threads holds one such picture at most.
ONE_AT_A_TIME = threading.Lock()

SEEN = 24  # alpha from which a pixel is more than the dust of an export
SOLID = 128  # and from which it counts as ink
SAME = 20  # levels by which a uniform margin may vary: a JPEG's never is quite uniform
BREATH = 0.08  # of its height that a logo on its own ground keeps around itself
OWN_GROUND = 0.9  # share of solid pixels from which a logo brings its ground along

READABLE = 2.2  # contrast that large shapes need to be seen
WORST = 0.08  # share of a logo's ink that may have less: a word in a second colour is more
GAIN = 1.4  # how much better a logo must read on a chip before it gets one
SAMPLE = (200, 100)  # px, enough to judge by
CHIPS = ("#FFFFFF", "#15161A")
CHIP_FOR_BOTH = "#75767B"  # black and white in one logo read on it alike


def open_logo(data: bytes) -> bytes:
    """A PNG of at most 800 x 400 px without empty margins; transparency is kept."""
    logo = _trim(_open(data, "logo"))
    logo.thumbnail(LOGO_SIZE, Image.Resampling.LANCZOS, reducing_gap=2)
    return _encode(logo)


def open_avatar(data: bytes) -> bytes:
    """A square PNG of at most 512 px, cut from the middle."""
    avatar = _open(data, "avatar")
    side = min(AVATAR_SIDE, *avatar.size)
    return _encode(ImageOps.fit(avatar, (side, side), Image.Resampling.LANCZOS))


def choose_ground(logo: bytes, on: str) -> str:
    """The hex colour of the chip that the logo needs on a ground of colour `on`; empty when it needs none.

    A logo without transparency brings its ground along.
    """
    inks = _sample_inks(logo)
    if not inks or _read_on(inks, on) >= READABLE:
        return ""

    best = max((*CHIPS, CHIP_FOR_BOTH), key=lambda chip: _read_on(inks, chip))
    return best if _read_on(inks, best) >= _read_on(inks, on) * GAIN else ""


def _open(data: bytes, field: str) -> Image.Image:
    """An upright RGBA picture without metadata."""
    _refuse_other_kinds(data, field)
    try:
        with ONE_AT_A_TIME, warnings.catch_warnings():
            # Pillow only warns between one and two times its own limit.
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=FORMATS) as picture:
                if picture.width * picture.height > PIXELS_LIMIT:
                    raise InvalidImage(field, f"The {field} has {picture.width} x {picture.height} pixels")
                opened = _to_rgba(_shrink(turn_upright(picture)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InvalidImage(field, f"The {field} unpacks to too many pixels") from error
    except InvalidImage:
        raise
    except (OSError, SyntaxError, ValueError, EOFError, MemoryError, OverflowError) as error:
        # What Pillow's decoders raise on broken data; OSError covers cut off files.
        raise InvalidImage(field, f"The {field} cannot be read: the file is damaged") from error
    opened.info = {}
    return opened


def _refuse_other_kinds(data: bytes, field: str) -> None:
    if not data:
        raise InvalidImage(field, f"The {field} is empty")
    if data.startswith(SIGNATURES):
        return
    if b"<svg" in data[:SVG_LOOKED_FOR].lower():
        raise UnsupportedImage(field, f"SVG {field}s are not accepted: export a PNG")
    raise UnsupportedImage(field, f"The {field} must be a PNG, JPEG or WebP")


def _shrink(picture: Image.Image) -> Image.Image:
    """By a whole number, if at all: a logo may stand small in a large margin."""
    factor = math.isqrt(picture.width * picture.height // ENOUGH_PIXELS)
    if factor < 2:
        return picture
    return (picture if picture.mode in ("L", "RGB", "RGBA") else _to_rgba(picture)).reduce(factor)


def _to_rgba(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I;16"):  # Pillow would cut the values off instead of scaling them
        picture = picture.point(lambda level: level / 257).convert("L")
    return picture.convert("RGBA")


def _trim(logo: Image.Image) -> Image.Image:
    """Cut off what is empty around it, or of one colour."""
    seen = logo.getchannel("A").point(lambda alpha: 255 * (alpha >= SEEN))
    box = seen.getbbox()
    if box is None:
        raise InvalidImage("logo", "The logo is empty: every pixel is transparent")
    logo = logo.crop(box)
    if logo.getchannel("A").getextrema()[0] < SOLID:
        return logo

    ground = Image.new("RGB", logo.size, logo.getpixel((0, 0))[:3])
    away = ImageChops.difference(logo.convert("RGB"), ground).point(lambda level: 255 * (level > SAME))
    inner = away.getbbox()
    return logo.crop(_pad(inner, logo.size)) if inner else logo


def _pad(box: tuple[int, int, int, int], size: tuple[int, int]) -> tuple[int, int, int, int]:
    left, top, right, bottom = box
    breath = round((bottom - top) * BREATH)
    return (
        max(left - breath, 0),
        max(top - breath, 0),
        min(right + breath, size[0]),
        min(bottom + breath, size[1]),
    )


def _sample_inks(logo: bytes) -> list[tuple[int, str]]:
    """Its solid colours with their counts; none when it is solid all over."""
    with Image.open(BytesIO(logo), formats=("PNG",)) as picture:
        picture.thumbnail(SAMPLE, Image.Resampling.NEAREST)
        colors = picture.convert("RGBA").getcolors(SAMPLE[0] * SAMPLE[1])
    solid = [
        (count, f"#{red:02X}{green:02X}{blue:02X}")
        for count, (red, green, blue, alpha) in colors
        if alpha >= SOLID
    ]
    share = sum(count for count, _ in solid) / sum(count for count, _ in colors)
    return [] if share >= OWN_GROUND else solid


def _read_on(inks: list[tuple[int, str]], ground: str) -> float:
    """The contrast that all but the worst part of the ink has."""
    rest = sum(count for count, _ in inks) * WORST
    for contrast, count in sorted((measure_contrast(ink, ground), count) for count, ink in inks):
        rest -= count
        if rest < 0:
            return contrast
    return contrast


def _encode(picture: Image.Image) -> bytes:
    encoded = BytesIO()
    picture.save(encoded, "PNG")
    return encoded.getvalue()
