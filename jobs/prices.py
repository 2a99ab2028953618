"""What a job costs its creator, in credits: one pure function of what is asked for and a price list."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from carousels.brief import Brief, InvalidBrief
from jobs.states import JobType

FREE = frozenset({JobType.RENDER})  # bounded by the hour instead (`jobs/rates.py`)


class PriceAboveMax(Exception):
    """The job costs more than its caller allows."""

    def __init__(self, *, credits: int, most: int) -> None:
        super().__init__(f"This costs {credits} credits, and you allow {most}")
        self.credits, self.most = credits, most


@dataclass(frozen=True)
class PriceList:
    """Credits. What costs anything counts in the daily limit, so only `slide` may be 0 (a system check)."""

    carousel: int = 1
    slide: int = 0  # besides, for each slide of a carousel
    image: int = 1
    strategy: int = 1

    @classmethod
    def configured(cls) -> "PriceList":
        return cls(
            carousel=settings.CREDITS_PER_CAROUSEL,
            slide=settings.CREDITS_PER_SLIDE,
            image=settings.CREDITS_PER_IMAGE,
            strategy=settings.CREDITS_PER_STRATEGY,
        )


def credits_for(job_type: str, payload: Mapping[str, Any], prices: PriceList) -> int:
    match JobType(job_type):
        case JobType.CAROUSEL:
            return prices.carousel + prices.slide * _slides(payload)
        case JobType.IMAGE:
            return prices.image
        case JobType.STRATEGY:
            return prices.strategy
        case JobType.RENDER:
            return 0


def agreed(job_type: str, payload: Mapping[str, Any], *, most: int | None) -> int:
    """Today's price, unless it is above `most`: then PriceAboveMax."""
    credits = credits_for(job_type, payload, PriceList.configured())
    if most is not None and credits > most:
        raise PriceAboveMax(credits=credits, most=most)
    return credits


def counts_for_day(job_type: str) -> bool:
    return JobType(job_type) not in FREE


def _slides(payload: Mapping[str, Any]) -> int:
    try:
        return Brief.from_payload(payload).image_count
    except InvalidBrief:
        return 0  # a row inserted past the API: its run fails, and is paid back
