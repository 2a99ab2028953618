"""Where a document's words stand: every text by its place, and the document with some of them changed.

Nothing is judged or shortened here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from carousels.design.document import Document, Slide
from carousels.design.layout import Layout
from carousels.design.text.hygiene import clean

LABELS = ("kicker", "author", "role", "button")  # one line each, cut by the frame
TEXTS = ("title", "caption", "stat", *LABELS)
ROWS = {"items": "item", "against": "item against", "labels": "label"}
BRAND = ("name", "handle")


@dataclass(frozen=True)
class Place:
    """One text of a document: `slide` is None for what stands on every slide, `row` counts from 0."""

    slide: int | None
    field: str
    row: int | None = None

    @property
    def name(self) -> str:
        """For a reader: `title`, `item 3`."""
        return self.field if self.row is None else f"{ROWS[self.field]} {self.row + 1}"


def read_texts(document: Document) -> dict[Place, str]:
    """Every text that is drawn, empty ones left out."""
    texts = {Place(None, field): getattr(document.brand, field) for field in BRAND}
    texts[Place(None, "watermark")] = document.watermark
    texts |= {Place(None, word): text for word, text in asdict(document.words).items()}
    for slide in document.slides:
        texts |= _read_slide(slide)
    return {place: text for place, text in texts.items() if text}


def write_texts(document: Document, changes: Mapping[Place, str]) -> Document:
    """The document with other words in these places."""
    if not changes:
        return document
    deck = {place.field: text for place, text in changes.items() if place.slide is None}
    words = {field: text for field, text in deck.items() if hasattr(document.words, field)}
    return replace(
        document,
        brand=replace(document.brand, **{field: text for field, text in deck.items() if field in BRAND}),
        watermark=deck.get("watermark", document.watermark),
        words=replace(document.words, **words),
        slides=tuple(_write_slide(slide, changes) for slide in document.slides),
    )


def list_fitted(slide: Slide, layout: Layout) -> list[Place]:
    """The place of each of a layout's fits; rows of which cleaning leaves nothing are not drawn."""
    rows = iter(
        Place(slide.number, field, row)
        for field in ("items", "against")
        for row, text in enumerate(getattr(slide, field))
        if clean(text)
    )
    return [
        next(rows, Place(slide.number, "title")) if fit.part == "item" else Place(slide.number, fit.part)
        for fit in layout.fits
    ]


def is_label(place: Place) -> bool:
    """Whether the frame gives this text one line, and cuts what is longer."""
    return place.slide is None or place.field in (*LABELS, "labels")


def _read_slide(slide: Slide) -> dict[Place, str]:
    texts = {Place(slide.number, field): getattr(slide, field) for field in TEXTS}
    rows = {
        Place(slide.number, field, row): text
        for field in ROWS
        for row, text in enumerate(getattr(slide, field))
    }
    return texts | rows


def _write_slide(slide: Slide, changes: Mapping[Place, str]) -> Slide:
    own: dict[str, Any] = {
        place.field: text
        for place, text in changes.items()
        if place.slide == slide.number and place.row is None
    }
    for field in ROWS:
        rows: Sequence[str] = getattr(slide, field)
        places = [Place(slide.number, field, row) for row in range(len(rows))]
        if any(place in changes for place in places):
            own[field] = tuple(changes.get(place, text) for place, text in zip(places, rows, strict=True))
    return replace(slide, **own) if own else slide
