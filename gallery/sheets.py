"""One sheet of the gallery: a deck drawn, judged and kept; and the page that shows them all."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from carousels.design import art, engine, preflight, repair
from carousels.design.document import Document

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem; background: #f4f4f2; color: #1c1c1a }
section { display: flex; flex-wrap: wrap; gap: 2rem }
figure { margin: 0 0 1.5rem; max-width: 100% }
figcaption { font-weight: 600; margin-bottom: .5rem }
figcaption small { font-weight: 400; color: #a3261b; display: block }
div { display: flex; overflow-x: auto; gap: 2px }
img { height: 340px; width: auto; display: block }
"""


@dataclass(frozen=True)
class Sheet:
    """A deck to draw; `photos` stand in, by turns, for what an image model would give."""

    section: str
    title: str
    document: Document
    photos: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """`files` are names in the gallery's folder; `faults` what preflight found."""

    section: str
    title: str
    files: tuple[str, ...]
    faults: tuple[str, ...]


def draw(sheet: Sheet, folder: Path) -> Drawn:
    mended = repair.mend(sheet.document)  # as composing does
    document = mended.document
    pages = [_compose(document, slide.number, sheet.photos) for slide in document.slides]
    panels = [page.figures.panel for page in pages]
    pdf = engine.compose_pdf(document, [page.background for page in pages], panels=panels)
    stem = re.sub(r"\W+", "-", f"{sheet.section} {sheet.title}".lower()).strip("-")
    (folder / f"{stem}.pdf").write_bytes(pdf)
    names = tuple(f"{stem}-{page.number:02d}.jpg" for page in pages)
    for name, page in zip(names, pages, strict=True):
        (folder / name).write_bytes(page.jpeg)
    verdict = preflight.inspect(document, pages, pdf, repairs=mended.repairs)
    return Drawn(sheet.section, sheet.title, names, verdict.faults)


def write_index(folder: Path, sheets: Sequence[Drawn]) -> Path:
    """The page; returns its path."""
    parts = ["<!doctype html><meta charset=utf-8><title>Gallery</title>", f"<style>{STYLE}</style>"]
    for section, members in groupby(
        sorted(sheets, key=lambda sheet: sheet.section), lambda sheet: sheet.section
    ):
        parts.append(f"<h1>{section}</h1><section>{''.join(map(_figure, members))}</section>")
    index = folder / "index.html"
    index.write_text("\n".join(parts), encoding="utf-8")
    return index


def _figure(sheet: Drawn) -> str:
    faults = "".join(f"<small>{html.escape(fault)}</small>" for fault in sheet.faults)
    images = "".join(f'<img loading=lazy src="{name}" alt="">' for name in sheet.files)
    return f"<figure><figcaption>{html.escape(sheet.title)}{faults}</figcaption><div>{images}</div></figure>"


def _compose(document: Document, number: int, photos: Sequence[bytes]) -> engine.Page:
    if photos:
        photo = photos[(number - 1) % len(photos)]
        return engine.compose_slide(document, number, photo, is_photo=True)
    drawn = art.paint(
        look=document.look,
        seed_text=document.title,
        number=number,
        total=len(document.slides),
        aspect_ratio=document.aspect_ratio,
    )
    return engine.compose_slide(document, number, drawn)
