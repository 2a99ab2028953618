"""A finished job's result: built once from the rows, answered with addresses signed afresh.

The row keeps the keys of files (`imageKey`); an address would have expired by the second reader.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import HttpRequest

from carousels import exporting, files
from carousels.composing import Composition
from jobs.models import GenerationJob

KEYS = {
    "imageKey": "imageUrl",
    "jpegKey": "jpegUrl",
    "thumbnailKey": "thumbnailUrl",
    "pdfKey": "pdfUrl",
}


def build(*, job: GenerationJob, composition: Composition, now: datetime) -> dict[str, Any]:
    written = {slide.number: slide for slide in job.carousel.slides.all()}
    return {
        "slides": [
            {
                "slideNumber": finished.number,
                "imageKey": finished.image_key,
                "jpegKey": finished.jpeg_key,
                "thumbnailKey": finished.thumbnail_key,
                "title": written[finished.number].plain_title,
                "caption": written[finished.number].caption,
                "imagePrompt": written[finished.number].image_prompt,
                "altText": written[finished.number].alt_text,
            }
            for finished in composition.slides
        ],
        "finalCaption": job.carousel.final_caption,
        "captions": composition.captions,
        "hashtags": job.carousel.hashtags,
        "pdfKey": composition.pdf_key,
        "aspectRatio": job.carousel.aspect_ratio,
        "theme": job.carousel.theme,
        "palette": job.carousel.palette,
        "metadata": _metadata(job=job, now=now),
    }


def answer(*, job: GenerationJob, request: HttpRequest) -> dict[str, Any] | None:
    """The result as the API gives it: every key of a file becomes an address that a plain <img> loads.

    `exportUrl` packs the carousel as it is now: after a render, as the render left it.
    """
    if job.result is None:
        return None
    return _signed(job.result, request) | {
        "slides": [_signed(slide, request) for slide in job.result["slides"]],
        "exportUrl": exporting.address(carousel=job.carousel, request=request),
    }


def _signed(value: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    return {
        KEYS.get(name, name): files.address(key=item, request=request) if name in KEYS else item
        for name, item in value.items()
    }


def _metadata(*, job: GenerationJob, now: datetime) -> dict[str, Any]:
    """`totalCost` is the sum of the known costs of all runs; `costComplete` says whether all are known."""
    calls = list(job.provider_calls.order_by("pk").values_list("model", "cost_usd"))
    known = [cost for _, cost in calls if cost is not None]
    return {
        "processingTime": round((now - job.started_at).total_seconds(), 3),
        "aiModel": " + ".join(dict.fromkeys(model for model, _ in calls)),
        "totalCost": float(sum(known, Decimal(0))),
        "costComplete": len(known) == len(calls),
    }
