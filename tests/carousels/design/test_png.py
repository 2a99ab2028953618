"""Our own PNG encoder, judged by another decoder."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image, ImageChops

from carousels.design.png import encode_png
from tests.carousels.design.decks import open_image


def make_noise(width: int, height: int) -> Image.Image:
    pixels = np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def list_chunks(data: bytes) -> list[tuple[bytes, bytes, bool]]:
    """(kind, content, whether its checksum holds) of every chunk."""
    chunks, place = [], 8
    while place < len(data):
        [length] = struct.unpack_from(">I", data, place)
        kind, content = data[place + 4 : place + 8], data[place + 8 : place + 8 + length]
        [checksum] = struct.unpack_from(">I", data, place + 8 + length)
        chunks.append((kind, content, zlib.crc32(kind + content) == checksum))
        place += 12 + length
    return chunks


@pytest.mark.parametrize("size", [(1, 1), (3, 1), (1, 3), (257, 131), (1080, 1350)])
def test_pixels_come_back_as_they_were(size):
    image = make_noise(*size)

    decoded = open_image(encode_png(image))

    assert (decoded.format, decoded.mode, decoded.size) == ("PNG", "RGB", size)
    assert ImageChops.difference(decoded, image).getbbox() is None


def test_file_is_marked_as_srgb_and_every_checksum_holds():
    chunks = list_chunks(encode_png(make_noise(40, 30)))

    assert [kind for kind, _, _ in chunks] == [b"IHDR", b"sRGB", b"IDAT", b"IEND"]
    assert [holds for _, _, holds in chunks] == [True] * 4
    assert chunks[1][1] == b"\x00"


def test_same_pixels_give_the_same_bytes():
    assert encode_png(make_noise(200, 100)) == encode_png(make_noise(200, 100))


def test_flat_picture_packs_to_almost_nothing():
    assert len(encode_png(Image.new("RGB", (1080, 1350), "#336699"))) < 30_000


@pytest.mark.parametrize("mode", ["RGBA", "L", "P"])
def test_only_rgb_is_encoded(mode):
    with pytest.raises(ValueError, match="RGB"):
        encode_png(Image.new(mode, (4, 4)))
