"""What the jobs' views answer: rows in, JSON-ready values out, addresses signed on the way."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from accounts.models import User
from billing.models import LedgerEntry
from carousels import exporting, files
from carousels.models import Carousel, CarouselStatus, Slide
from jobs import news, results, tickets
from jobs.models import GenerationJob
from jobs.queue import Submission
from jobs.quotes import Quote
from jobs.receipts import Run
from jobs.serializers import error_of, job_summary, progress_of
from rest.envelope import moment


def submission(entered: Submission) -> dict[str, Any]:
    return {
        "carouselId": str(entered.job.carousel_id),
        "jobId": str(entered.job.pk),
        "estimatedTime": entered.estimated_seconds,
        "remainingCredits": entered.remaining_credits,
    }


def quote(quoted: Quote) -> dict[str, Any]:
    low_and_high = quoted.cost_usd and [float(cost) for cost in quoted.cost_usd]
    return {
        "jobType": quoted.job_type,
        "credits": quoted.credits,
        "seconds": {"p50": quoted.seconds, "p95": quoted.slow_seconds},
        "providerCostUsd": low_and_high and dict(zip(("low", "high"), low_and_high, strict=True)),
    }


def receipt(*, job: GenerationJob, runs: Sequence[Run]) -> dict[str, Any]:
    charged, refunded = sum(run.charged for run in runs), sum(run.refunded for run in runs)
    return {
        "jobId": str(job.pk),
        "carouselId": str(job.carousel_id),
        "jobType": job.job_type,
        "runs": [_run(run) for run in runs],
        "total": {"charged": charged, "refunded": refunded, "net": charged - refunded},
    }


def status(*, job: GenerationJob, request: HttpRequest) -> dict[str, Any]:
    return {
        "id": str(job.pk),
        "carouselId": str(job.carousel_id),
        "status": job.status,
        "progress": progress_of(job),
        "createdAt": moment(job.created_at),
        "estimatedCompletion": moment(job.carousel.estimated_completion_time),
        "result": results.answer(job=job, request=request),
        "error": error_of(job),
        "eventsUrl": _events_address(job, request),
    }


def carousel(*, user: User, carousel_id: str, request: HttpRequest) -> dict[str, Any]:
    found = exporting.get_of(user=user, carousel_id=carousel_id)
    job = found.jobs.order_by("-created_at").select_related("carousel").first()
    is_ready = found.is_finished
    return {
        "id": str(found.pk),
        "prompt": found.prompt,
        "imageCount": found.image_count,
        "aspectRatio": found.aspect_ratio,
        "status": found.status,
        "progress": {"percent": found.progress_percent, "message": found.progress_message},
        "estimatedCompletion": moment(found.estimated_completion_time),
        "title": found.title,
        "language": found.language,
        "theme": found.theme,
        "palette": found.palette,
        "brand": {
            key: found.brand[key] for key in ("name", "handle", "colors", "fonts") if key in found.brand
        },
        **_words(found, request),
        "pdfUrl": _address(found.pdf_key, is_ready, request),
        "exportUrl": exporting.address(carousel=found, request=request) if is_ready else None,
        "metadata": found.generation_metadata,
        "error": found.error_message,
        "createdAt": moment(found.created_at),
        "job": job_summary(job) if job else None,
    }


def events(*, job: GenerationJob, after: int, request: HttpRequest) -> list[dict[str, Any]]:
    rows = job.events.filter(sequence__gt=after).order_by("sequence")
    return [event(news.as_json(row), request) for row in rows]


def event(told: dict[str, Any], request: HttpRequest) -> dict[str, Any]:
    """An event as `news.as_json` tells it, with a signed address in place of its preview's key."""
    data = dict(told["data"])
    key = data.pop("previewKey", None)
    if key is not None:
        data["previewUrl"] = files.address(key=key, request=request)
    return told | {"data": data}


def _run(run: Run) -> dict[str, Any]:
    return {
        "run": run.number,
        "requestId": run.request_id,
        "status": run.status,
        "outcome": run.outcome,
        "requestedAt": moment(run.requested_at),
        "endedAt": moment(run.ended_at),
        "models": run.models,
        "charge": _entry(run.charge),
        "refund": _entry(run.refund),
        "net": run.charged - run.refunded,
    }


def _entry(entry: LedgerEntry | None) -> dict[str, Any] | None:
    """Signed, so that the opening balance and the credits make the closing one; one below zero is owed."""
    if entry is None:
        return None
    closing = entry.balance_after - entry.debt_after
    return {
        "id": entry.pk,
        "credits": entry.amount,
        "openingBalance": closing - entry.amount,
        "closingBalance": closing,
        "at": moment(entry.created_at),
    }


def _events_address(job: GenerationJob, request: HttpRequest) -> str:
    path = reverse("job-events", args=[job.pk])
    return f"{request.build_absolute_uri(path)}?ticket={tickets.issue(job.pk)}"


def _words(carousel: Carousel, request: HttpRequest) -> dict[str, Any]:
    """Shown, like files, only when the run that wrote them has completed: a cancel pays them back."""
    if carousel.status != CarouselStatus.COMPLETED:
        return {"finalCaption": None, "hashtags": [], "slides": []}
    slides = carousel.slides.order_by("number")
    return {
        "finalCaption": carousel.final_caption,
        "hashtags": carousel.hashtags,
        "slides": [_slide(slide, carousel.is_finished, request) for slide in slides],
    }


def _slide(slide: Slide, is_ready: bool, request: HttpRequest) -> dict[str, Any]:
    return {
        "slideNumber": slide.number,
        "kind": slide.kind,
        "title": slide.plain_title,
        "caption": slide.caption,
        **slide.content,
        "altText": slide.alt_text,
        "imagePrompt": slide.image_prompt,
        "isStandIn": slide.is_stand_in,
        "imageUrl": _address(slide.image_key, is_ready, request),
        "jpegUrl": _address(slide.jpeg_key, is_ready, request),
        "thumbnailUrl": _address(slide.thumbnail_key, is_ready, request),
    }


def _address(key: str, is_ready: bool, request: HttpRequest) -> str | None:
    """Files are shown only when the run that made them has completed: a cancel must not leave free ones."""
    return files.address(key=key, request=request) if key and is_ready else None
