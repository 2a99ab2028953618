"""The look at a carousel before money is spent on it, and before it is handed out.

`check_words` needs no pictures and is quick enough to come right after the strategy; `inspect` measures
what was made. Both return a verdict; what to do about a bad one is the caller's decision.
"""

import hashlib
from collections.abc import Mapping, Sequence

from carousels.design import engine
from carousels.design.document import Document
from carousels.design.engine import Page
from carousels.design.export.posts import Post
from carousels.design.fonts import find_missing
from carousels.design.layout import Layout, list_families, list_words
from carousels.design.preflight.deck import check_counts, check_deck
from carousels.design.preflight.pictures import check_grid_preview, check_picture
from carousels.design.preflight.prints import (
    PrintedPage,
    check_catalog,
    check_sheet,
    find_lost_words,
    read_catalog,
    read_pdf,
)
from carousels.design.preflight.verdict import Check, Review, Status, Verdict
from carousels.design.preflight.words import check_glyphs, check_layout, tell_repairs
from carousels.design.repair import Repair

__all__ = (
    "Check",
    "PrintedPage",
    "Status",
    "Verdict",
    "check_words",
    "find_lost_words",
    "inspect",
    "read_pdf",
)


def check_words(
    document: Document,
    *,
    posts: Mapping[str, Post] | None = None,
    repairs: Sequence[Repair] = (),
    layouts: Sequence[Layout] | None = None,
) -> Verdict:
    """Everything that can be known without a picture.

    `repairs` are what `repair.mend` changed before, `layouts` what it measured; without, the words are
    measured here.
    """
    families = list_families(document)
    reviews = []
    for slide, layout in zip(document.slides, layouts or engine.measure(document), strict=True):
        checks = check_layout(layout)
        checks.append(check_glyphs(find_missing(list_words(document, slide), families)))
        if slide.number == 1:
            checks.append(check_grid_preview(document, layout))
        checks += _tell_repairs_of(slide.number, repairs)
        reviews.append(Review(slide.number, slide.kind, tuple(checks)))
    deck = [*check_deck(document, posts or {}), *_tell_repairs_of(None, repairs)]
    return Verdict(tuple(deck), tuple(reviews))


def inspect(
    document: Document,
    pages: Sequence[Page],
    pdf: bytes,
    *,
    posts: Mapping[str, Post] | None = None,
    repairs: Sequence[Repair] = (),
) -> Verdict:
    """Check finished pages and their PDF against the document they were made from."""
    sheets = read_pdf(pdf)
    deck = [
        *check_counts(document, [page.number for page in pages], len(sheets)),
        *check_deck(document, posts or {}),
        *check_catalog(read_catalog(pdf)),
        *_tell_repairs_of(None, repairs),
    ]
    reviews = [
        _review(document, page, sheets[place] if place < len(sheets) else None, repairs)
        for place, page in enumerate(pages)
    ]
    return Verdict(tuple(deck), tuple(reviews), hashlib.sha256(pdf).hexdigest())


def _review(document: Document, page: Page, sheet: PrintedPage | None, repairs: Sequence[Repair]) -> Review:
    checks = [
        *check_layout(page.figures.layout),
        *check_picture(document, page),
        check_glyphs(page.figures.missing_glyphs),
        *([] if sheet is None else check_sheet(document, page, sheet)),
        *_tell_repairs_of(page.number, repairs),
    ]
    return Review(page.number, document.slide(page.number).kind, tuple(checks), _note(page))


def _tell_repairs_of(number: int | None, repairs: Sequence[Repair]) -> list[Check]:
    return tell_repairs(repair for repair in repairs if repair.slide == number)


def _note(page: Page) -> dict[str, object]:
    """Facts about a picture that are no question of good or bad."""
    figures = page.figures
    return {
        "sha256": hashlib.sha256(page.png).hexdigest(),
        "panel": figures.panel,
        "scrim": figures.scrim,
        "clipped": figures.layout.is_clipped,
        "box": list(figures.box),
    }
