"""Briefs and what is said on their decks: dull factories for the offline provider's tests."""

import re

from hypothesis import strategies as st

from carousels.brief import Brief
from carousels.providers.base import SlidePlan, Strategy
from carousels.providers.offline import OfflineText
from carousels.providers.offline.text import plain

# Pieces that mean something to the reader of prompts, joined at random.
PIECES = """
5 five 7 12 2026 40% $300 3x tips mistakes reasons to learn Spanish for freelancers pricing how why myths
about sleep errores de precios cinco erreurs cinq Fehler bei fünf 五つの 習慣 五个 错误
أخطاء خمسة טעויות 5选 गलतियाँ
“Be kind to yourself” — Maya Okafor, : - * # 🎉 https://example.com/9 vs. top best
"""

phrases = st.lists(st.sampled_from(PIECES.split()), min_size=1, max_size=14).map(" ".join)
lines = st.lists(phrases, min_size=2, max_size=4).map("\n- ".join)
texts = phrases | lines | st.text(min_size=1, max_size=300)

briefs = st.builds(
    Brief,
    prompt=texts.filter(str.strip),
    image_count=st.integers(2, 10),
    styles=st.lists(st.sampled_from(["photo", "minimal", "x", "写真"]), min_size=1, max_size=3).map(tuple),
    audience=st.just("") | phrases,
    purpose=st.just("") | phrases,
    key_points=st.lists(phrases.filter(str.strip), max_size=14).map(tuple),
)


def write(prompt: str, count: int = 7, **fields) -> Strategy:
    strategy, _ = OfflineText().write_strategy(Brief(prompt, count, **fields))
    return strategy


def kinds(strategy: Strategy) -> list[str]:
    return [slide.kind for slide in strategy.slides]


def titles(strategy: Strategy, kind: str = "point") -> list[str]:
    return [plain(slide.title) for slide in strategy.slides if slide.kind == kind]


def indexes(strategy: Strategy) -> list[int]:
    """Of points on a slide of their own, also of those told as a comparison."""
    kinds_of_points = ("point", "comparison")
    return [slide.index for slide in strategy.slides if slide.kind in kinds_of_points and slide.index]


def promised(strategy: Strategy) -> list[str]:
    """Every counted point, on a slide of its own or in a list of several."""
    rows = [
        (slide.index + at, row)
        for slide in strategy.slides
        if slide.index
        for at, row in enumerate(slide.items if slide.kind == "list" else (plain(slide.title),))
    ]
    return [title for _, title in sorted(dict(rows).items())]


def said(slide: SlidePlan) -> list[str]:
    """Every text that a reader of the slide sees."""
    parts = [slide.title, slide.caption, *slide.items, *slide.against, slide.kicker, slide.stat]
    return [part for part in [*parts, slide.author, slide.role, slide.button] if part]


def numbers(*parts: str) -> set[str]:
    return {number for part in parts for number in re.findall(r"\d+", part)}


def numbers_of(brief: Brief) -> set[str]:
    return numbers(brief.prompt, brief.audience, brief.purpose, *brief.key_points, *brief.styles)
