"""Draws a carousel: words and frame by Typst, laid over art under its scrim; one slide at a time.

Each slide is compiled by itself, yet looks exactly as in the whole deck. The PDF is compiled once, from
the backgrounds the slides were drawn on. Whether the result is good enough is preflight's question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from carousels.design.backdrop import Layers, encode_jpeg, lay_over
from carousels.design.document import Document
from carousels.design.fonts import find_missing
from carousels.design.layout import Layout, describe, find_safe_area, list_families, list_words
from carousels.design.picture import open_picture
from carousels.design.png import encode_png
from carousels.design.press import open_press

UPLOAD_QUALITY = 92  # networks pack a picture again: what they are given must be better than what they give
THUMBNAIL_SHRINK = 2  # 1080 to 540 px


@dataclass(frozen=True)
class Figures:
    """Measurements of one finished slide. `box` is (left, top, right, bottom) of all that was drawn."""

    layout: Layout
    contrast: float
    scrim: float
    box: tuple[int, int, int, int]
    missing_glyphs: tuple[str, ...]


@dataclass(frozen=True)
class Page:
    """One finished slide: `png` to keep, `jpeg` to upload, a thumbnail of half the size.

    `background` is the JPEG under the words, scrim and all, for the PDF.
    """

    number: int
    png: bytes
    jpeg: bytes
    thumbnail: bytes
    background: bytes
    figures: Figures


def measure(document: Document) -> list[Layout]:
    """How the words of each slide would be set, without drawing anything."""
    slides = document.slides
    with open_press(describe(document, slides, [None] * len(slides))) as press:
        return press.measure()


def compose_slide(document: Document, number: int, art: bytes, is_photo: bool = False) -> Page:
    """Draw one slide over its art (a photograph is blurred where the scrim must be strong)."""
    slide = document.slide(number)
    picture = open_picture(art, document.aspect_ratio)
    with open_press(describe(document, [slide], [None])) as press:
        [layout] = press.measure()
        [words], [frame] = press.draw(), press.draw(words="hidden")

    theme = document.look
    layers = Layers.separate(_open_layer(words), _open_layer(frame), theme)
    backdrop = lay_over(
        art=picture,
        layers=layers,
        layout=layout,
        theme=theme,
        safe=find_safe_area(document.aspect_ratio),
        is_photo=is_photo,
    )
    figures = Figures(
        layout=layout,
        contrast=backdrop.contrast,
        scrim=backdrop.scrim,
        box=layers.words.getbbox() or (0, 0, 0, 0),
        missing_glyphs=find_missing(list_words(document, slide), list_families(document)),
    )
    return Page(
        number=number,
        png=encode_png(backdrop.page),
        jpeg=encode_jpeg(backdrop.page, quality=UPLOAD_QUALITY),
        thumbnail=encode_jpeg(backdrop.page.reduce(THUMBNAIL_SHRINK), quality=82),
        background=backdrop.background,
        figures=figures,
    )


def compose_pdf(document: Document, backgrounds: Sequence[bytes]) -> bytes:
    """The whole deck with selectable text over the pages' backgrounds, in slide order."""
    names = [f"background-{slide.number}.jpg" for slide in document.slides]
    files = dict(zip(names, backgrounds, strict=True))
    with open_press(describe(document, document.slides, names), files) as press:
        return press.print_pdf()


def _open_layer(png: bytes) -> Image.Image:
    layer = Image.open(BytesIO(png))
    layer.load()
    return layer
