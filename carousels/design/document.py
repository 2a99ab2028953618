"""What the engine draws: a carousel's words, theme, language and ratio, as plain values.

Content only, checked for what the engine could not draw at all. Nothing here loads a font or an
image, so the web process may import it.
"""

import re
from dataclasses import dataclass, field
from functools import cached_property

from carousels.design.brand import Brand
from carousels.design.look import dress
from carousels.design.themes import THEMES, Theme

KINDS = ("cover", "point", "list", "stat", "quote", "comparison", "steps", "cta")
# What a slide shows beside title and caption, by its kind; other words never reach its picture.
OWN_WORDS = {
    "cover": ("kicker",),
    "point": (),
    "list": ("items",),
    "stat": ("stat",),
    "quote": ("author", "role"),
    "comparison": ("items", "against", "labels"),
    "steps": ("items",),
    "cta": ("button",),
}
SIZES = {"1:1": (1080, 1080), "4:5": (1080, 1350), "9:16": (1080, 1920)}
RTL_LANGUAGES = frozenset({"ar", "he", "fa", "ur"})
SLIDES_MIN, SLIDES_MAX = 2, 10
ITEMS_MAX = 6
SIDES_MAX = 4  # items on either side of a comparison


class InvalidDocument(ValueError):
    """A document that cannot be drawn; the message names the slide and the field."""


@dataclass(frozen=True)
class Words:
    """The few words of the frame itself, in the language of the deck. An empty word is not drawn."""

    swipe: str = ""
    follow: str = ""
    save: str = ""
    share: str = ""
    do: str = ""
    avoid: str = ""


@dataclass(frozen=True)
class Slide:
    """One slide's words. `title` and `caption` may carry *emphasis*; the rest is plain.

    A `quote` shows its caption only without an author, a `list` only up to four items. A `comparison`
    sets `items` (this) against `against` (not that) under `labels`, which default to the frame's words
    `do` and `avoid`. `steps` are `items` in their order. `alt_text` is the page's description in the PDF.
    """

    number: int
    kind: str
    title: str
    caption: str = ""
    index: int | None = None
    items: tuple[str, ...] = ()
    kicker: str = ""
    stat: str = ""
    author: str = ""
    role: str = ""
    button: str = ""
    against: tuple[str, ...] = ()
    labels: tuple[str, str] | tuple[()] = ()
    alt_text: str = ""


@dataclass(frozen=True)
class Document:
    """A whole carousel, ready to be drawn.

    `palette` names one of the theme's palettes (empty: its own colours); the brand's colours and fonts
    win over both. `watermark` is a line of small print on every slide; mostly there is none.
    """

    title: str
    language: str
    theme: str
    aspect_ratio: str
    words: Words
    slides: tuple[Slide, ...]
    palette: str = ""
    brand: Brand = field(default_factory=Brand)
    watermark: str = ""

    def __post_init__(self) -> None:
        # Lists are welcome, but a frozen value holds tuples.
        object.__setattr__(self, "slides", tuple(self.slides))
        self._check_frame()
        for position, slide in enumerate(self.slides, start=1):
            _check_slide(slide, position)

    @property
    def primary_language(self) -> str:
        """The BCP 47 primary tag: `pt` of `pt-BR`."""
        return re.split("[-_]", self.language.strip().lower())[0]

    @property
    def direction(self) -> str:
        return "rtl" if self.primary_language in RTL_LANGUAGES else "ltr"

    @cached_property
    def look(self) -> Theme:
        """The theme as this document wears it."""
        brand = self.brand
        return dress(self.theme, palette=self.palette, colors=brand.colors, fonts=brand.fonts)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of every slide in px."""
        return SIZES[self.aspect_ratio]

    def slide(self, number: int) -> Slide:
        """The slide with this number, counted from 1."""
        if not 1 <= number <= len(self.slides):
            raise InvalidDocument(f"there is no slide {number}")
        return self.slides[number - 1]

    def _check_frame(self) -> None:
        if not SLIDES_MIN <= len(self.slides) <= SLIDES_MAX:
            raise InvalidDocument(f"a carousel has {SLIDES_MIN} to {SLIDES_MAX} slides")
        if self.theme not in THEMES:
            raise InvalidDocument(f"unknown theme {self.theme!r}")
        if self.palette and self.palette not in THEMES[self.theme].palettes:
            known = ", ".join(THEMES[self.theme].palettes)
            raise InvalidDocument(f"unknown palette {self.palette!r}: {self.theme} has {known}")
        if self.brand.fonts and self.brand.fonts not in THEMES:
            raise InvalidDocument(f"unknown fonts {self.brand.fonts!r}")
        if self.aspect_ratio not in SIZES:
            raise InvalidDocument(f"aspect ratio must be one of {', '.join(SIZES)}")
        if not re.fullmatch("[a-z]{2,3}", self.primary_language):
            raise InvalidDocument(f"unknown language {self.language!r}")


def _check_slide(slide: Slide, position: int) -> None:
    where = f"slide {position}"
    if slide.number != position:
        raise InvalidDocument(f"{where} is numbered {slide.number}")
    if slide.kind not in KINDS:
        raise InvalidDocument(f"{where}: unknown kind {slide.kind!r}")
    if not slide.title.strip():
        raise InvalidDocument(f"{where}: the title is empty")
    if slide.kind == "stat" and not slide.stat.strip():
        raise InvalidDocument(f"{where}: a stat slide needs its stat")
    if slide.kind in ("list", "steps") and not 1 <= len(slide.items) <= ITEMS_MAX:
        raise InvalidDocument(f"{where}: a slide of kind {slide.kind} has 1 to {ITEMS_MAX} items")
    if slide.kind == "comparison":
        for side in (slide.items, slide.against):
            if not 1 <= len(side) <= SIDES_MAX:
                raise InvalidDocument(f"{where}: each side of a comparison has 1 to {SIDES_MAX} items")
