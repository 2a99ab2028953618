"""CPU of a whole 5-slide carousel, with art and preflight, as a ratio to a floor of the same run.

The floor is what no engine can save: encoding the same finished pages as PNG. Rounds are interleaved,
theme by theme, and the median of the ratios is shown.
"""

import io
import statistics
import time
from collections.abc import Callable

from PIL import Image

from carousels.design import art, document, engine, preflight
from carousels.design.brand import Brand
from carousels.design.themes import THEMES

ROUNDS = 3
WORDS = document.Words(swipe="Swipe", follow="Follow", save="Save", share="Share")
TEXT = "Write down what the work costs you before you name a price, then add what it is worth."


def measure() -> None:
    print(f"{'theme':<10} {'CPU s':>7} {'floor s':>8} {'ratio':>6}   (5 slides, 4:5, median of {ROUNDS})")
    for theme in THEMES:
        rounds = [_round(theme, number) for number in range(ROUNDS)]
        total, floor = (statistics.median(column) for column in zip(*rounds, strict=True))
        ratio = statistics.median(total / floor for total, floor in rounds)
        print(f"{theme:<10} {total:>7.2f} {floor:>8.2f} {ratio:>6.1f}")


def _round(theme: str, number: int) -> tuple[float, float]:
    """CPU seconds of the carousel and of its floor; other words each time, so that no cache helps."""
    deck = _deck(theme, f"{number} ways to price what you make")
    pages = []
    total = _cpu(lambda: pages.extend(_compose(deck)))
    pictures = [Image.open(io.BytesIO(page.png)).convert("RGB") for page in pages]
    return total, _cpu(lambda: [picture.save(io.BytesIO(), "PNG", compress_level=1) for picture in pictures])


def _compose(deck: document.Document) -> list[engine.Page]:
    pages = [
        engine.compose_slide(
            deck,
            slide.number,
            art.paint(
                look=deck.look,
                seed_text=deck.title,
                number=slide.number,
                total=len(deck.slides),
                aspect_ratio=deck.aspect_ratio,
            ),
        )
        for slide in deck.slides
    ]
    pdf = engine.compose_pdf(deck, [page.background for page in pages])
    verdict = preflight.inspect(deck, pages, pdf)
    assert verdict.passed, verdict.faults
    return pages


def _deck(theme: str, title: str) -> document.Document:
    cover = document.Slide(number=1, kind="cover", title=title, caption=TEXT)
    points = [
        document.Slide(number=number, kind="point", index=number - 1, title=f"Part {number}", caption=TEXT)
        for number in (2, 3, 4)
    ]
    end = document.Slide(number=5, kind="cta", title="Which one first?", caption=TEXT, button="Follow")
    return document.Document(
        title=title,
        language="en",
        theme=theme,
        aspect_ratio="4:5",
        brand=Brand(name="Northlight", handle="@northlight.studio"),
        words=WORDS,
        slides=(cover, *points, end),
    )


def _cpu(work: Callable[[], object]) -> float:
    began = time.process_time()
    work()
    return time.process_time() - began
