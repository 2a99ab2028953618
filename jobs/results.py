"""A finished job's result: built once from the rows, answered with addresses signed afresh.

The row keeps the keys of files (`imageKey`); an address would have expired by the second reader.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from carousels import exporting, files
from carousels.composing import Composition
from carousels.models import Slide
from jobs.models import GenerationJob
from jobs.states import CallOutcome, CallPurpose

KEYS = {
    "imageKey": "imageUrl",
    "jpegKey": "jpegUrl",
    "thumbnailKey": "thumbnailUrl",
    "pdfKey": "pdfUrl",
}


def build(*, job: GenerationJob, composition: Composition, now: datetime) -> dict[str, Any]:
    """What a job that makes pictures has made."""
    finished = {slide.number: slide for slide in composition.slides}
    return _words(job) | {
        "slides": [
            _slide(slide)
            | {
                "isStandIn": slide.is_stand_in,
                "imageKey": finished[slide.number].image_key,
                "jpegKey": finished[slide.number].jpeg_key,
                "thumbnailKey": finished[slide.number].thumbnail_key,
            }
            for slide in job.carousel.slides.order_by("number")
        ],
        "metadata": _metadata(job=job, now=now),
        "captions": composition.captions,
        "pdfKey": composition.pdf_key,
    }


def build_words(*, job: GenerationJob, now: datetime) -> dict[str, Any]:
    """The words alone, which is all that a `content_strategy` job makes."""
    slides = job.carousel.slides.order_by("number")
    return _words(job) | {"slides": list(map(_slide, slides)), "metadata": _metadata(job=job, now=now)}


def answer(*, job: GenerationJob, request: HttpRequest) -> dict[str, Any] | None:
    """The result as the API gives it: every key of a file becomes an address that a plain <img> loads.

    `exportUrl` packs the carousel as it is now: after a render, as the render left it.
    """
    if job.result is None:
        return None
    answered = _signed(job.result, request) | {
        "slides": [_signed(slide, request) for slide in job.result["slides"]]
    }
    if job.carousel.is_finished:
        answered["exportUrl"] = exporting.address(carousel=job.carousel, request=request)
    return answered


def _words(job: GenerationJob) -> dict[str, Any]:
    carousel = job.carousel
    return {
        "finalCaption": carousel.final_caption,
        "hashtags": carousel.hashtags,
        "aspectRatio": carousel.aspect_ratio,
        "theme": carousel.theme,
        "palette": carousel.palette,
    }


def _slide(slide: Slide) -> dict[str, Any]:
    return {
        "slideNumber": slide.number,
        "kind": slide.kind,
        "title": slide.plain_title,
        "caption": slide.caption,
        "imagePrompt": slide.image_prompt,
        "altText": slide.alt_text,
    }


def _signed(value: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    return {
        KEYS.get(name, name): files.address(key=item, request=request) if name in KEYS else item
        for name, item in value.items()
    }


def _metadata(*, job: GenerationJob, now: datetime) -> dict[str, Any]:
    """`totalCost` is the sum of the known costs of all runs; `costComplete` says whether all are known."""
    calls = list(job.provider_calls.order_by("pk").values_list("model", "cost_usd", "outcome", "purpose"))
    known = [cost for _, cost, *_ in calls if cost is not None]
    makers = [
        model
        for model, _, outcome, purpose in calls
        if outcome == CallOutcome.OK and purpose != CallPurpose.MODERATION
    ]
    return {
        "processingTime": round((now - job.started_at).total_seconds(), 3),
        "aiModel": " + ".join(dict.fromkeys(makers)),
        "totalCost": float(sum(known, Decimal(0))),
        "costComplete": len(known) == len(calls),
    }
