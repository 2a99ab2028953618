"""The looks on offer, read from `themes/*.json`: tokens only, never code for one theme.

A theme names fonts, the frame around the words, colours and the seeded art. How these are used is the
templates' and the art's business.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

THEMES_DIR = Path(__file__).parent / "themes"


@dataclass(frozen=True)
class Type:
    """The letters. `tracking` in em, `leading` in lines, `display_scale` evens out wide faces."""

    display: str
    display_weight: int
    quote_weight: int
    display_scale: float
    body: str
    tracking: float
    leading: float
    emphasis: Literal["color", "italic"]
    emphasis_weight: int
    emphasis_features: tuple[str, ...]  # OpenType features of italic emphasis


@dataclass(frozen=True)
class Frame:
    """What stands around the words. Lengths in px of a 1080 wide slide.

    `panel`: words stand bare on scrimmed art, on a rounded card, on a sheet that spans the page from
    the words to its foot, or on a sticker (a card with a hard shadow).
    """

    panel: Literal["bare", "card", "sheet", "sticker"]
    radius: int
    stroke: int
    align: Literal["start", "center"]
    numeral: Literal["plain", "outline", "badge"]
    progress: Literal["dots", "bar", "ticks"]

    @property
    def has_card(self) -> bool:
        return self.panel != "bare"


@dataclass(frozen=True)
class Colors:
    """Hex colours. Text is `ink`, `muted` or `accent` on `card` (or on scrimmed art), or `on_accent`."""

    ink: str
    muted: str
    accent: str
    on_accent: str
    card: str
    scrim: str


@dataclass(frozen=True)
class Theme:
    """One look. `art` holds the seeded art's tokens, its `style` among them; `palettes` other colours."""

    name: str
    version: int  # raised when the same words would look different
    type: Type
    frame: Frame
    colors: Colors
    art: Mapping[str, Any]
    palettes: Mapping[str, "Palette"]

    def tokens(self) -> dict[str, Any]:
        """The theme as the templates read it."""
        return {name: asdict(getattr(self, name)) for name in ("type", "frame", "colors")}


@dataclass(frozen=True)
class Palette:
    """Other colours of a theme; `art` replaces only the tokens it names."""

    colors: Colors
    art: Mapping[str, Any]


def load_theme(path: Path) -> Theme:
    """Read one theme file; its name is the theme's name."""
    tokens = json.loads(path.read_text(encoding="utf-8"))
    tokens["type"]["emphasis_features"] = tuple(tokens["type"]["emphasis_features"])
    return Theme(
        name=path.stem,
        version=tokens["version"],
        type=Type(**tokens["type"]),
        frame=Frame(**tokens["frame"]),
        colors=Colors(**tokens["colors"]),
        art=tokens["art"],
        palettes={
            name: Palette(colors=Colors(**palette["colors"]), art=palette["art"])
            for name, palette in tokens["palettes"].items()
        },
    )


THEMES: dict[str, Theme] = {path.stem: load_theme(path) for path in sorted(THEMES_DIR.glob("*.json"))}
