"""The name of a slide's picture: a hash of everything that decides what it looks like.

Two slides of one fingerprint are the same pixels, so a slide whose fingerprint stands is never drawn
again. What does not reach the picture (other slides' words, alt texts, the deck's title) stays out.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from carousels.design.document import Document, Slide
from carousels.design.fonts import EMOJI_DIR, PACKAGES
from carousels.design.themes import Theme

# Raised whenever the code draws the same words differently. Templates, themes, fonts and libraries
# need nobody to remember them.
ENGINE_VERSION = 2
LIBRARIES = ("typst", "pillow", "numpy", "budoux", "isal")
TEMPLATES = Path(__file__).parent / "templates"


def fingerprint(document: Document, number: int, *, art_sha256: str, is_photo: bool) -> str:
    """64 hex digits for this slide over the art with that hash; the same in every process."""
    ingredients = {
        "slide": _describe_slide(document.slide(number)),
        "place": [number, len(document.slides)],
        "language": document.language,
        "size": document.size,
        "look": _describe_look(document.look),
        "palette": document.palette,
        "brand": document.brand.as_data(),
        "watermark": document.watermark,
        "words": asdict(document.words),
        "art": [art_sha256, is_photo],
        "machinery": describe_machinery(),
    }
    return hashlib.sha256(json.dumps(ingredients, sort_keys=True).encode("ascii")).hexdigest()


@cache
def describe_machinery() -> dict[str, Any]:
    """What draws: our engine and templates, the libraries under them, the fonts. Read once a process."""
    return {
        "engine": ENGINE_VERSION,
        "templates": _digest(TEMPLATES.glob("*.typ")),
        "libraries": {name: version(name) for name in LIBRARIES},
        # Hashing 60 MB of letters would take longer than drawing a slide: versions are pinned.
        "fonts": {name: version(name.replace("_", "-")) for name in PACKAGES},
        "emoji": _digest(EMOJI_DIR.glob("*.ttf")),
    }


def _describe_slide(slide: Slide) -> dict[str, Any]:
    words = asdict(slide)
    del words["alt_text"]  # said in the PDF and the export pack, never drawn
    return words


def _describe_look(look: Theme) -> dict[str, Any]:
    """The theme as worn: a palette that is not worn changes no picture."""
    return look.tokens() | {"name": look.name, "version": look.version, "art": dict(look.art)}


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(paths):
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
