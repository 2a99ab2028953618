"""The one door to Typst: a temporary folder with our templates, words as data, pages out.

The folder is Typst's root, holds only files written here, and is removed afterwards. Typst refuses
paths out of its root; it would follow links, so nothing of a user's is ever linked or named.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import typst

from carousels.design.fonts import load_fonts
from carousels.design.layout import Description, Layout

TEMPLATES = Path(__file__).parent / "templates"
MAIN = "carousel.typ"
PPI = 72  # one pixel is one point


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
        layouts, fits, cuts = (self._read_notes(label) for label in ("<layout>", "<fit>", "<cut>"))
        return [
            Layout.from_notes(note, fits=_on_page(note, fits), cuts=_on_page(note, cuts)) for note in layouts
        ]

    def draw(self, *, words: str = "shown") -> list[bytes]:
        """A transparent PNG a slide: words and frame, or with `hidden` words the frame alone."""
        pages = self._compile("png", self._inputs | {"words": words})
        return pages if isinstance(pages, list) else [pages]

    def print_pdf(self) -> bytes:
        return self._compile("pdf", self._inputs)

    def _read_notes(self, label: str) -> list[dict[str, Any]]:
        try:
            return json.loads(self._compiler.query(label, field="value"))
        except typst.TypstError as error:
            raise TypesettingFailed(str(error)) from error

    def _compile(self, form: str, inputs: dict[str, str]) -> Any:
        try:
            result, warnings = self._compiler.compile_with_warnings(
                format=form, ppi=PPI, timestamp=0, sys_inputs=inputs
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


def _on_page(note: Mapping[str, Any], others: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    return [other for other in others if other["page"] == note["page"]]
