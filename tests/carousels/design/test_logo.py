"""Logos and avatars: what gets in and how it comes out, and the ground that a logo gets."""

import struct
import time

import pytest
from PIL import Image, ImageDraw, PngImagePlugin

from carousels.design.brand import InvalidImage, UnsupportedImage
from carousels.design.colors.oklch import measure_contrast
from carousels.design.logo import choose_ground, open_avatar, open_logo
from tests.carousels.design.decks import encode, open_image
from tests.carousels.design.test_picture import make_bomb


def draw_logo(color: str, ground=(0, 0, 0, 0), size=(900, 500), form="PNG", **options) -> bytes:
    """A bar of 400 x 100 px in the middle of nothing (or of a ground)."""
    image = Image.new("RGBA", size, ground)
    left, top = (size[0] - 400) // 2, (size[1] - 100) // 2
    ImageDraw.Draw(image).rectangle((left, top, left + 399, top + 99), fill=color)
    ImageDraw.Draw(image).rectangle((left + 40, top + 40, left + 360, top + 60), fill=ground)
    return encode(image.convert("RGB") if form == "JPEG" else image, form, **options)


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_transparent_margins_are_cut_off_and_transparency_is_kept(form):
    logo = open_image(open_logo(draw_logo("#FF6B00", form=form, lossless=True)))

    assert (logo.format, logo.mode, logo.size) == ("PNG", "RGBA", (400, 100))
    assert (logo.getpixel((5, 5)), logo.getpixel((200, 50))[3]) == ((255, 107, 0, 255), 0)


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_margins_of_one_color_are_cut_off_but_for_a_breath(form):
    width, height = open_image(open_logo(draw_logo("#111111", ground="#FFFFFF", form=form))).size

    assert (width, height) == pytest.approx((416, 116), abs=4)


def test_logo_of_one_color_is_not_cut_to_nothing():
    assert open_image(open_logo(encode(Image.new("RGB", (90, 40), "#FF6B00"), "PNG"))).size == (90, 40)


@pytest.mark.parametrize(
    ("size", "shown"), [((3000, 500), (800, 133)), ((500, 3000), (67, 400)), ((30, 9), (30, 9))]
)
def test_large_logos_are_made_smaller_and_small_ones_left_alone(size, shown):
    noise = Image.effect_noise(size, 120)

    assert open_image(open_logo(encode(noise, "PNG"))).size == shown


def test_sixteen_bit_grey_keeps_its_tones():
    grey = Image.new("I;16", (60, 40), 0x8080)

    assert open_image(open_logo(encode(grey, "PNG"))).getpixel((9, 9)) == (128, 128, 128, 255)


def test_metadata_is_left_behind():
    note = PngImagePlugin.PngInfo()
    note.add_text("Author", "somebody's name")
    image = Image.new("RGB", (40, 40), "red")
    image.info["icc_profile"] = b"not ours"

    for opened in (open_logo, open_avatar):
        assert open_image(opened(encode(image, "PNG", pnginfo=note, icc_profile=b"secret"))).info == {}


def test_same_upload_gives_the_same_bytes():
    assert open_logo(draw_logo("#FF6B00")) == open_logo(draw_logo("#FF6B00"))


@pytest.mark.parametrize(("size", "side"), [((2000, 900), 512), ((200, 300), 200)])
def test_avatar_is_a_square_from_the_middle(size, side):
    wide = Image.new("RGB", size, "red")
    wide.paste("blue", (size[0] // 2 - 40, size[1] // 2 - 40, size[0] // 2 + 40, size[1] // 2 + 40))

    avatar = open_image(open_avatar(encode(wide, "PNG")))

    assert (avatar.format, avatar.size) == ("PNG", (side, side))
    assert avatar.getpixel((side // 2, side // 2)) == (0, 0, 255, 255)


def test_avatar_is_turned_upright():
    image = Image.new("RGB", (300, 300), "white")
    image.paste("black", (0, 0, 300, 150))
    exif = Image.Exif()
    exif[0x0112] = 3  # upside down

    avatar = open_image(open_avatar(encode(image, exif=exif)))

    assert [avatar.getpixel((150, y))[0] > 128 for y in (20, 280)] == [True, False]


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param(struct.pack(">HHII", 0x0132, 5, 1, 9), id="a fraction for a text"),
        pytest.param(struct.pack(">HHII", 0x011A, 2, 1, 0x41000000), id="a text for a fraction"),
    ],
)
def test_exif_that_cannot_be_written_again_is_no_reason_to_refuse(entry):
    upside_down = struct.pack(">HHIHH", 0x0112, 3, 1, 3, 0)
    exif = b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 2) + upside_down + entry + bytes(8)
    image = Image.new("RGB", (300, 300), "white")
    image.paste("black", (0, 0, 300, 150))

    avatar = open_image(open_avatar(encode(image, exif=exif)))

    assert [avatar.getpixel((150, y))[0] > 128 for y in (20, 280)] == [True, False]


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "1", "CMYK", "I;16"])
def test_large_upload_is_shrunk_whatever_its_kind(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"

    avatar = open_image(open_avatar(encode(Image.new(mode, (4000, 3200)), form)))

    assert avatar.size == (512, 512)


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- drawn -->\n<SVG></SVG>",
        b"<!DOCTYPE svg PUBLIC '-//W3C//DTD SVG 1.1//EN' 'x'><svg/>",
    ],
)
def test_svg_is_refused_with_advice(data):
    with pytest.raises(UnsupportedImage) as refused:
        open_logo(data)

    assert (refused.value.field, str(refused.value)) == (
        "logo",
        "SVG logos are not accepted: export a PNG",
    )


@pytest.mark.parametrize(
    "data",
    [encode(Image.new("RGB", (50, 50)), form) for form in ("GIF", "BMP", "TIFF")]
    + [b"%PDF-1.7", b"\x1f\x8b\x08svgz"],
    ids=["gif", "bmp", "tiff", "pdf", "svgz"],
)
def test_other_kinds_are_refused(data):
    with pytest.raises(UnsupportedImage, match="must be a PNG, JPEG or WebP"):
        open_avatar(data)


NOISE = Image.effect_noise((700, 700), 80)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(encode(NOISE, "PNG")[:20_000], id="cut off png"),
        pytest.param(encode(NOISE)[:9_000], id="cut off jpeg"),
        pytest.param(encode(NOISE, "WEBP")[:9_000], id="cut off webp"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(200), id="only a signature"),
        pytest.param(b"RIFF\x24\x00\x00\x00WAVEfmt ", id="a sound"),
        pytest.param(make_bomb(20_000, 20_000), id="bomb"),
        pytest.param(make_bomb(6_400, 6_400), id="more than 40 megapixels"),
        pytest.param(encode(Image.new("RGBA", (90, 90)), "PNG"), id="nothing to see"),
    ],
)
def test_what_cannot_be_a_logo_is_refused_at_once(data):
    started = time.process_time()

    with pytest.raises(InvalidImage) as refused:
        open_logo(data)

    assert refused.value.field == "logo"
    assert time.process_time() - started < 2


@pytest.mark.parametrize(
    ("color", "on", "ground"),
    [
        ("#111111", "#FFFFFF", ""),
        ("#111111", "#0A0B1E", "#FFFFFF"),
        ("#FFFFFF", "#0A0B1E", ""),
        ("#FFFFFF", "#FFFDF7", "#15161A"),
        ("#FF6B00", "#FFFFFF", ""),
        ("#FFE600", "#FFFFFF", "#15161A"),
        ("#0B3D91", "#070818", "#FFFFFF"),
    ],
)
def test_logo_gets_a_ground_where_it_needs_one(color, on, ground):
    assert choose_ground(open_logo(draw_logo(color)), on) == ground


def test_logo_that_brings_its_ground_needs_none():
    logo = open_logo(draw_logo("#111111", ground="#FFFFFF"))

    assert [choose_ground(logo, on) for on in ("#FFFFFF", "#000000", "#111111")] == ["", "", ""]


def test_ground_of_a_black_and_white_logo_reads_with_both():
    image = Image.new("RGBA", (400, 100))
    image.paste("#000000", (0, 0, 150, 100))
    image.paste("#FFFFFF", (250, 0, 400, 100))

    ground = choose_ground(open_logo(encode(image, "PNG")), "#FFFFFF")

    assert min(measure_contrast(ground, "#000000"), measure_contrast(ground, "#FFFFFF")) > 4


def test_small_part_that_fades_does_not_call_for_a_ground():
    image = Image.new("RGBA", (400, 100))
    image.paste("#111111", (0, 0, 200, 100))
    image.paste("#FFFFFF", (220, 0, 250, 100))

    assert choose_ground(open_logo(encode(image, "PNG")), "#FFFFFF") == ""


@pytest.mark.parametrize(
    ("on", "ground"),
    [
        ("#FFFFFF", ""),  # no chip is much better for both colours
        ("#2E4A3C", "#15161A"),  # the word in the dark colour would be lost
    ],
)
def test_logo_of_two_colours_gets_a_ground_for_the_weaker_one(on, ground):
    logo = Image.new("RGBA", (400, 100), (0, 0, 0, 0))
    draw = ImageDraw.Draw(logo)
    draw.rectangle((0, 0, 150, 100), fill="#F4A259")
    draw.rectangle((200, 30, 400, 50), fill="#0B6E4F")

    assert choose_ground(open_logo(encode(logo, "PNG")), on) == ground
