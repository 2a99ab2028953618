"""The engines to compare: each takes a slide's words and its art and gives a PNG of 1080 x 1350 px."""

import io
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection

import psutil
from PIL import Image

from bench.render import by_hand, page
from carousels.design import art, engine
from carousels.design.brand import Brand
from carousels.design.document import Document, Slide, Words

THEME, SEED = "topo", "What one slide costs"
TEXT = "Write down what the work costs you before you name a price, then add what it is worth."

Draw = Callable[[Document, bytes], bytes]


@dataclass(frozen=True)
class Cost:
    """Of one slide, with whatever processes the engine keeps beside its own."""

    cpu_ms: float
    memory_mb: float
    png_kb: float


def ours(document: Document, picture: bytes) -> bytes:
    return engine.compose_slide(document, 2, picture).png


def floor(document: Document, picture: bytes) -> bytes:
    """Only what no engine can save: opening the art and packing a PNG, here at Pillow's fastest level."""
    encoded = io.BytesIO()
    Image.open(io.BytesIO(picture)).save(encoded, "PNG", compress_level=1)
    return encoded.getvalue()


ENGINES: dict[str, Callable[[], Draw]] = {
    "ours": lambda: ours,
    "chromium": page.open_browser,
    "pillow": lambda: by_hand.draw,
    "png floor": lambda: floor,
}


def serve(name: str, pipe: Connection) -> None:
    """Draw slide after slide for whoever asks through the pipe; None ends it."""
    draw = ENGINES[name]()
    while (number := pipe.recv()) is not None:
        document = _deck(number)
        picture = art.paint(look=document.look, seed_text=SEED, number=2, total=3, aspect_ratio="4:5")
        before = _cpu()
        png = draw(document, picture)
        spent = _cpu() - before
        assert Image.open(io.BytesIO(png)).size == document.size
        pipe.send(Cost(spent * 1000, _memory() / 1e6, len(png) / 1e3))
    if name == "chromium":
        page.close_browser()


def _deck(number: int) -> Document:
    slides = (
        Slide(number=1, kind="cover", title=SEED),
        Slide(
            number=2, kind="point", index=number, title=f"Name the price for *part {number}*", caption=TEXT
        ),
        Slide(number=3, kind="cta", title="Which one?"),
    )
    brand = Brand(name="Northlight", handle="@northlight.studio")
    return Document(SEED, "en", THEME, "4:5", Words(swipe="Swipe"), slides, brand=brand)


def _family() -> list[psutil.Process]:
    here = psutil.Process()
    return [here, *here.children(recursive=True)]


def _cpu() -> float:
    """Seconds of this process (to the microsecond) and of its children."""
    children = (child.cpu_times() for child in _family()[1:])
    return time.process_time() + sum(spent.user + spent.system for spent in children)


def _memory() -> int:
    """Bytes in use; what processes share is counted once."""
    return sum(process.memory_full_info().pss for process in _family())
