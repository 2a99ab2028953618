"""The PDF: tagged, titled, readable in order, and the same bytes for the same deck."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pypdfium2
import pypdfium2.raw as pdfium
import pytest
from PIL import Image

from carousels.design.brand import Brand
from carousels.design.layout import describe
from carousels.design.press import open_press
from tests.carousels.design.decks import LANGUAGES, encode, make_document, make_slide

BACKGROUND = encode(Image.new("RGB", (108, 108), "#EEEEEE"))
MADE_AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Element:
    """One element of a page's structure tree."""

    type: str
    title: str
    alt: str


def print_deck(document, **options: object) -> bytes:
    names = [f"{slide.number}.jpg" for slide in document.slides]
    files = dict.fromkeys(names, BACKGROUND)
    with open_press(describe(document, document.slides, names), files) as press:
        return press.print_pdf(**options)


def read_elements(pdf: bytes, page_number: int = 1) -> list[Element]:
    """The structure of one page, in reading order."""
    with pypdfium2.PdfDocument(pdf) as opened:
        page = opened[page_number - 1]
        tree = pdfium.FPDF_StructTree_GetForPage(page)
        count = pdfium.FPDF_StructTree_CountChildren(tree)
        roots = [pdfium.FPDF_StructTree_GetChildAtIndex(tree, place) for place in range(count)]
        elements = [element for root in roots for element in walk(root)]
        pdfium.FPDF_StructTree_Close(tree)
    return elements


def walk(element) -> Iterator[Element]:
    getters = (
        pdfium.FPDF_StructElement_GetType,
        pdfium.FPDF_StructElement_GetTitle,
        pdfium.FPDF_StructElement_GetAltText,
    )
    yield Element(*(read_string(getter, element) for getter in getters))
    for place in range(max(0, pdfium.FPDF_StructElement_CountChildren(element))):
        child = pdfium.FPDF_StructElement_GetChildAtIndex(element, place)
        if child:
            yield from walk(child)


def read_string(getter, element) -> str:
    size = getter(element, None, 0)
    buffer = ctypes.create_string_buffer(size)
    getter(element, buffer, size)
    return buffer.raw[: max(0, size - 2)].decode("utf-16-le")


def read_metadata(pdf: bytes) -> dict[str, str]:
    with pypdfium2.PdfDocument(pdf) as opened:
        return opened.get_metadata_dict()


def test_metadata_names_title_author_and_keywords():
    pdf = print_deck(make_document(title="Five habits of brands"))

    metadata = read_metadata(pdf)

    assert (metadata["Title"], metadata["Author"], metadata["Keywords"]) == (
        "Five habits of brands",
        "Northlight",
        "BRAND PLAYBOOK",
    )


@pytest.mark.parametrize(
    ("brand", "author"), [(Brand(handle="@northlight"), "@northlight"), (Brand(), "")], ids=["handle", "none"]
)
def test_author_is_whom_the_brand_names(brand, author):
    assert read_metadata(print_deck(make_document(brand=brand)))["Author"] == author


def test_pdf_is_dated_by_its_caller_alone():
    document = make_document()

    dated, again, undated = (
        print_deck(document, made_at=MADE_AT),
        print_deck(document, made_at=MADE_AT),
        print_deck(document),
    )

    assert read_metadata(dated)["CreationDate"] == "D:20261122093000Z"
    assert read_metadata(undated)["CreationDate"] == "D:19700101000000Z"
    assert dated == again


def test_pdf_meets_the_accessibility_standard_and_tells_its_language():
    pdf = print_deck(make_document(language="pt-BR"))

    assert b"pdfuaid:part" in pdf
    assert b"/Lang(pt-BR)" in pdf.replace(b"/Lang (", b"/Lang(")


def test_page_reads_picture_heading_then_words():
    slides = (make_slide("cover", alt_text="A quiet desk at dawn"), make_slide("cta", 2))

    elements = read_elements(print_deck(make_document(*slides)))

    assert [element.alt for element in elements if element.type == "Figure"] == ["A quiet desk at dawn"]
    types = [element.type for element in elements]
    assert types.index("Figure") < types.index("H1") < len(types) - 1
    titles = [element.title for element in elements if element.type == "H1"]
    assert titles == ["5 habits of brands people actually remember"]


def test_each_page_after_the_first_has_a_heading_of_the_second_level():
    pdf = print_deck(make_document(make_slide("cover"), make_slide("stat", 2), make_slide("quote", 3)))

    headings = [
        [element.type for element in read_elements(pdf, page) if element.type.startswith("H")]
        for page in (1, 2, 3)
    ]

    assert headings == [["H1"], ["H2"], ["H2"]]


@pytest.mark.parametrize(("kind", "rows"), [("list", 3), ("steps", 4), ("comparison", 5)])
def test_rows_are_list_items(kind, rows):
    pdf = print_deck(make_document(make_slide(kind), make_slide("cta", 2)))

    types = [element.type for element in read_elements(pdf)]

    assert (types.count("LI"), types.count("L")) == (rows, 2 if kind == "comparison" else 1)


def test_a_page_without_alt_text_has_no_figure():
    elements = read_elements(print_deck(make_document()))

    assert [element for element in elements if element.type == "Figure"] == []


@pytest.mark.parametrize("language", ["ar", "he"])
def test_headings_hold_whole_words_whatever_the_script(language):
    title, _ = LANGUAGES[language]
    document = make_document(make_slide("cover", title=title), make_slide("cta", 2), language=language)

    [heading] = [element for element in read_elements(print_deck(document)) if element.type == "H1"]

    assert heading.title.split() == title.replace("*", "").split()


def test_a_missing_glyph_does_not_cost_the_pdf():
    document = make_document(make_slide("cover", title="Hieroglyph 𓀀 here"), make_slide("cta", 2))

    pdf = print_deck(document)

    assert b"pdfuaid:part" not in pdf
    assert [element.type for element in read_elements(pdf) if element.type.startswith("H")] == ["H1"]


def test_frame_is_read_last_and_as_no_content():
    document = make_document()
    pdf = print_deck(replace(document, watermark="Made with Northlight"))

    with pypdfium2.PdfDocument(pdf) as opened:
        text = opened[0].get_textpage().get_text_range()

    assert text.index("5 habits") < text.index("@northlight") < text.index("Made with Northlight")
