"""The last look before a carousel is handed out: is every page whole, legible and in its place?

Returns a verdict; what to do about a bad one is the caller's decision. Text that had to be cut short
is noted on the slide, not counted as a fault.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

import pypdfium2
from PIL import Image

from carousels.design.backdrop import CONTRAST_LEAST
from carousels.design.document import Document, Slide
from carousels.design.engine import Page
from carousels.design.hygiene import split_runs
from carousels.design.layout import find_safe_area

OVERFLOW_MOST = 1.0  # px
BULGE = 20  # px that pills of chrome and italic swashes may reach out of the safe area
UNSHOWN = ("\ufffd", "\x00")  # what a PDF's text holds where a glyph has no character

SKIPPED = ("Cf", "Cc", "Cn", "Mn", "Pd")
JOINED_SCRIPTS = (("\u0590", "\u10ff"), ("\u1200", "\u139f"), ("\u1780", "\u17ff"))


@dataclass(frozen=True)
class Verdict:
    """Faults in plain words (none: passed) and the measurements they rest on, a dict a slide."""

    faults: tuple[str, ...]
    slides: tuple[dict[str, Any], ...]
    pdf_sha256: str

    @property
    def passed(self) -> bool:
        return not self.faults

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "passed": self.passed,
            "faults": list(self.faults),
            "slides": list(self.slides),
            "pdfSha256": self.pdf_sha256,
        }


@dataclass(frozen=True)
class PrintedPage:
    """One page of a finished PDF: its size in points and the text a reader can select."""

    size: tuple[int, int]
    text: str


def inspect(document: Document, pages: Sequence[Page], pdf: bytes) -> Verdict:
    """Check finished pages and their PDF against the document they were made from."""
    printed = read_pdf(pdf)
    faults = _check_counts(document, pages, printed)
    for page in pages:
        faults += [f"slide {page.number}: {fault}" for fault in _check_page(document, page)]
    for page, sheet in zip(pages, printed, strict=False):
        faults += [f"slide {page.number}: {fault}" for fault in _check_print(document, page, sheet)]
    return Verdict(tuple(faults), tuple(_note(page) for page in pages), hashlib.sha256(pdf).hexdigest())


def read_pdf(pdf: bytes) -> list[PrintedPage]:
    """Sizes and text of every page."""
    printed = []
    with pypdfium2.PdfDocument(pdf) as opened:
        for page in opened:
            width, height = page.get_size()
            text = page.get_textpage().get_text_range()
            printed.append(PrintedPage((round(width), round(height)), text))
    return printed


def _check_counts(document: Document, pages: Sequence[Page], printed: Sequence[PrintedPage]) -> list[str]:
    wanted = [slide.number for slide in document.slides]
    faults = []
    if [page.number for page in pages] != wanted:
        faults.append(f"pages {[page.number for page in pages]} instead of {wanted}")
    if len(printed) != len(wanted):
        faults.append(f"the PDF has {len(printed)} pages instead of {len(wanted)}")
    return faults


def _check_page(document: Document, page: Page) -> list[str]:
    figures, layout = page.figures, page.figures.layout
    size = Image.open(BytesIO(page.png)).size
    faults = []
    if size != document.size:
        faults.append(f"the picture is {size[0]} x {size[1]} px")
    if layout.overflow > OVERFLOW_MOST:
        faults.append(f"the words overflow by {layout.overflow} px")
    faults += [
        f"{fit.part} is set in {fit.size} px, least is {fit.least} px"
        for fit in layout.fits
        if fit.size < fit.least
    ]
    if figures.contrast < CONTRAST_LEAST:
        faults.append(f"contrast {figures.contrast} is below {CONTRAST_LEAST}")
    if not _is_safe(document, figures.box):
        faults.append(f"something is drawn outside the safe area: {figures.box}")
    if figures.missing_glyphs:
        faults.append(f"no glyph for {', '.join(map(_name, figures.missing_glyphs))}")
    return faults


def _is_safe(document: Document, box: tuple[int, int, int, int]) -> bool:
    safe, (width, height) = find_safe_area(document.aspect_ratio), document.size
    left, top, right, bottom = box
    return (
        left >= safe.side - BULGE
        and top >= safe.top - BULGE
        and right <= width - safe.side + BULGE
        and bottom <= height - safe.bottom + BULGE
    )


def _check_print(document: Document, page: Page, sheet: PrintedPage) -> list[str]:
    faults = []
    if sheet.size != document.size:
        faults.append(f"the PDF page is {sheet.size[0]} x {sheet.size[1]} pt")
    if any(mark in sheet.text for mark in UNSHOWN):
        faults.append("the PDF's text has unreadable characters")
    # A right-to-left line comes out of a PDF with its numbers and signs in another order.
    if not page.figures.layout.is_clipped and document.direction == "ltr":
        lost = find_lost_words(document, document.slide(page.number), sheet.text)
        faults += [f"the PDF's text lacks {word!r}" for word in lost]
    return faults


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


def _note(page: Page) -> dict[str, Any]:
    figures = page.figures
    return {
        "slideNumber": page.number,
        "sha256": hashlib.sha256(page.png).hexdigest(),
        "contrast": figures.contrast,
        "scrim": figures.scrim,
        "overflow": figures.layout.overflow,
        "clipped": figures.layout.is_clipped,
        "fits": [asdict(fit) for fit in figures.layout.fits],
        "box": list(figures.box),
        "missingGlyphs": list(figures.missing_glyphs),
    }


def _name(character: str) -> str:
    return f"U+{ord(character):04X}"
