"""A creator's own look, as plain values: name, handle, logo, avatar, colours and a pair of fonts.

What comes from outside is checked here and in `logo.py` (which needs Pillow) once; what colours become
is `palette.py`'s business. No library is loaded here: every process imports this.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from carousels.design.themes import THEMES

COLORS_MAX = 3
SHORT_HEX = re.compile("#[0-9A-Fa-f]{3}")
HEX = re.compile("#[0-9A-Fa-f]{6}")


class InvalidBrand(ValueError):
    """Something a brand cannot be made from; `field` is the part of it that is wrong."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


class InvalidImage(InvalidBrand):
    """A picture that is broken, too large, or shows nothing."""


class UnsupportedImage(InvalidBrand):
    """A file of a kind that is not accepted."""


@dataclass(frozen=True)
class Brand:
    """Empty strings and bytes are what the creator did not give.

    `logo` and `avatar` are PNGs made by `logo.open_logo` and `logo.open_avatar`; `colors` one to three
    hex colours, the first one leads; `fonts` the name of the theme whose fonts are used.
    """

    name: str = ""
    handle: str = ""
    logo: bytes = b""
    avatar: bytes = b""
    colors: tuple[str, ...] = ()
    fonts: str = ""

    @property
    def monogram(self) -> str:
        """The first letter of the name, for where a logo would be; empty without a name."""
        return next((letter.upper() for letter in self.name if letter.isalnum()), "")

    def as_data(self) -> dict[str, object]:
        """JSON-ready, files by their sha256."""
        return {
            "name": self.name,
            "handle": self.handle,
            "logo": hashlib.sha256(self.logo).hexdigest() if self.logo else "",
            "avatar": hashlib.sha256(self.avatar).hexdigest() if self.avatar else "",
            "colors": list(self.colors),
            "fonts": self.fonts,
        }


def read_colors(colors: Sequence[str]) -> tuple[str, ...]:
    """At most three colours, `#RGB` or `#RRGGBB`, as `#RRGGBB` in capitals, each once."""
    if len(colors) > COLORS_MAX:
        raise InvalidBrand("colors", f"A brand has at most {COLORS_MAX} colours")
    return tuple(dict.fromkeys(_read_color(color) for color in colors))


def read_fonts(name: str) -> str:
    """The name of a theme, whose fonts are meant; empty for the fonts of whatever theme is worn."""
    if name and name not in THEMES:
        raise InvalidBrand("fonts", f"Must be one of {', '.join(sorted(THEMES))}")
    return name


def _read_color(color: str) -> str:
    if SHORT_HEX.fullmatch(color):
        color = "#" + "".join(digit * 2 for digit in color[1:])
    if not HEX.fullmatch(color):
        raise InvalidBrand("colors", "A colour is written #RRGGBB")
    return color.upper()
