"""Step bodies that do nothing: what is left of a job is the pipeline alone.

Installed in the bench's own processes only, where the product looks its providers and its composer up.
Every contestant has the same ones. BENCH_CALL makes a provider's call something: seconds to sleep, or a
server to ask (`slow_server.py`); BENCH_SLIDES is the size of a job.
"""

import os
import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bench.pipeline import slow_server
from carousels import composing, files
from carousels.authoring import FinishedSlide
from carousels.brief import Brief
from carousels.composing import Composition
from carousels.providers import chosen
from carousels.providers.base import Correction, ImageRequest, Picture, SlidePlan, Strategy, Usage

CALL = os.environ.get("BENCH_CALL", "")
SERVER = CALL if CALL.startswith("http") else ""
SECONDS = float(CALL or 0) if not SERVER else 0.0

SLIDES = int(os.environ.get("BENCH_SLIDES", "5"))
PAYLOAD = {"prompt": "5 pricing mistakes freelancers make", "imageCount": SLIDES, "aspectRatio": "4:5"}
COST = Decimal("0.01")
STRATEGY = Strategy(
    title=PAYLOAD["prompt"],
    slides=(),
    final_caption="That was it.",
    hashtags=("#pricing",),
    visual_theme="aurora",
    language="en",
)


class Noop:
    name, timeout, queue = "noop", 5.0, "ai"
    max_retries, concurrency = 1, None

    def expected_cost(self, _) -> Decimal:
        return COST


class Text(Noop):
    model = "noop-text"

    def write_strategy(
        self, brief: Brief, *, end_user: str = "", correction: Correction | None = None
    ) -> tuple[Strategy, Usage]:
        if SECONDS:
            time.sleep(SECONDS)
        slides = tuple(plan(number) for number in range(1, brief.image_count + 1))
        return replace(STRATEGY, title=brief.prompt, slides=slides), Usage(self.name, self.model, COST)


class Image(Noop):
    model = "noop-image"

    def paint(self, request: ImageRequest, *, end_user: str = "") -> tuple[Picture, Usage]:
        if SERVER:
            slow_server.ask(SERVER, f"{request.seed_text}/{request.number}")
        elif SECONDS:
            time.sleep(SECONDS)
        return Picture(data=b"", media_type="image/jpeg"), Usage(self.name, self.model, COST)


TEXT, IMAGE = Text(), Image()


def install(put: Callable[[Any, str, Any], None] = setattr) -> None:
    """Into this process, by `put`: a test takes them out again."""
    put(chosen, "texts", lambda *_: (TEXT,))
    put(chosen, "images", lambda *_: (IMAGE,))
    put(composing, "proofread", lambda *, strategy, **_: (strategy, []))
    put(composing, "make_preview", lambda *_, **__: b"")
    put(composing, "compose", compose)
    put(files, "store", store)


def plan(number: int) -> SlidePlan:
    return SlidePlan(
        number=number,
        kind="point",
        title=f"Mistake {number}",
        caption=f"Why mistake {number} costs you clients",
        image_prompt=f"A picture of mistake {number}",
        alt_text=f"Mistake {number}",
    )


def store(*, carousel_id: Any, name: str, data: bytes) -> str:
    return f"carousels/{carousel_id}/{name}"


def compose(*, carousel: Any, slides: Any) -> Composition:
    finished = tuple(
        FinishedSlide(
            number=slide.number,
            image_key=store(carousel_id=carousel.pk, name=f"{slide.number}.png", data=b""),
            jpeg_key=store(carousel_id=carousel.pk, name=f"{slide.number}.jpg", data=b""),
            thumbnail_key=store(carousel_id=carousel.pk, name=f"{slide.number}-small.jpg", data=b""),
        )
        for slide in slides
    )
    return Composition(
        slides=finished,
        pdf_key=store(carousel_id=carousel.pk, name="carousel.pdf", data=b""),
        verdict={"passed": True, "faults": []},
    )
