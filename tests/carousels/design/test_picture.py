"""The guarded door: what gets in, how it comes out, and what must stay outside."""

import struct
import time
import zlib

import pytest
from PIL import Image

from carousels.design.picture import UnreadablePicture, open_picture
from tests.carousels.design.decks import encode


def make_bomb(width: int, height: int) -> bytes:
    """A small PNG that unpacks to width x height grey pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    packer = zlib.compressobj(9)
    row = bytes(1 + width)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("ratio", "size"), [("1:1", (1080, 1080)), ("4:5", (1080, 1350)), ("9:16", (1080, 1920))]
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_picture_comes_out_in_the_slides_size(form, ratio, size):
    picture = open_picture(encode(Image.new("RGB", (640, 480), "#336699"), form), ratio)

    assert (picture.mode, picture.size) == ("RGB", size)


def test_picture_is_cropped_not_stretched():
    wide = Image.new("RGB", (3000, 1000), "red")
    wide.paste("blue", (1000, 0, 2000, 1000))

    picture = open_picture(encode(wide, "PNG"), "1:1")

    assert {picture.getpixel(spot) for spot in [(5, 5), (540, 540), (1075, 1075)]} == {(0, 0, 255)}


def test_picture_is_turned_upright():
    image = Image.new("RGB", (1080, 1350), "white")
    image.paste("black", (0, 0, 1080, 675))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down

    picture = open_picture(encode(image, exif=exif), "4:5")

    assert picture.getpixel((500, 100)) == (255, 255, 255)
    assert picture.getpixel((500, 1300)) == (0, 0, 0)


def test_transparency_is_laid_on_white():
    picture = open_picture(encode(Image.new("RGBA", (100, 100), (0, 0, 0, 0)), "PNG"), "1:1")

    assert picture.getpixel((0, 0)) == (255, 255, 255)


def test_only_the_first_frame_counts():
    frames = [Image.new("RGB", (80, 80), color) for color in ("red", "blue", "green")]

    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], lossless=True)

    assert open_picture(data, "1:1").getpixel((40, 40)) == (255, 0, 0)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="svg"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", id="postscript"),
        pytest.param(encode(Image.new("RGB", (50, 50)), "GIF"), id="format not on the list"),
        pytest.param(encode(Image.effect_noise((900, 900), 80), "PNG")[:20_000], id="truncated png"),
        pytest.param(encode(Image.effect_noise((900, 900), 80))[:9_000], id="truncated jpeg"),
        pytest.param(b"\xff\xd8\xff\xe0 not a jpeg at all", id="lying jpeg"),
        pytest.param(encode(Image.new("RGB", (50, 50)), "PNG")[:16] + bytes(400), id="broken header"),
    ],
)
def test_unreadable_picture_is_refused(data):
    with pytest.raises(UnreadablePicture):
        open_picture(data, "1:1")


@pytest.mark.parametrize("size", [(9_000, 9_000), (7_000, 6_000), (20_000, 20_000)])
def test_bomb_is_refused_before_it_unpacks(size):
    bomb = make_bomb(*size) if size[0] < 10_000 else make_bomb(size[0], 10)[:200]
    if size[0] >= 10_000:  # only the header tells the size; nobody should read further
        header = struct.pack(">II", *size) + bomb[24:29]
        bomb = bomb[:16] + header + struct.pack(">I", zlib.crc32(b"IHDR" + header)) + bomb[33:]
    started = time.process_time()

    with pytest.raises(UnreadablePicture) as refused:
        open_picture(bomb, "1:1")

    assert "pixels" in str(refused.value)
    assert time.process_time() - started < 2  # unpacking it takes far longer
