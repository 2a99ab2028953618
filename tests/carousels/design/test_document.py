"""What a document refuses and what it derives."""

import subprocess
import sys

import pytest

from carousels.design.document import Document, InvalidDocument, Slide
from tests.carousels.design.decks import make_document, make_slide


def test_document_derives_direction_and_size():
    arabic = make_document(language="ar-EG", aspect_ratio="9:16")
    english = make_document(aspect_ratio="4:5")

    assert (arabic.direction, arabic.size) == ("rtl", (1080, 1920))
    assert (english.direction, english.size) == ("ltr", (1080, 1350))


@pytest.mark.parametrize("language", ["ar", "he", "fa", "ur"])
def test_direction_is_right_to_left_for(language):
    assert make_document(language=language).direction == "rtl"


def test_document_holds_its_slides_as_a_tuple():
    document = make_document(slides=[make_slide("cover"), make_slide("cta", 2)])

    assert isinstance(document.slides, tuple)
    assert document.slide(2).kind == "cta"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"slides": (make_slide("cover"),)}, "a carousel has 2 to 10 slides"),
        (
            {"slides": tuple(make_slide("point", number) for number in range(1, 12))},
            "a carousel has 2 to 10 slides",
        ),
        ({"theme": "vapour"}, "unknown theme 'vapour'"),
        ({"aspect_ratio": "16:9"}, "aspect ratio must be one of 1:1, 4:5, 9:16"),
        ({"language": "x"}, "unknown language 'x'"),
        ({"slides": (make_slide("cover"), make_slide("cta", 3))}, "slide 2 is numbered 3"),
        (
            {"slides": (make_slide("cover"), Slide(2, "poem", "A title"))},
            "slide 2: unknown kind 'poem'",
        ),
        (
            {"slides": (make_slide("cover", title="  "), make_slide("cta", 2))},
            "slide 1: the title is empty",
        ),
        (
            {"slides": (make_slide("stat", stat=""), make_slide("cta", 2))},
            "slide 1: a stat slide needs its stat",
        ),
        (
            {"slides": (make_slide("list", items=("x",) * 7), make_slide("cta", 2))},
            "slide 1: a slide of kind list has 1 to 6 items",
        ),
    ],
)
def test_document_refuses(changes, message):
    with pytest.raises(InvalidDocument) as refused:
        make_document(**changes)

    assert str(refused.value) == message


def test_slide_outside_the_deck_is_refused():
    with pytest.raises(InvalidDocument):
        make_document().slide(3)


def test_document_module_loads_no_font_or_image_library():
    heavy = "[name for name in ('typst', 'numpy', 'PIL', 'fontTools', 'budoux') if name in sys.modules]"
    script = f"import sys, carousels.design.document; print({heavy})"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert loaded.stdout.strip() == "[]"
    assert Document.__module__ == "carousels.design.document"
