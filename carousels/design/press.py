"""The one door to Typst: a temporary folder with our templates, words as data, pages out.

The folder is Typst's root, holds only files written here, and is removed afterwards. Typst refuses
paths out of its root; it would follow links, so nothing of a user's is ever linked or named.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from carousels.design.fonts import load_fonts
from carousels.design.layout import Description, Layout

TEMPLATES = Path(__file__).parent / "templates"
MAIN = "carousel.typ"
PPI = 72  # one pixel is one point
NOTES = "selector(<layout>).or(<fit>).or(<cut>)"
UNDATED = datetime(1970, 1, 1, tzinfo=UTC)  # a file must bear a date; this one nobody mistakes for a true one


class TypesettingFailed(RuntimeError):
    """Typst refused our own templates or warned about them: a fault of ours, never of the words."""


class Press:
    """One description, ready to be measured, drawn as pictures or printed as a PDF."""

    def __init__(self, folder: str, description: Mapping[str, Any]) -> None:
        self._inputs = {"document": json.dumps(description), "words": "shown"}
        self._compiler = typst.Compiler(
            f"{folder}/{MAIN}", root=folder, font_paths=load_fonts(), sys_inputs=self._inputs
        )

    def measure(self) -> list[Layout]:
        """The layout pass alone, for every slide described."""
        try:
            notes = json.loads(self._compiler.query(NOTES, field="value"))
        except RuntimeError as error:  # a query's own failure is no TypstError
            raise TypesettingFailed(str(error)) from error
        return [_read_layout(note, notes) for note in notes if "number" in note]

    def draw(self, *, words: str = "shown", shrink: int = 1) -> list[bytes]:
        """A transparent PNG a slide: words and frame, or with `hidden` words the frame alone."""
        pages = self._compile("png", self._inputs | {"words": words}, ppi=PPI / shrink)
        return pages if isinstance(pages, list) else [pages]

    def print_pdf(self, *, made_at: datetime = UNDATED) -> bytes:
        """All slides as a tagged PDF, as PDF/UA-1 unless some character has no glyph.

        Only what the caller knows dates it, never the clock: the same deck is the same bytes.
        """
        try:
            return self._compile("pdf", self._inputs, made_at, ["ua-1"])
        except TypesettingFailed:  # the standard forbids what a missing glyph leaves; preflight names it
            return self._compile("pdf", self._inputs, made_at)

    def _compile(
        self,
        form: str,
        inputs: dict[str, str],
        made_at: datetime = UNDATED,
        standards: Sequence[str] = (),
        ppi: float = PPI,
    ) -> Any:
        try:
            result, warnings = self._compiler.compile_with_warnings(
                format=form,
                ppi=ppi,
                timestamp=int(made_at.timestamp()),
                sys_inputs=inputs,
                pdf_standards=list(standards),
            )
        except typst.TypstError as error:
            raise TypesettingFailed(str(error)) from error
        if warnings:  # an unknown font family is only a warning to Typst
            raise TypesettingFailed("; ".join(warning.message for warning in warnings))
        return result


@contextmanager
def open_press(description: Description, files: Mapping[str, bytes] | None = None) -> Iterator[Press]:
    """Lay templates and files (name to bytes) into a folder of their own for as long as needed."""
    with TemporaryDirectory(prefix="carousel-") as folder:
        for template in TEMPLATES.glob("*.typ"):
            Path(folder, template.name).write_bytes(template.read_bytes())
        for name, data in {**description.files, **(files or {})}.items():
            Path(folder, name).write_bytes(data)
        yield Press(folder, description.data)


def _read_layout(page: Mapping[str, Any], notes: Sequence[Mapping[str, Any]]) -> Layout:
    """A page's own note together with those of the parts and the cuts on it."""
    others = [note for note in notes if note["page"] == page["page"]]
    return Layout.from_notes(
        page,
        fits=[note for note in others if "part" in note],
        cuts=[note for note in others if "from" in note],
    )
