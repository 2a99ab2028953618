"""A document as the templates read it, and the measures they give back.

Words are cleaned and split here; places and sizes are decided by the templates alone.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from carousels.design.document import Document, Slide
from carousels.design.fonts import choose_face, list_fallbacks
from carousels.design.logo import choose_ground
from carousels.design.text import hygiene
from carousels.design.text.typography import polish

ARABIC = frozenset({"ar", "fa", "ur"})
INDIC = frozenset({"bn", "gu", "hi", "kn", "ml", "mr", "ne", "or", "pa", "si", "ta", "te"})
INDOCHINESE = frozenset({"km", "lo", "my", "th"})
EAST_ASIAN = frozenset({"ja", "ko", "zh"})

# Letters that stack: tight lines would let them collide. Letters that join: tracking would tear them.
TALL_LANGUAGES = ARABIC | INDIC | INDOCHINESE
JOINED_LANGUAGES = TALL_LANGUAGES | EAST_ASIAN | {"he"}
TALL_LEADING = 1.22

NOTHING_LEFT = "…"  # stands for required words of which cleaning left nothing


LOGO, AVATAR = "logo.png", "avatar.png"  # file names in Typst's root


@dataclass(frozen=True)
class Description:
    """What the templates read: JSON-ready data, and the files it names."""

    data: Mapping[str, Any]
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class SafeArea:
    """Margins in px. 9:16 leaves room for the buttons an app lays over a story."""

    side: int
    top: int
    bottom: int


@dataclass(frozen=True)
class Fit:
    """One fitted piece of text: its size, the least it may have, and whether words were cut off.

    `box` is its place on the page in px: left, top, width, height; `shown` is what is left of cut words.
    """

    part: str
    size: float
    least: float
    clipped: bool
    box: tuple[float, float, float, float] | None = None
    shown: str = ""

    @classmethod
    def from_note(cls, note: Mapping[str, Any]) -> "Fit":
        left, top, width, height = (round(edge, 1) for edge in note["box"])
        shown = note["shown"]
        box = (left, top, width, height)
        return cls(note["part"], note["size"], note["least"], shown is not None, box, shown or "")


@dataclass(frozen=True)
class Cut:
    """One line of small print that was too long for its place: what it said and what is shown of it."""

    before: str
    after: str


@dataclass(frozen=True)
class Layout:
    """One slide's measures in px: `top` of the words, `overflow` out of their place (0 or less is none).

    `clear` px below the top begin the words that have no ground of their own, as a chip or a tile has.
    """

    number: int
    top: float
    overflow: float
    fits: tuple[Fit, ...]
    cuts: tuple[Cut, ...] = ()
    clear: float = 0.0

    @property
    def is_clipped(self) -> bool:
        return any(fit.clipped for fit in self.fits)

    @classmethod
    def from_notes(
        cls,
        note: Mapping[str, Any],
        *,
        fits: Sequence[Mapping[str, Any]],
        cuts: Sequence[Mapping[str, Any]],
    ) -> "Layout":
        """Read what the templates noted for one slide and for the parts on it."""
        return cls(
            number=note["number"],
            top=round(note["top"], 2),
            overflow=round(note["overflow"], 2),
            fits=tuple(Fit.from_note(fit) for fit in fits),
            cuts=tuple(Cut(cut["from"], cut["to"]) for cut in cuts),
            clear=round(note["clear"], 2),
        )


def find_safe_area(aspect_ratio: str) -> SafeArea:
    if aspect_ratio == "9:16":
        return SafeArea(side=84, top=230, bottom=320)
    return SafeArea(side=84, top=76, bottom=76)


def list_families(document: Document) -> tuple[str, ...]:
    """Every font family this document may use, in order."""
    return (*_choose_faces(document), *list_fallbacks(document.language))


def _choose_faces(document: Document) -> tuple[str, str]:
    """The theme's display and body, or what writes this language whole."""
    letters, language = document.look.type, document.primary_language
    display = choose_face((letters.display, letters.body), language)
    return display, choose_face((letters.body, letters.display), language)


def list_words(document: Document, slide: Slide) -> str:
    """Every string that is set on this slide, cleaned, in one text."""
    brand = document.brand
    frame = (brand.handle, brand.monogram, document.watermark, *asdict(document.words).values())
    own = (slide.title, slide.caption, slide.kicker, slide.stat, slide.author, slide.role, slide.button)
    rows = (*slide.items, *slide.against, *slide.labels)
    texts = (hygiene.clean(text) for text in (*frame, *own, *rows))
    return "\n".join(polish(text, language=document.language) for text in texts)


def describe(
    document: Document,
    slides: Sequence[Slide],
    backgrounds: Sequence[str | None],
    panels: Sequence[str] | None = None,
) -> Description:
    """The given slides of the document; `backgrounds` are file names in Typst's root, one a slide.

    `panels`, one a slide, override the theme's: over a busy photograph words want a card.
    """
    panels = panels or [document.look.frame.panel] * len(slides)
    data = _describe_deck(document) | {
        "slides": [
            _describe_slide(document, slide, background, panel)
            for slide, background, panel in zip(slides, backgrounds, panels, strict=True)
        ]
    }
    return Description(data, list_files(document))


def list_files(document: Document) -> dict[str, bytes]:
    """The brand's pictures under the names the templates know them by."""
    pictures = {LOGO: document.brand.logo, AVATAR: document.brand.avatar}
    return {name: data for name, data in pictures.items() if data}


def _describe_deck(document: Document) -> dict[str, Any]:
    """What all slides share."""
    width, height = document.size
    language = document.primary_language
    display, body = _choose_faces(document)
    return {
        "title": _clean_label(document.title),
        "language": language,
        "region": read_region(document.language),
        "direction": document.direction,
        "width": width,
        "height": height,
        "safe": asdict(find_safe_area(document.aspect_ratio)),
        "theme": document.look.tokens(),
        "display": display,
        "body": body,
        "fallbacks": list_fallbacks(document.language),
        "joined_script": language in JOINED_LANGUAGES,
        "leading_floor": TALL_LEADING if language in TALL_LANGUAGES else 1,
        "keywords": _list_keywords(document),
        "owner": _clean_label(document.brand.name) or _clean_label(document.brand.handle),
        "handle": _clean_label(document.brand.handle),
        "monogram": _clean_label(document.brand.monogram)[:2],
        "avatar": AVATAR if document.brand.avatar else None,
        "watermark": _set_label(document.watermark, document),
        "words": {word: _set_label(text, document) for word, text in asdict(document.words).items()},
        "total": len(document.slides),
    }


def _describe_slide(document: Document, slide: Slide, background: str | None, panel: str) -> dict[str, Any]:
    author = _set_label(slide.author, document)
    return {
        "number": slide.number,
        "kind": slide.kind,
        "panel": panel,
        "logo": _describe_logo(document, panel),
        "background": background,
        "title": _set_runs(slide.title, document) or _set_runs(NOTHING_LEFT, document),
        "caption": _set_runs(slide.caption, document),
        "stat": _set_runs(slide.stat, document) or _set_runs(NOTHING_LEFT, document),
        "items": _set_items(slide.items, document),
        "against": _set_items(slide.against, document),
        "labels": [
            _set_label(label, document) for label in slide.labels or (document.words.do, document.words.avoid)
        ],
        "alt": hygiene.clean(slide.alt_text) or None,
        "index": slide.index,
        "ratio": read_share(slide.stat),
        "kicker": _set_label(slide.kicker, document),
        "author": author,
        "initial": next((letter.upper() for letter in author if letter.isalnum()), ""),
        "role": _set_label(slide.role, document),
        "button": _set_label(slide.button, document) or _set_label(document.words.follow, document),
    }


def read_share(stat: str) -> float | None:
    """The part of a whole that a figure like `77 %` names, else None."""
    match = re.fullmatch(r"\D{0,3}(\d{1,3}(?:[.,]\d+)?)\s*%\D{0,3}", stat.strip())
    if match is None:
        return None
    share = float(match[1].replace(",", ".")) / 100
    return share if 0 < share <= 1 else None


def read_region(language: str) -> str | None:
    """The two letters of a country in a BCP 47 tag: `BR` of `pt-BR`."""
    tags = re.split("[-_]", language.strip())[1:]
    return next((tag.upper() for tag in tags if re.fullmatch("[A-Za-z]{2}", tag)), None)


def _describe_logo(document: Document, panel: str) -> dict[str, str] | None:
    """The logo's file and the colour of the chip it needs behind it, if any."""
    logo, colors = document.brand.logo, document.look.colors
    if not logo:
        return None
    ground = colors.scrim if panel == "bare" else colors.card
    return {"file": LOGO, "ground": choose_ground(logo, on=ground)}


def _list_keywords(document: Document) -> list[str]:
    """What the deck calls its own subject."""
    kickers = (_set_label(slide.kicker, document) for slide in document.slides)
    return [kicker for kicker in dict.fromkeys(kickers) if kicker]


def _set_runs(text: str, document: Document) -> list[dict[str, Any]] | None:
    runs = hygiene.split_runs(text, language=document.language)
    return [asdict(run) for run in runs] or None


def _set_items(items: Sequence[str], document: Document) -> list[list[dict[str, Any]]]:
    rows = [runs for item in items if (runs := _set_runs(item, document))]
    return rows or [_set_runs(NOTHING_LEFT, document)]


def _set_label(text: str, document: Document) -> str:
    return polish(_clean_label(text), language=document.language)


def _clean_label(text: str) -> str:
    return hygiene.clean(text, limit=hygiene.LABEL_LIMIT)
