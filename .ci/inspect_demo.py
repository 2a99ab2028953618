"""inspect_demo.py FOLDER SLIDES WIDTHxHEIGHT: is what the demo wrote a carousel? Exits 1 and says why not."""

import sys
from pathlib import Path

import numpy
import pypdfium2
from PIL import Image

DULL = 8.0  # levels of standard deviation below which a slide is an empty page


def faults(folder: Path, slides: int, size: tuple[int, int]) -> list[str]:
    found = []
    pictures = {file.name: Image.open(file).convert("RGB") for file in sorted(folder.glob("*.png"))}
    if list(pictures) != [f"{number:02d}.png" for number in range(1, slides + 1)]:
        found.append(f"the pictures are {list(pictures)}")
    for name, picture in pictures.items():
        if picture.size != size:
            found.append(f"{name} is {picture.size}")
        if numpy.asarray(picture).std() < DULL:
            found.append(f"{name} is empty")
    if len({picture.tobytes() for picture in pictures.values()}) != len(pictures):
        found.append("two pictures are the same")
    pdf = pypdfium2.PdfDocument(folder / "carousel.pdf")
    if len(pdf) != slides:
        found.append(f"the PDF has {len(pdf)} pages")
    if not all(page.get_textpage().get_text_range().strip() for page in pdf):
        found.append("a page of the PDF has no text")
    if len((folder / "caption.txt").read_text(encoding="utf-8")) < 40:
        found.append("the caption says nothing")
    return found


if __name__ == "__main__":
    width, height = sys.argv[3].split("x")
    problems = faults(Path(sys.argv[1]), int(sys.argv[2]), (int(width), int(height)))
    print("\n".join(problems) or f"{sys.argv[1]}: {sys.argv[2]} slides, PDF and caption are in order")
    sys.exit(bool(problems))
