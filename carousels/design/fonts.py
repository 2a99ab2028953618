"""The fonts: where their files lie, which families a deck uses, which characters those can show.

All come from installed packages plus the colour emoji beside this file; nothing is read from the
system, so every machine draws the same picture. Loaded on first use, once per process.
"""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import typst
from fontTools.ttLib import TTFont

PACKAGES = (
    "fontpkg_anton",
    "fontpkg_archivo",
    "fontpkg_bricolage_grotesque",
    "fontpkg_dm_sans",
    "fontpkg_fraunces",
    "fontpkg_instrument_serif",
    "fontpkg_inter",
    "fontpkg_jetbrains_mono",
    "fontpkg_manrope",
    "fontpkg_newsreader",
    "fontpkg_outfit",
    "fontpkg_plus_jakarta_sans",
    "fontpkg_sora",
    "fontpkg_space_grotesk",
    "manimgx_fonts",
    "manimgx_fonts_cjk",
)
EMOJI_DIR = Path(__file__).parent / "fonts"
EMOJI = "Noto Color Emoji"

# By the start of a language's tag; Han letters are drawn differently from place to place.
CHINESE_JAPANESE_KOREAN = {
    "ja": "Noto Sans CJK JP",
    "ko": "Noto Sans CJK KR",
    "zh-hk": "Noto Sans CJK HK",
    "zh-mo": "Noto Sans CJK HK",
    "zh-hant-hk": "Noto Sans CJK HK",
    "zh-hant": "Noto Sans CJK TC",
    "zh-tw": "Noto Sans CJK TC",
}
SCRIPTS = (
    "Arabic",
    "Hebrew",
    "Devanagari",
    "Thai",
    "Bengali",
    "Tamil",
    "Telugu",
    "Gujarati",
    "Gurmukhi",
    "Kannada",
    "Malayalam",
    "Oriya",
    "Sinhala",
    "Khmer",
    "Lao",
    "Myanmar",
    "Armenian",
    "Georgian",
    "Ethiopic",
)

# Letters by which to tell whether a face was made for a language, where most were not.
TELLING_LETTERS = {"el": "άλώπ", "vi": "ạệởữ"}

# Shaping instructions rather than glyphs: joiners, breaks, direction marks, variation selectors, tags.
NEED_NO_GLYPH = frozenset(
    [0x00AD, *range(0x200B, 0x2010), 0x2060, *range(0xFE00, 0xFE10), *range(0xE0020, 0xE0080)]
)


class MissingFonts(RuntimeError):
    """A font package of the list above is not installed."""


def list_fallbacks(language: str) -> tuple[str, ...]:
    """The families after the theme's own, in the order they are asked for a glyph; a BCP 47 tag."""
    tag = language.strip().lower().replace("_", "-")
    east_asian = next(
        (family for start, family in CHINESE_JAPANESE_KOREAN.items() if f"{tag}-".startswith(f"{start}-")),
        "Noto Sans CJK SC",
    )
    scripts = tuple(f"Noto Sans {script}" for script in SCRIPTS)
    # East Asian faces have some Greek and Cyrillic too, as wide as their own signs and without accents.
    return (EMOJI, *scripts, "Noto Sans", east_asian, "Noto Sans Symbols")


def choose_face(families: Sequence[str], language: str) -> str:
    """The first of the families that can write every letter of the language, else one that can.

    A word in two faces looks broken. Scripts that a face lacks altogether are the fallbacks' business.
    """
    needed = TELLING_LETTERS.get(language.split("-")[0], "")
    whole = (family for family in families if _read_coverage(family).issuperset(map(ord, needed)))
    return next(whole, "Noto Sans")


def find_missing(text: str, families: tuple[str, ...]) -> tuple[str, ...]:
    """The characters of `text` that none of these families can show, sorted."""
    return tuple(sorted(character for character in set(text) if not _is_covered(character, families)))


@cache
def load_fonts() -> typst.Fonts:
    """The one font book of this process (about 50 ms)."""
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(_find_package(name)) for name in PACKAGES] + [str(EMOJI_DIR)],
    )


def _find_package(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise MissingFonts(f"the font package {name} is not installed")
    return Path(spec.origin).parent


def _is_covered(character: str, families: tuple[str, ...]) -> bool:
    code = ord(character)
    if character.isspace() or code in NEED_NO_GLYPH:
        return True
    return any(code in _read_coverage(family) for family in families)


@cache
def _read_coverage(family: str) -> frozenset[int]:
    """Every code point a family has a glyph for, in any of its faces."""
    faces = {(font.path, font.index) for font in load_fonts().fonts() if font.family == family}
    codes: set[int] = set()
    for path, index in faces:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            codes.update(font.getBestCmap())
    return frozenset(codes)
