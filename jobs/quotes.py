"""What a job would cost and how long it would take, said before anything is spent. Reads only."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from accounts.models import User
from carousels.brief import Brief
from carousels.design.themes import THEMES
from carousels.providers import chosen
from carousels.providers.base import ImageRequest
from jobs import estimates, prices, routing
from jobs.prices import PriceList
from jobs.standing import standing_of
from jobs.states import JobType, StepKind

FREE = (Decimal(0), Decimal(0))


@dataclass(frozen=True)
class Quote:
    """`slow_seconds`: what one in twenty takes, None without history; `cost_usd`: the cheapest and the
    dearest of the configured providers, None when a price among them is unknown."""

    job_type: JobType
    credits: int
    seconds: int
    slow_seconds: int | None
    cost_usd: tuple[Decimal, Decimal] | None


def make(*, user: User, job_type: JobType, payload: Mapping[str, Any]) -> Quote:
    brief = Brief.from_payload(payload)
    standing = standing_of(user_id=user.pk)
    seconds, slow = estimates.spread_until_done(
        standing=standing, job_type=job_type, slides=brief.image_count
    )
    is_rehearsal = bool(payload.get("script") or settings.OFFLINE_SCRIPT)
    return Quote(
        job_type=job_type,
        credits=prices.credits_for(job_type, payload, PriceList.configured()),
        seconds=seconds,
        slow_seconds=slow,
        cost_usd=FREE if is_rehearsal else _cost(job_type, brief),
    )


def _cost(job_type: JobType, brief: Brief) -> tuple[Decimal, Decimal] | None:
    """What the job's calls will probably cost, one for each step: retries come on top."""
    steps = estimates.steps_of(job_type, slides=brief.image_count)
    texts = _band((each.expected_cost(brief) for each in chosen.texts()), steps[StepKind.STRATEGY])
    request = _picture_of(brief)
    images = _band((each.expected_cost(request) for each in chosen.images()), steps[StepKind.SLIDE])
    return (texts[0] + images[0], texts[1] + images[1]) if texts and images else None


def _band(costs: Iterable[Decimal | None], calls: int) -> tuple[Decimal, Decimal] | None:
    if not calls:
        return FREE
    known = list(costs)
    return None if None in known else (min(known) * calls, max(known) * calls)


def _picture_of(brief: Brief) -> ImageRequest:
    """A slide's picture, as far as it is known before the words are; one theme costs what another does."""
    return ImageRequest(
        prompt=brief.prompt,
        style=", ".join(brief.styles),
        theme=next(iter(THEMES)),
        aspect_ratio=brief.aspect_ratio,
        seed_text="",
        number=1,
        total=brief.image_count,
        quality=routing.policy().quality,
    )
