"""Reference pictures: what each theme looked like when somebody last approved of it.

`python -m tests.carousels.design.goldens` draws them anew, on purpose: look at every picture that it
names, raise ENGINE_VERSION (or the theme's version) where the change is one of ours, and commit both.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops

from carousels.design.document import KINDS, SIZES, Document
from carousels.design.engine import compose_slide
from carousels.design.fingerprint import ENGINE_VERSION
from carousels.design.themes import THEMES
from tests.carousels.design.decks import LANGUAGES, encode, make_document, make_slide, paint_for

FOLDER = Path(__file__).parent / "golden_pictures"
INDEX = FOLDER / "index.json"
REDUCTION = 15  # divides every side; a picture is 3 to 10 kB and still shows a word that moved by a pixel
TOLERANCE = 1  # levels of 255 that another processor may differ


@dataclass(frozen=True)
class Specimen:
    """One slide to draw; its name is its file's."""

    name: str
    document: Document
    is_photo: bool = False

    def draw(self) -> Image.Image:
        art = make_photo() if self.is_photo else paint_for(self.document, 1)
        page = compose_slide(self.document, 1, art, is_photo=self.is_photo)
        return Image.open(BytesIO(page.png)).convert("RGB")


def list_specimens() -> Iterator[Specimen]:
    """Every theme with another kind and ratio, the difficult scripts, and a photograph."""
    for place, theme in enumerate(THEMES):
        kind, ratio = KINDS[place % len(KINDS)], list(SIZES)[place % len(SIZES)]
        slides = make_slide(kind), make_slide("cta", 2)
        yield Specimen(f"{theme}-{kind}", make_document(*slides, theme=theme, aspect_ratio=ratio))
    for language in ("ar", "hi", "ja", "th"):
        title, caption = LANGUAGES[language]
        slides = make_slide("cover", title=title, caption=caption), make_slide("cta", 2)
        yield Specimen(f"language-{language}", make_document(*slides, language=language))
    yield Specimen("photo", make_document(theme="aurora", aspect_ratio="4:5"), is_photo=True)


def make_photo() -> bytes:
    """Something with light, dark and edges, from arithmetic alone."""
    rows, columns = np.mgrid[0:1350, 0:1080]
    planes = (rows // 6 % 256, (rows + columns) // 9 % 256, (columns // 90 % 2) * 120 + 90)
    return encode(Image.fromarray(np.stack(planes, axis=-1).astype(np.uint8)), "PNG")


def shrink(picture: Image.Image) -> Image.Image:
    return picture.reduce(REDUCTION)


def find_difference(first: Image.Image, second: Image.Image) -> int:
    """The largest difference of two small pictures in levels; 255 where their sizes differ."""
    if first.size != second.size:
        return 255
    return max(high for _, high in ImageChops.difference(first, second).getextrema())


def path_of(specimen: Specimen) -> Path:
    return FOLDER / f"{specimen.name}.png"


def open_golden(specimen: Specimen) -> Image.Image:
    with Image.open(path_of(specimen)) as golden:
        return golden.convert("RGB")


def hash_pixels(picture: Image.Image) -> str:
    """Exact, so it may differ from machine to machine: kept for whoever compares two of one kind."""
    return hashlib.sha256(picture.tobytes()).hexdigest()


def redraw() -> list[str]:
    """Write what differs from what is kept, drop what is no longer drawn; the names of both."""
    FOLDER.mkdir(exist_ok=True)
    specimens = list(list_specimens())
    pictures = {specimen: specimen.draw() for specimen in specimens}
    changed = [specimen for specimen in specimens if _is_changed(specimen, pictures[specimen])]
    for specimen in changed:
        shrink(pictures[specimen]).save(path_of(specimen), optimize=True)

    surplus = set(FOLDER.glob("*.png")) - set(map(path_of, specimens))
    for path in surplus:
        path.unlink()
    hashes = {specimen.name: hash_pixels(pictures[specimen]) for specimen in specimens}
    index = {"engine": ENGINE_VERSION, "pixels": hashes}
    INDEX.write_text(json.dumps(index, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return sorted([specimen.name for specimen in changed] + [path.stem for path in surplus])


def _is_changed(specimen: Specimen, picture: Image.Image) -> bool:
    if not path_of(specimen).exists():
        return True
    return find_difference(open_golden(specimen), shrink(picture)) > TOLERANCE


if __name__ == "__main__":
    for name in redraw():
        print(f"changed: {name}")
    print(f"drawn by engine {ENGINE_VERSION}: raise it if the change is ours, and look at each picture")
