"""Draws everything into a folder with an index.html, and tells what did not pass preflight.

`python -m gallery out/gallery`, or some sections: `python -m gallery out/gallery --only themes brands`.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from carousels.design.document import SIZES
from carousels.design.themes import THEMES
from gallery import decks, photographs
from gallery.sheets import Sheet, draw, write_index

SECTIONS = ("themes", "photographs", "palettes", "brands", "languages", "stress")
LIGHT, DARK = "editorial", "aurora"


def plan() -> Iterator[Sheet]:
    """Every sheet of the gallery, section by section."""
    photos = tuple(photographs.make().values())
    for theme in THEMES:
        for ratio in SIZES:
            deck = decks.all_kinds(theme=theme, aspect_ratio=ratio)
            yield Sheet("themes", f"{theme} {ratio}", deck)
            yield Sheet("photographs", f"{theme} {ratio}, over photographs", deck, photos)
    for theme in THEMES:
        for palette in THEMES[theme].palettes:
            deck = decks.all_kinds(theme=theme, aspect_ratio="4:5", palette=palette)
            yield Sheet("palettes", f"{theme} in {palette}", deck)
        for name, deck in decks.of_brands(theme=theme, aspect_ratio="4:5"):
            yield Sheet("brands", f"{theme} for {name}", deck)
    for theme, ratio in ((DARK, "4:5"), (LIGHT, "1:1"), ("cutout", "9:16")):
        for language, deck in decks.in_languages(theme=theme, aspect_ratio=ratio):
            yield Sheet("languages", f"{language}, {theme} {ratio}", deck)
    for theme in THEMES:
        for ratio in SIZES:
            yield Sheet("stress", f"{theme} {ratio}", decks.stressed(theme=theme, aspect_ratio=ratio))


def main() -> int:
    arguments = _read_arguments()
    folder, began = Path(arguments.folder), time.monotonic()
    folder.mkdir(parents=True, exist_ok=True)
    sheets = [sheet for sheet in plan() if not arguments.only or sheet.section in arguments.only]

    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        drawn = list(pool.map(draw, sheets, [folder] * len(sheets)))
    index = write_index(folder, drawn)

    faults = [f"{sheet.title}: {fault}" for sheet in drawn for fault in sheet.faults]
    slides = sum(len(sheet.files) for sheet in drawn)
    print(f"{slides} slides on {len(drawn)} sheets in {time.monotonic() - began:.0f} s: {index}")
    print("\n".join(faults) if faults else "all of them pass preflight")
    return 1 if faults else 0


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="gallery", description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--only", nargs="*", choices=SECTIONS, help="these sections")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
