"""Draws a carousel: words and frame by Typst, laid over art under its scrim; one slide at a time.

Each slide is compiled by itself, yet looks exactly as in the whole deck. The PDF is compiled once, from
the backgrounds the slides were drawn on. Whether the result is good enough is preflight's question.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from PIL import Image

from carousels.design.backdrop import (
    Backdrop,
    Layers,
    encode_jpeg,
    find_places,
    find_zones,
    lay_on_art,
    lay_on_scrim,
)
from carousels.design.document import Document, Slide
from carousels.design.fonts import find_missing
from carousels.design.layout import Layout, describe, find_safe_area, list_families, list_words
from carousels.design.legibility import COARSE, Block
from carousels.design.photos.busyness import wants_card
from carousels.design.photos.grading import grade
from carousels.design.photos.picture import open_picture
from carousels.design.photos.subject import LOWER_THIRD, UPPER_THIRD
from carousels.design.png import encode_png
from carousels.design.press import UNDATED, open_press

UPLOAD_QUALITY = 92  # networks pack a picture again: what they are given must be better than what they give
THUMBNAIL_SHRINK = 2  # 1080 to 540 px

BARE, CARD, SHEET = "bare", "card", "sheet"
SHEET_HEAD = 72  # px from a sheet's upper edge to its words
WINDOW_MIDDLE = 0.54  # of what is seen above a sheet: the header's chips stand in its upper part


@dataclass(frozen=True)
class Figures:
    """Measurements of one finished slide. `box` is (left, top, right, bottom) of all that was drawn.

    `contrast` is the worst of `blocks`. `panel` is what the words stand on: over a busy or very bright
    photograph a card, even where the theme has none. `repairs` names what a failed measurement made
    necessary: a stronger `scrim`, then a `card`.
    """

    layout: Layout
    contrast: float
    scrim: float
    box: tuple[int, int, int, int]
    missing_glyphs: tuple[str, ...]
    blocks: tuple[Block, ...] = ()
    panel: str = BARE
    repairs: tuple[str, ...] = ()


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


@dataclass(frozen=True)
class _Drawing:
    """The words of one slide on one kind of panel, laid over its picture."""

    panel: str
    layout: Layout
    layers: Layers
    backdrop: Backdrop


def measure(document: Document) -> list[Layout]:
    """How the words of each slide would be set, without drawing anything."""
    slides = document.slides
    with open_press(describe(document, slides, [None] * len(slides))) as press:
        return press.measure()


def compose_slide(document: Document, number: int, art: bytes, is_photo: bool = False) -> Page:
    """Draw one slide over its art; a photograph is cropped by its subject, graded, and may get a card."""
    slide, panel = document.slide(number), document.look.frame.panel
    if is_photo:
        picture, panel = _hang(document, slide, art)
    else:
        picture = open_picture(art, document.aspect_ratio)

    drawing = _draw(document, slide, picture, panel=panel, is_photo=is_photo)
    repairs = ("scrim",) if drawing.backdrop.has_grown else ()
    if panel == BARE and not drawing.backdrop.is_legible:
        drawing = _draw(document, slide, picture, panel=CARD, is_photo=is_photo)
        repairs = ("scrim", "card")
    return _finish(document, slide, drawing, repairs)


def compose_pdf(
    document: Document,
    backgrounds: Sequence[bytes],
    *,
    panels: Sequence[str] | None = None,
    made_at: datetime = UNDATED,
) -> bytes:
    """The whole deck with selectable text over the pages' backgrounds, in slide order.

    `panels` are those the pages were drawn with (`page.figures.panel`); without, the theme's own.
    """
    names = [f"background-{slide.number}.jpg" for slide in document.slides]
    files = dict(zip(names, backgrounds, strict=True))
    with open_press(describe(document, document.slides, names, panels), files) as press:
        return press.print_pdf(made_at=made_at)


def _hang(document: Document, slide: Slide, art: bytes) -> tuple[Image.Image, str]:
    """A photograph with its subject where the words are not, graded; and the panel the words want on it."""
    panel = document.look.frame.panel
    picture, box = _crop(document, slide, art, panel)
    if panel == BARE and wants_card(picture, box, document.look):
        panel = CARD
        picture, _ = _crop(document, slide, art, panel)
    graded = grade(picture, document.look, is_veiled=panel == BARE)
    return _extend(graded, document.size, document.look.colors.card), panel


def _crop(
    document: Document, slide: Slide, art: bytes, panel: str
) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """The photograph in the slide's size, or what a sheet leaves to see; and where the words would stand."""
    with open_press(describe(document, [slide], [None], [panel])) as press:
        [layout] = press.measure()
    box = _find_box(document, layout)
    if panel == SHEET:
        seen = max(box[1] - SHEET_HEAD, 1)
        return _fill_window(document, art, seen), box
    subject_at = _find_free(box, document.size[1], panel)
    return open_picture(art, document.aspect_ratio, subject_at=subject_at), box


def _fill_window(document: Document, art: bytes, seen: int) -> Image.Image:
    """The photograph above a sheet, where `seen` rows of it show; some more lie under the sheet's edge."""
    height = min(seen + SHEET_HEAD, document.size[1])
    subject_at = WINDOW_MIDDLE * seen / height
    return open_picture(art, document.aspect_ratio, subject_at=subject_at, height=height)


def _extend(picture: Image.Image, size: tuple[int, int], color: str) -> Image.Image:
    """The picture at the top of a page of this size; what is missing below it lies under a sheet."""
    if picture.size == size:
        return picture
    page = Image.new("RGB", size, color)
    page.paste(picture)
    return page


def _find_free(box: tuple[int, int, int, int], height: int, panel: str) -> float:
    """Where a subject stands best, as a share of the height: opposite the words, beside their panel."""
    above, below = box[1], height - box[3]
    if panel == BARE:
        return UPPER_THIRD if above >= below else LOWER_THIRD
    return above / 2 / height if above >= below else 1 - below / 2 / height


def _find_box(document: Document, layout: Layout) -> tuple[int, int, int, int]:
    """The block of words: left, top, right, bottom in px."""
    safe, (width, height) = find_safe_area(document.aspect_ratio), document.size
    bottoms = [fit.box[1] + fit.box[3] for fit in layout.fits if fit.box is not None]
    bottom = max(bottoms, default=height - safe.bottom)
    return safe.side, round(layout.top), width - safe.side, round(bottom)


def _draw(document: Document, slide: Slide, picture: Image.Image, *, panel: str, is_photo: bool) -> _Drawing:
    theme, safe = document.look, find_safe_area(document.aspect_ratio)
    with open_press(describe(document, [slide], [None], [panel])) as press:
        [layout] = press.measure()
        [words], [frame] = press.draw(), press.draw(words="hidden", shrink=COARSE)

    layers = Layers.separate(words, frame, theme)
    places = find_places(layout, safe, document.size)
    if panel != BARE:
        backdrop = lay_on_art(art=picture, layers=layers, places=places)
    else:
        zones = find_zones(layout, safe, picture.height, is_photo=is_photo)
        backdrop = lay_on_scrim(
            art=picture, layers=layers, places=places, zones=zones, theme=theme, is_photo=is_photo
        )
    return _Drawing(panel, layout, layers, backdrop)


def _finish(document: Document, slide: Slide, drawing: _Drawing, repairs: tuple[str, ...]) -> Page:
    backdrop = drawing.backdrop
    figures = Figures(
        layout=drawing.layout,
        contrast=backdrop.contrast,
        scrim=backdrop.scrim,
        box=drawing.layers.find_box(drawing.panel),
        missing_glyphs=find_missing(list_words(document, slide), list_families(document)),
        blocks=backdrop.blocks,
        panel=drawing.panel,
        repairs=repairs,
    )
    return Page(
        number=slide.number,
        png=encode_png(backdrop.page),
        jpeg=encode_jpeg(backdrop.page, quality=UPLOAD_QUALITY),
        thumbnail=encode_jpeg(backdrop.page.reduce(THUMBNAIL_SHRINK), quality=82),
        background=backdrop.background,
        figures=figures,
    )
