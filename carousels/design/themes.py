"""The looks on offer, read from `themes/*.json`: tokens only, never code for one theme.

A theme names fonts, colours, the sheet behind the words and the seeded art. How these are used is
the templates' and the art's business.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

THEMES_DIR = Path(__file__).parent / "themes"


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
    """One look. Lengths in px of a 1080 wide slide, `tracking` in em, `leading` in lines."""

    name: str
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
    panel: Literal["bare", "card"]
    radius: int
    card_stroke: int
    colors: Colors
    art: Mapping[str, Any]

    @property
    def has_card(self) -> bool:
        return self.panel == "card"

    def tokens(self) -> dict[str, Any]:
        """The theme as the templates read it."""
        tokens = asdict(self)
        del tokens["art"]
        return tokens


def load_theme(path: Path) -> Theme:
    """Read one theme file; its name is the theme's name."""
    tokens = json.loads(path.read_text(encoding="utf-8"))
    tokens["colors"] = Colors(**tokens["colors"])
    tokens["emphasis_features"] = tuple(tokens["emphasis_features"])
    return Theme(name=path.stem, **tokens)


THEMES: dict[str, Theme] = {path.stem: load_theme(path) for path in sorted(THEMES_DIR.glob("*.json"))}
