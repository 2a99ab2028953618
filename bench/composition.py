"""CPU of a whole 5-slide carousel, as a ratio to a floor of the same run, and where it goes.

The floor is what no engine can save: encoding the same finished pages as PNG, with Pillow's fastest
level. Rounds are interleaved, theme by theme, and medians are shown.
"""

import io
import statistics
from collections.abc import Callable

from PIL import Image

from bench.stages import Stages, cpu
from carousels.design import art, document, engine, preflight
from carousels.design.brand import Brand
from carousels.design.themes import THEMES
from gallery import photographs

ROUNDS = 3
WORDS = document.Words(swipe="Swipe", follow="Follow", save="Save", share="Share")
TEXT = "Write down what the work costs you before you name a price, then add what it is worth."
Deck = document.Document


def measure() -> None:
    """Print three ways to make the carousel: over seeded art, over photographs, and set anew in 9:16."""
    photos = list(photographs.make().values())
    print(f"{'CPU s, 5 slides':<16} {'art':>6} {'photos':>7} {'9:16':>6} {'floor':>6} {'art/floor':>10}")
    stages = Stages()
    for theme in THEMES:
        rounds = [_round(theme, number, photos, stages) for number in range(ROUNDS)]
        drawn, photo, anew, floor = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(f"{theme:<16} {drawn:>6.2f} {photo:>7.2f} {anew:>6.2f} {floor:>6.2f} {drawn / floor:>10.1f}")
    print(stages.as_table(carousels=ROUNDS * len(THEMES)))


def _round(theme: str, number: int, photos: list[bytes], stages: Stages) -> tuple[float, ...]:
    """CPU seconds of each way, and of the floor; other words each time, so that no cache helps."""
    deck = _deck(theme, f"{number} ways to price what you make", "4:5")
    pages: list[engine.Page] = []
    with stages.timed():
        drawn = cpu(lambda: pages.extend(_compose(deck, lambda slide: _paint(deck, slide), is_photo=False)))
    photo = cpu(lambda: _compose(deck, lambda slide: photos[slide - 1], is_photo=True))
    tall = _deck(theme, deck.title, "9:16")
    anew = cpu(lambda: _compose(tall, lambda slide: _paint(tall, slide), is_photo=False))
    pictures = [Image.open(io.BytesIO(page.png)).convert("RGB") for page in pages]
    floor = cpu(lambda: [picture.save(io.BytesIO(), "PNG", compress_level=1) for picture in pictures])
    return drawn, photo, anew, floor


def _compose(deck: Deck, art_of: Callable[[int], bytes], *, is_photo: bool) -> list[engine.Page]:
    pages = [
        engine.compose_slide(deck, slide.number, art_of(slide.number), is_photo=is_photo)
        for slide in deck.slides
    ]
    panels = [page.figures.panel for page in pages]
    pdf = engine.compose_pdf(deck, [page.background for page in pages], panels=panels)
    verdict = preflight.inspect(deck, pages, pdf)
    assert verdict.passed, verdict.faults
    return pages


def _paint(deck: Deck, number: int) -> bytes:
    return art.paint(
        look=deck.look,
        seed_text=deck.title,
        number=number,
        total=len(deck.slides),
        aspect_ratio=deck.aspect_ratio,
    )


def _deck(theme: str, title: str, ratio: str) -> Deck:
    cover = document.Slide(number=1, kind="cover", title=title, caption=TEXT)
    points = [
        document.Slide(number=number, kind="point", index=number - 1, title=f"Part {number}", caption=TEXT)
        for number in (2, 3, 4)
    ]
    end = document.Slide(number=5, kind="cta", title="Which one first?", caption=TEXT, button="Follow")
    return Deck(
        title=title,
        language="en",
        theme=theme,
        aspect_ratio=ratio,
        brand=Brand(name="Northlight", handle="@northlight.studio"),
        words=WORDS,
        slides=(cover, *points, end),
    )
