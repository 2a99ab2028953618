"""Three invented brands with logos drawn here, so that no picture file has to be kept."""

from io import BytesIO

from PIL import Image, ImageDraw

from carousels.design.brand import Brand
from carousels.design.logo import open_avatar, open_logo


def make() -> tuple[Brand, ...]:
    return (
        Brand(
            name="Fern & Co",
            handle="@fernandco",
            logo=open_logo(_encode(_leaf("#0B3D2E"))),
            colors=("#1F8A5B",),
            fonts="cutout",
        ),
        Brand(
            name="Volt",
            handle="@volt.energy",
            logo=open_logo(_encode(_bolt("#FFFFFF"))),
            colors=("#E8FF2A", "#3A0CA3", "#111111"),
        ),
        Brand(
            name="Plain",
            handle="@plain",
            avatar=open_avatar(_encode(_rings("#666666"))),
            colors=("#777777",),
        ),
    )


def _leaf(color: str) -> Image.Image:
    logo, draw = _sheet(420, 160)
    draw.ellipse((10, 10, 150, 150), fill=color)
    draw.pieslice((40, 10, 180, 150), 120, 240, fill=(0, 0, 0, 0))
    for row in (30, 70, 110):
        draw.rounded_rectangle((190, row, 400 - row, row + 20), 10, fill=color)
    return logo


def _bolt(color: str) -> Image.Image:
    logo, draw = _sheet(360, 160)
    draw.polygon([(80, 5), (20, 90), (65, 90), (45, 155), (120, 60), (72, 60)], fill=color)
    for place in range(4):
        draw.rectangle((150 + place * 50, 50, 185 + place * 50, 110), outline=color, width=10)
    return logo


def _rings(color: str) -> Image.Image:
    avatar, draw = _sheet(400, 400)
    draw.rectangle((0, 0, 400, 400), fill="#EEEEEE")
    for inset in (40, 100, 160):
        draw.ellipse((inset, inset, 400 - inset, 400 - inset), outline=color, width=22)
    return avatar


def _sheet(width: int, height: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    sheet = Image.new("RGBA", (width, height), (0, 0, 0, 0))
    return sheet, ImageDraw.Draw(sheet)


def _encode(image: Image.Image) -> bytes:
    encoded = BytesIO()
    image.save(encoded, "PNG")
    return encoded.getvalue()
