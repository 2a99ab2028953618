"""What a picture says about itself: read back by Pillow and an XML parser, pixels untouched."""

import xml.etree.ElementTree as ElementTree

import pytest
from PIL import Image

from carousels.design.export import xmp
from carousels.design.export.xmp import NotAPicture, SourceType
from tests.carousels.design.decks import encode, open_image

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
CORE = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
EXTENSION = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
TOOL = "{http://ns.adobe.com/xap/1.0/}CreatorTool"

COMPOSITE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
NOISE = Image.effect_noise((120, 90), 60).convert("RGB")
PAGE = {"title": "5 habits", "alt_text": "A lamp on a desk.", "language": "en"}


def read(packet: bytes) -> dict[str, str]:
    """Property to text, lists and language alternatives flattened."""
    [description] = ElementTree.fromstring(packet).iter(f"{RDF}Description")
    return {element.tag: "".join(element.itertext()) for element in description}


def add(form: str, picture: bytes, packet: bytes) -> bytes:
    return (xmp.add_to_png if form == "PNG" else xmp.add_to_jpeg)(picture, packet)


def test_packet_of_a_page_over_an_ai_picture():
    packet = xmp.describe_page(**PAGE, is_ai=True, credit="Northlight")

    assert read(packet) == {
        f"{DC}title": "5 habits",
        f"{DC}description": "A lamp on a desk.",
        f"{CORE}AltTextAccessibility": "A lamp on a desk.",
        f"{DC}language": "en",
        f"{PHOTOSHOP}Credit": "Northlight",
        TOOL: "socialsaas",
        f"{EXTENSION}DigitalSourceType": COMPOSITE,
    }


def test_packet_of_a_page_over_drawn_art_claims_no_source():
    properties = read(xmp.describe_page(**PAGE, is_ai=False))

    assert set(properties) == {
        f"{DC}title",
        f"{DC}description",
        f"{CORE}AltTextAccessibility",
        f"{DC}language",
        TOOL,
    }


@pytest.mark.parametrize(
    ("source", "term"), [(SourceType.AI, "trainedAlgorithmicMedia"), (SourceType.DRAWN, "algorithmicMedia")]
)
def test_packet_names_the_source_asked_for(source, term):
    packet = xmp.describe(**PAGE, source=source)

    assert (
        read(packet)[f"{EXTENSION}DigitalSourceType"]
        == f"http://cv.iptc.org/newscodes/digitalsourcetype/{term}"
    )


def test_texts_that_are_empty_are_left_out():
    assert read(xmp.describe(title=" ", alt_text="", language="")) == {TOOL: "socialsaas"}


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("</rdf:li><x>&amp;\"'", "</rdf:li><x>&amp;\"'"),
        ("]]><!-- <?xpacket end='w'?>", "]]><!-- <?xpacket end='w'?>"),
        ("{properties} {0} %s", "{properties} {0} %s"),
        ("a\x00b\x0bc\ud800d\uffffe", "ab cde"),
        ("one\r\n\ttwo", "one two"),
        ("\u202eevil", "evil"),
        ("خمس عادات 👩🏽\u200d💻", "خمس عادات 👩🏽\u200d💻"),
    ],
)
def test_hostile_text_is_shown_literally(hostile, shown):
    properties = read(xmp.describe_page(title=hostile, alt_text=hostile, language="en", is_ai=True))

    assert (properties[f"{DC}title"], properties[f"{DC}description"]) == (shown, shown)
    assert properties[f"{EXTENSION}DigitalSourceType"] == COMPOSITE


@pytest.mark.parametrize(
    "text", ["&" * 20_000, "漢" * 20_000, "e" + "\u0301" * 5_000, "👩🏽\u200d💻" * 5_000]
)
def test_endless_text_still_fits_a_jpeg(text):
    packet = xmp.describe(title=text, alt_text=text, language=text, source=SourceType.AI, credit=text)

    picture = xmp.add_to_jpeg(encode(NOISE), packet)

    assert open_image(picture).info["xmp"] == packet


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_picture_keeps_every_pixel_and_carries_the_packet(form, mode):
    picture = encode(NOISE.convert(mode), form)
    packet = xmp.describe_page(**PAGE, is_ai=True)

    described = add(form, picture, packet)

    opened = open_image(described)
    assert (opened.format, opened.mode, opened.size) == (form, mode, (120, 90))
    assert opened.tobytes() == open_image(picture).tobytes()
    assert opened.info["xmp"] == packet


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_picture_grows_by_the_packet_and_its_frame_alone(form):
    picture = encode(NOISE, form)
    packet = xmp.describe_page(**PAGE, is_ai=True)

    described = add(form, picture, packet)

    frame = {"PNG": 12 + len("XML:com.adobe.xmp") + 5, "JPEG": 4 + len("http://ns.adobe.com/xap/1.0/") + 1}
    assert len(described) == len(picture) + frame[form] + len(packet)


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_second_packet_takes_the_place_of_the_first(form):
    picture = encode(NOISE, form)
    first = xmp.describe_page(title="First", alt_text="", language="en", is_ai=False)
    second = xmp.describe_page(title="Second", alt_text="", language="en", is_ai=False)

    twice = add(form, add(form, picture, first), second)

    assert twice == add(form, picture, second)


def test_packet_of_a_png_stands_before_the_pixels():
    described = xmp.add_to_png(encode(NOISE, "PNG"), xmp.describe_page(**PAGE, is_ai=True))

    assert described.index(b"iTXtXML:com.adobe.xmp\x00") < described.index(b"IDAT")


def test_header_and_exif_of_a_jpeg_stay_first():
    exif = Image.Exif()
    exif[0x0112] = 3
    picture = encode(NOISE, exif=exif, dpi=(72, 72))

    described = xmp.add_to_jpeg(picture, xmp.describe_page(**PAGE, is_ai=True))

    assert described.index(b"JFIF\x00") < described.index(b"Exif\x00") < described.index(b"ns.adobe.com")
    assert open_image(described).getexif()[0x0112] == 3


PNG, JPEG = encode(NOISE, "PNG"), encode(NOISE)


@pytest.mark.parametrize(
    ("form", "data"),
    [
        pytest.param("PNG", b"", id="nothing"),
        pytest.param("PNG", JPEG, id="jpeg as png"),
        pytest.param("PNG", PNG[:200], id="png cut off"),
        pytest.param("PNG", PNG[:33], id="png without pixels"),
        pytest.param("JPEG", b"", id="nothing"),
        pytest.param("JPEG", PNG, id="png as jpeg"),
        pytest.param("JPEG", JPEG[:100], id="jpeg cut off"),
        pytest.param("JPEG", b"\xff\xd8", id="jpeg without anything"),
        pytest.param("JPEG", b"\xff\xd8" + bytes(400), id="jpeg of zeros"),
    ],
)
def test_bytes_that_are_no_picture_are_refused(form, data):
    with pytest.raises(NotAPicture):
        add(form, data, xmp.describe_page(**PAGE, is_ai=True))
