"""What a finished picture says about itself: an XMP packet, laid into its bytes.

Title, alt text, language, and where it comes from (IPTC DigitalSourceType), so that networks can label
what a model made. Bytes are inserted, never encoded again: not one pixel changes.
"""

import struct
import zlib
from enum import StrEnum
from xml.sax.saxutils import escape

from carousels.design.text.hygiene import clean

CREATOR_TOOL = "socialsaas"
TITLE_LIMIT, DESCRIPTION_LIMIT, NAME_LIMIT = 300, 1500, 80  # characters; a JPEG's packet has 65,504 bytes

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_KEYWORD = b"XML:com.adobe.xmp\x00"
PNG_FLAGS = bytes(4)  # not compressed, by method 0, in no language, with no translated keyword
JPEG_START, JPEG_SCAN, JPEG_APP0, JPEG_APP1 = 0xFFD8, 0xFFDA, 0xFFE0, 0xFFE1
JPEG_KEYWORD = b"http://ns.adobe.com/xap/1.0/\x00"

# Written out, not built: whoever looks for a property finds it as it will stand in the file.
PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
    xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
    xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/">
{properties}
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


class NotAPicture(ValueError):
    """Bytes that are no whole PNG or JPEG."""


class SourceType(StrEnum):
    """The terms of IPTC's vocabulary that a carousel needs."""

    DRAWN = "algorithmicMedia"  # by our seeded programs, without a trained model
    AI = "trainedAlgorithmicMedia"  # a model's picture as it came
    AI_COMPOSITE = "compositeWithTrainedAlgorithmicMedia"  # our words set over a model's picture

    @property
    def uri(self) -> str:
        return f"http://cv.iptc.org/newscodes/digitalsourcetype/{self.value}"


def describe_page(*, title: str, alt_text: str, language: str, is_ai: bool, credit: str = "") -> bytes:
    """The packet of a finished slide; `is_ai`: a model made the picture under its words."""
    source = SourceType.AI_COMPOSITE if is_ai else None
    return describe(title=title, alt_text=alt_text, language=language, source=source, credit=credit)


def describe(
    *, title: str, alt_text: str, language: str, source: SourceType | None = None, credit: str = ""
) -> bytes:
    """The packet of any picture. An empty text and a missing source are left out."""
    spoken = _settle(alt_text, DESCRIPTION_LIMIT)
    properties = [
        _wrap("dc:title", "Alt", _settle(title, TITLE_LIMIT)),
        _wrap("dc:description", "Alt", spoken),
        _wrap("Iptc4xmpCore:AltTextAccessibility", "Alt", spoken),
        _wrap("dc:language", "Bag", _settle(language, NAME_LIMIT)),
        _say("photoshop:Credit", _settle(credit, NAME_LIMIT)),
        _say("xmp:CreatorTool", CREATOR_TOOL),
        _say("Iptc4xmpExt:DigitalSourceType", source.uri if source else ""),
    ]
    return PACKET.format(properties="\n".join(filter(None, properties))).encode()


def add_to_png(png: bytes, packet: bytes) -> bytes:
    """The same picture with this packet, and no other, before its pixels."""
    chunks = [chunk for chunk in _split_png(png) if not chunk.startswith(b"iTXt" + PNG_KEYWORD, 4)]
    place = next((place for place, chunk in enumerate(chunks) if chunk.startswith(b"IDAT", 4)), None)
    if place is None:
        raise NotAPicture("the PNG has no pixels")

    chunk = _make_chunk(b"iTXt", PNG_KEYWORD + PNG_FLAGS + packet)
    return b"".join([PNG_SIGNATURE, *chunks[:place], chunk, *chunks[place:]])


def add_to_jpeg(jpeg: bytes, packet: bytes) -> bytes:
    """The same picture with this packet, and no other, behind its own header."""
    segments, scan = _split_jpeg(jpeg)
    kept = [segment for segment in segments if not segment.startswith(JPEG_KEYWORD, 4)]
    place = next((place for place, segment in enumerate(kept) if not _is_header(segment)), len(kept))

    body = JPEG_KEYWORD + packet
    segment = struct.pack(">HH", JPEG_APP1, len(body) + 2) + body
    return b"".join([struct.pack(">H", JPEG_START), *kept[:place], segment, *kept[place:], scan])


def _settle(text: str, limit: int) -> str:
    """XML has no way at all to say a control character; markup is shown as what it is."""
    return escape(clean(text, limit=limit))


def _say(name: str, text: str) -> str:
    return f"   <{name}>{text}</{name}>" if text else ""


def _wrap(name: str, container: str, text: str) -> str:
    language = ' xml:lang="x-default"' if container == "Alt" else ""
    item = f"<rdf:{container}><rdf:li{language}>{text}</rdf:li></rdf:{container}>"
    return _say(name, item) if text else ""


def _split_png(png: bytes) -> list[bytes]:
    """Its chunks: length, name, data and checksum of each."""
    if not png.startswith(PNG_SIGNATURE):
        raise NotAPicture("this is no PNG")
    chunks, place = [], len(PNG_SIGNATURE)
    while place < len(png):
        end = place + 12 + int.from_bytes(png[place : place + 4])
        if end > len(png):
            raise NotAPicture("the PNG is cut off")
        chunks.append(png[place:end])
        place = end
    return chunks


def _make_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _split_jpeg(jpeg: bytes) -> tuple[list[bytes], bytes]:
    """Its segments before the pixels (marker, length and data of each), and the rest."""
    if jpeg[:2] != JPEG_START.to_bytes(2):
        raise NotAPicture("this is no JPEG")
    segments, place = [], 2
    while place + 4 <= len(jpeg):
        marker, length = struct.unpack_from(">HH", jpeg, place)
        if marker == JPEG_SCAN:
            return segments, jpeg[place:]
        segments.append(jpeg[place : place + 2 + length])
        place += 2 + length
    raise NotAPicture("the JPEG is cut off")


def _is_header(segment: bytes) -> bool:
    """JFIF and Exif come first, whoever else wants to."""
    marker = int.from_bytes(segment[:2])
    return marker == JPEG_APP0 or (marker == JPEG_APP1 and segment.startswith(b"Exif\x00", 4))
