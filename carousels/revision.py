"""What a creator changes about a finished carousel: its ratio, its look, its words; or one picture.

A render job's payload is such a revision as it came over the wire (camelCase, JSON), an image job's a
redraw. It is tried on the rows in memory; `authoring` writes them once the slides have been set anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from carousels.brief import ASPECT_RATIOS, DEFAULT_STYLES
from carousels.design.document import OWN_WORDS
from carousels.models import Carousel, Slide

TEXTS = ("title", "caption", "altText", "kicker", "stat", "author", "role", "button")
LISTS = ("items", "against", "labels")
COLUMNS = {"title": "title", "caption": "caption", "altText": "alt_text"}  # the others live in `content`


class InvalidRevision(ValueError):
    """A payload that changes nothing known; only rows inserted past the API can hold one."""


@dataclass(frozen=True)
class Revision:
    """None leaves as it is. `slides` maps a slide's number to the words that replace its own."""

    aspect_ratio: str | None = None
    theme: str | None = None
    palette: str | None = None
    brand: Mapping[str, Any] | None = None
    final_caption: str | None = None
    slides: Mapping[int, Mapping[str, Any]] | None = None

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Revision":
        """Read a render job's payload: aspectRatio, theme, palette, brand, finalCaption, slides."""
        if not isinstance(payload, Mapping):
            raise InvalidRevision("payload must be an object")
        if payload.get("aspectRatio") not in (None, *ASPECT_RATIOS):
            raise InvalidRevision(f"aspectRatio must be one of {', '.join(ASPECT_RATIOS)}")
        if not isinstance(payload.get("brand"), Mapping | None):
            raise InvalidRevision("brand must be an object")
        return cls(
            aspect_ratio=payload.get("aspectRatio"),
            theme=_text(payload, "theme"),
            palette=_text(payload, "palette"),
            brand=payload.get("brand"),
            final_caption=_text(payload, "finalCaption"),
            slides=dict(_edits(payload.get("slides") or [])),
        )

    def apply(self, *, carousel: Carousel, slides: Sequence[Slide]) -> None:
        """Change these rows in memory. Another theme takes its own colours unless a palette is named."""
        look = (carousel.theme, carousel.palette)
        carousel.aspect_ratio = self.aspect_ratio or carousel.aspect_ratio
        if self.theme is not None or self.palette is not None:
            carousel.palette = self.palette or ""
        carousel.theme = self.theme or carousel.theme
        if self.brand is not None:
            carousel.brand = dict(self.brand)
        if self.final_caption is not None:
            carousel.final_caption = self.final_caption
        has_other_look = look != (carousel.theme, carousel.palette)
        edits = dict(self.slides or {})
        for slide in slides:
            words = edits.pop(slide.number, {})
            _rewrite(slide, words)
            if "altText" not in words and (words or has_other_look):
                slide.alt_text = _read_out(slide)
        if edits:
            raise InvalidRevision(f"there is no slide {min(edits)}")


@dataclass(frozen=True)
class Redraw:
    """One slide's picture again, from its own prompt or another one. `styles` as in the brief."""

    slide_number: int
    image_prompt: str | None = None
    styles: tuple[str, ...] = DEFAULT_STYLES

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Redraw":
        """Read an image job's payload: slideNumber, imagePrompt, styles."""
        if not isinstance(payload, Mapping):
            raise InvalidRevision("payload must be an object")
        number = payload.get("slideNumber")
        if isinstance(number, bool) or not isinstance(number, int):
            raise InvalidRevision("slideNumber must be a whole number")
        styles = _texts(payload, "styles") if payload.get("styles") else DEFAULT_STYLES
        return cls(slide_number=number, image_prompt=_text(payload, "imagePrompt"), styles=tuple(styles))


def _rewrite(slide: Slide, words: Mapping[str, Any]) -> None:
    for name, value in words.items():
        if name not in (*COLUMNS, *OWN_WORDS[slide.kind]):
            raise InvalidRevision(f"slide {slide.number}: a slide of kind {slide.kind} shows no {name}")
        if name in COLUMNS:
            setattr(slide, COLUMNS[name], value)
        else:
            slide.content = {**slide.content, name: value}


def _read_out(slide: Slide) -> str:
    """An alt text of the slide's own words: the old one tells of words or a picture that are gone."""
    own = [slide.content.get(name) for name in OWN_WORDS[slide.kind]]
    texts = [slide.plain_title, slide.caption]
    texts += [text for words in own for text in (words if isinstance(words, list) else [words])]
    return " · ".join(text for text in texts if isinstance(text, str) and text)


def _edits(edits: Any):
    """(number, new words) of each edited slide."""
    if not isinstance(edits, list) or not all(isinstance(edit, Mapping) for edit in edits):
        raise InvalidRevision("slides must be a list of objects")
    edited: set[int] = set()
    for edit in edits:
        if not isinstance(edit.get("slideNumber"), int):
            raise InvalidRevision("slideNumber must be a whole number")
        if edit["slideNumber"] in edited:
            raise InvalidRevision(f"slide {edit['slideNumber']} is edited twice")
        edited.add(edit["slideNumber"])
        words = {name: _text(edit, name) for name in TEXTS if name in edit}
        yield edit["slideNumber"], words | {name: _texts(edit, name) for name in LISTS if name in edit}


def _text(payload: Mapping[str, Any], key: str) -> str | None:
    value = payload.get(key)
    if value is not None and not isinstance(value, str):
        raise InvalidRevision(f"{key} must be a text")
    return value


def _texts(payload: Mapping[str, Any], key: str) -> list[str]:
    value = payload[key]
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise InvalidRevision(f"{key} must be a list of texts")
    return value
