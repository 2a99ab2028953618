"""The guarded door: what gets in, how it comes out, and what must stay outside."""

import resource
import struct
import time
import zlib

import numpy as np
import pytest
from PIL import Image

from carousels.design.photos.picture import UnreadablePicture, open_picture
from tests.carousels.design.decks import encode

SPEEDY = {"JPEG": {"quality": 60}, "PNG": {"compress_level": 1}}


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


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "I;16", "RGBA"])
def test_pictures_of_every_mode_come_out_as_rgb(mode):
    source = Image.new("L", (90, 70), 0 if mode == "1" else 128).convert(mode)

    picture = open_picture(encode(source, "PNG"), "1:1")

    assert (picture.mode, picture.size) == ("RGB", (1080, 1080))


def test_sixteen_bit_greys_keep_their_lightness():
    levels = np.full((60, 60), 32_768, np.uint16)

    picture = open_picture(encode(Image.fromarray(levels), "PNG"), "1:1")

    assert picture.getpixel((500, 500)) == pytest.approx((128, 128, 128), abs=2)


def test_print_colours_come_out_as_rgb():
    red = Image.new("CMYK", (300, 300), (0, 255, 255, 0))

    picture = open_picture(encode(red), "1:1")

    assert picture.getpixel((500, 500)) == pytest.approx((255, 0, 0), abs=12)


def test_huge_profiles_are_not_carried_along():
    exif = Image.Exif()
    exif[0x010E] = "x" * 60_000
    data = encode(Image.new("RGB", (600, 600), "#336699"), icc_profile=bytes(3_000_000), exif=exif)

    picture = open_picture(data, "1:1")

    assert picture.getpixel((500, 500)) == pytest.approx((0x33, 0x66, 0x99), abs=3)
    assert "icc_profile" not in picture.info or len(encode(picture)) < 200_000


def test_damaged_exif_is_no_reason_to_refuse():
    data = encode(
        Image.new("RGB", (600, 600), "#336699"), exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff" + b"\xff" * 64
    )

    assert open_picture(data, "1:1").size == (1080, 1080)


def test_long_animation_costs_no_more_than_its_first_frame():
    frames = [Image.effect_noise((1000, 1000), 60).convert("RGB") for _ in range(3)] * 8
    data = encode(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=60, method=0)
    started = time.process_time()

    open_picture(data, "1:1")

    assert time.process_time() - started < 1.5


@pytest.mark.parametrize("size", [(1, 1), (1, 4000), (4000, 1), (5, 3)])
@pytest.mark.parametrize("subject_at", [None, 1 / 3])
def test_thinnest_pictures_fill_the_slide(size, subject_at):
    picture = open_picture(encode(Image.new("RGB", size, "#336699"), "PNG"), "9:16", subject_at=subject_at)

    assert (picture.size, picture.getpixel((540, 900))) == ((1080, 1920), (0x33, 0x66, 0x99))


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_largest_allowed_picture_is_opened_in_bounded_time_and_memory(form):
    data = encode(Image.linear_gradient("L").resize((7000, 5700)).convert("RGB"), form, **SPEEDY[form])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.process_time()

    open_picture(data, "1:1", subject_at=1 / 3)

    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert time.process_time() - started < 5
    assert grown < 450  # MB; 40 million pixels are 120


def test_size_that_lies_is_refused():
    data = bytearray(encode(Image.effect_noise((64, 64), 50).convert("RGB"), "PNG"))
    header = struct.pack(">II", 3000, 3000) + bytes(data[24:29])
    data[16:29], data[29:33] = header, struct.pack(">I", zlib.crc32(b"IHDR" + header))

    with pytest.raises(UnreadablePicture):
        open_picture(bytes(data), "1:1")


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
