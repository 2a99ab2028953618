"""A creator's own look, as plain values: name, handle, logo, avatar, colours and a pair of fonts.

Whatever comes from outside is checked here once; what colours become is `palette.py`'s business.
"""

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Brand:
    """Empty strings and bytes are what the creator did not give.

    `logo` and `avatar` are PNGs made by `open_logo` and `open_avatar`; `colors` one to three hex
    colours, the first one leads; `fonts` the name of the theme whose fonts are used.
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
