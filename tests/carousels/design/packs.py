"""A packed carousel for tests: small pictures of the true size, and files that know when they are read."""

from io import BytesIO

from PIL import Image

from carousels.design.document import SIZES, Slide
from carousels.design.export.archive import Source
from carousels.design.export.pack import Contents, Origin, PackedSlide
from tests.carousels.design.decks import encode, make_slide

PAINTED = Origin("openai", "gpt-image-1", "a lamp on a desk", is_ai=True)
DRAWN = Origin("offline", "offline-art-1", "warm shapes", is_ai=False)


def hold(data: bytes) -> Source:
    return lambda: BytesIO(data)


def make_packed(slide: Slide, origin: Origin = DRAWN, ratio: str = "4:5") -> PackedSlide:
    image = Image.new("RGB", SIZES[ratio], (20 * slide.number, 90, 160))
    return PackedSlide(
        slide=slide, origin=origin, png=hold(encode(image, "PNG")), jpeg=hold(encode(image, "JPEG"))
    )


def make_contents(**changes: object) -> Contents:
    cover = make_slide("cover", 1, alt_text="A desk & a <lamp>.")
    call = make_slide("cta", 2, alt_text="")
    fields = {
        "title": "Freelance *pricing*",
        "language": "en",
        "theme": "cutout",
        "palette": "night",
        "aspect_ratio": "4:5",
        "revision": "job:7:1",
        "models": "gpt-5 + gpt-image-1",
        "caption": "Price is a promise.",
        "hashtags": ("#pricing", "#money"),
        "preflight": {"passed": True, "faults": []},
        "slides": (make_packed(cover, PAINTED), make_packed(call)),
        "pdf": hold(b"%PDF-1.7 pages"),
    }
    return Contents(**{**fields, **changes})
