"""Checks of the PDF: its pages, the text a reader can select, what assistive technology is told.

The PDF is opened again as any reader would open it; nothing is taken from how it was made.
"""

import unicodedata
from dataclasses import dataclass

import pypdfium2

from carousels.design.document import Document, Slide
from carousels.design.engine import Page
from carousels.design.preflight.verdict import Check, Status, judge
from carousels.design.text.hygiene import split_runs

UNSHOWN = ("\ufffd", "\x00")  # what a PDF's text holds where a glyph has no character

# Emoji ("So", "Sk") are drawn and selected, but readers lose the last one of a broken line.
SKIPPED = ("Cf", "Cc", "Cn", "Mn", "Pd", "So", "Sk")
JOINED_SCRIPTS = (("\u0590", "\u10ff"), ("\u1200", "\u139f"), ("\u1780", "\u17ff"))


@dataclass(frozen=True)
class PrintedPage:
    """One page of a finished PDF: its size in points and the text a reader can select."""

    size: tuple[int, int]
    text: str


@dataclass(frozen=True)
class Catalog:
    """What a PDF says about itself: `is_tagged` when it tells the order in which it is read aloud."""

    is_tagged: bool
    title: str


def read_pdf(pdf: bytes) -> list[PrintedPage]:
    """Sizes and text of every page."""
    printed = []
    with pypdfium2.PdfDocument(pdf) as opened:
        for page in opened:
            width, height = page.get_size()
            text = page.get_textpage().get_text_range()
            printed.append(PrintedPage((round(width), round(height)), text))
    return printed


def read_catalog(pdf: bytes) -> Catalog:
    with pypdfium2.PdfDocument(pdf) as opened:
        is_tagged = bool(pypdfium2.raw.FPDFCatalog_IsTagged(opened.raw))
        return Catalog(is_tagged, opened.get_metadata_value("Title"))


def check_catalog(catalog: Catalog) -> list[Check]:
    """What a screen reader needs to know."""
    return [
        judge(
            "pdf_tags",
            catalog.is_tagged,
            "the PDF is tagged for screen readers",
            "the PDF is not tagged for screen readers",
        ),
        judge(
            "pdf_title",
            bool(catalog.title.strip()),
            "the PDF has a title",
            "the PDF has no title",
            otherwise=Status.WARNED,
        ),
    ]


def check_sheet(document: Document, page: Page, sheet: PrintedPage) -> list[Check]:
    """One page of the PDF against the slide it shows."""
    width, height = sheet.size
    return [
        judge(
            "pdf_page",
            sheet.size == document.size,
            "the PDF page has the slide's size",
            f"the PDF page is {width} x {height} pt",
            measured=[width, height],
            limit=list(document.size),
        ),
        *_check_text(document, page, sheet.text),
    ]


def _check_text(document: Document, page: Page, text: str) -> list[Check]:
    checks = []
    if any(mark in text for mark in UNSHOWN):
        checks.append(Check("pdf_text", Status.FAILED, "the PDF's text has unreadable characters"))
    # A right-to-left line comes out of a PDF with its numbers and signs in another order.
    if not page.figures.layout.is_clipped and document.direction == "ltr":
        lost = find_lost_words(document, document.slide(page.number), text)
        checks += [Check("pdf_text", Status.FAILED, f"the PDF's text lacks {word!r}") for word in lost]
    return checks or [Check("pdf_text", Status.PASSED, "the PDF's text can be selected and read")]


def find_lost_words(document: Document, slide: Slide, text: str) -> list[str]:
    """Words of the title that cannot be found in a PDF page's text."""
    runs = split_runs(slide.title, language=document.primary_language)
    words = [_strip(word) for word in "".join(run.text for run in runs).split()]
    found = _strip(text)
    return [word for word in words if word not in found and not _is_joined(word)]


def _strip(text: str) -> str:
    """Letters and signs only: how a PDF spaces, hyphenates and marks its lines does not matter."""
    text = unicodedata.normalize("NFKC", text)
    return "".join(
        character
        for character in text
        if not character.isspace() and unicodedata.category(character) not in SKIPPED
    )


def _is_joined(word: str) -> bool:
    """Letters that join or stack come out of a PDF in pieces, some not at all, though all are drawn."""
    return any(first <= letter <= last for letter in word for first, last in JOINED_SCRIPTS)
