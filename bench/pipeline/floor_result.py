"""What the floor writes into a finished job beside plain columns: its files' keys and its result."""

from typing import Any

from bench.pipeline import noop

NUMBERS = range(1, noop.SLIDES + 1)
SUFFIXES = {"image": ".png", "jpeg": ".jpg", "thumbnail": "-small.jpg"}


def keys_of(carousel: Any) -> dict[str, list[str]]:
    """By kind of file, slide after slide."""
    return {
        kind: [noop.store(carousel_id=carousel, name=f"{number}{suffix}", data=b"") for number in NUMBERS]
        for kind, suffix in SUFFIXES.items()
    }


def made(*, seconds: float) -> dict[str, Any]:
    """By which models, in which time, for how much."""
    return {
        "processingTime": round(seconds, 3),
        "aiModel": f"{noop.TEXT.model} + {noop.IMAGE.model}",
        "totalCost": float(noop.COST * (noop.SLIDES + 1)),
        "costComplete": True,
    }


def build(carousel: Any, *, keys: dict[str, list[str]], made: dict[str, Any]) -> dict[str, Any]:
    return {
        "slides": [_slide(number, keys) for number in NUMBERS],
        "finalCaption": noop.STRATEGY.final_caption,
        "captions": {},
        "hashtags": list(noop.STRATEGY.hashtags),
        "pdfKey": noop.store(carousel_id=carousel, name="carousel.pdf", data=b""),
        "aspectRatio": noop.PAYLOAD["aspectRatio"],
        "theme": noop.STRATEGY.visual_theme,
        "palette": "",
        "metadata": made,
    }


def _slide(number: int, keys: dict[str, list[str]]) -> dict[str, Any]:
    plan = noop.plan(number)
    return {
        "slideNumber": number,
        "kind": plan.kind,
        "imageKey": keys["image"][number - 1],
        "jpegKey": keys["jpeg"][number - 1],
        "thumbnailKey": keys["thumbnail"][number - 1],
        "title": plan.title,
        "caption": plan.caption,
        "imagePrompt": plan.image_prompt,
        "altText": plan.alt_text,
        "isStandIn": False,
    }
