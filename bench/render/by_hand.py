"""The same slide by Pillow alone: words wrapped by measuring, a straight scrim, no fit and no check."""

import io
from functools import cache

from PIL import Image, ImageDraw, ImageFont

from carousels.design.document import Document
from carousels.design.fonts import load_fonts

LEFT, WIDTH = 84, 912


def draw(document: Document, picture: bytes) -> bytes:
    slide, colors = document.slide(2), document.look.colors
    sheet = _veil(Image.open(io.BytesIO(picture)).convert("RGB"), colors.scrim)
    pen = ImageDraw.Draw(sheet)
    title = _wrap(slide.title.replace("*", ""), _face(document, 104))
    caption = _wrap(slide.caption, _face(document, 45))

    pen.text((LEFT, 76), document.brand.handle, colors.ink, _face(document, 26))
    pen.text((996, 76), "2 / 3", colors.ink, _face(document, 26), anchor="ra")
    pen.text((LEFT, 560), str(slide.index), colors.accent, _face(document, 190))
    pen.multiline_text((LEFT, 780), title, colors.ink, _face(document, 104), spacing=8)
    pen.multiline_text((LEFT, 1050), caption, colors.muted, _face(document, 45), spacing=18)
    pen.text((996, 1248), f"{document.words.swipe} >", colors.ink, _face(document, 26), anchor="ra")

    encoded = io.BytesIO()
    sheet.save(encoded, "PNG", compress_level=1)
    return encoded.getvalue()


def _veil(sheet: Image.Image, color: str) -> Image.Image:
    slope = Image.linear_gradient("L").resize(sheet.size).point(lambda level: level * 0.72)
    sheet.paste(color, mask=slope)
    return sheet


def _wrap(text: str, face: ImageFont.FreeTypeFont) -> str:
    lines = [""]
    for word in text.split():
        longer = f"{lines[-1]} {word}".strip()
        if face.getlength(longer) <= WIDTH:
            lines[-1] = longer
        else:
            lines.append(word)
    return "\n".join(lines)


@cache
def _face_of(family: str, size: int) -> ImageFont.FreeTypeFont:
    path = next(font.path for font in load_fonts().fonts() if font.family == family)
    return ImageFont.truetype(path, size)


def _face(document: Document, size: int) -> ImageFont.FreeTypeFont:
    return _face_of(document.look.type.display, size)
