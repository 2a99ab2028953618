"""What a failed call means, whoever answered: the few things that can be wrong, and what may help.

Each vendor has one table from its own codes and HTTP statuses to these. No vendor's text passes here:
it may quote a key, and a creator's words.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from carousels.providers.base import ProviderError, Remedy, Usage

PAUSE_MOST = 3_600.0  # seconds


@dataclass(frozen=True)
class Meaning:
    """`code` goes to the creator, `message` to the operator's log."""

    code: str
    remedy: Remedy
    message: str
    is_cut_off: bool = False


RATE_LIMITED = Meaning("RATE_LIMITED", Remedy.RETRY_LATER, "asks for a pause")
UNAVAILABLE = Meaning("PROVIDER_UNAVAILABLE", Remedy.RETRY_NOW, "is in trouble of its own")
UNREACHABLE = Meaning("PROVIDER_UNAVAILABLE", Remedy.RETRY_NOW, "could not be reached")
CUT_OFF = Meaning("PROVIDER_UNAVAILABLE", Remedy.RETRY_NOW, "broke the connection off", is_cut_off=True)
TIMEOUT = Meaning("TIMEOUT", Remedy.RETRY_NOW, "did not answer in time", is_cut_off=True)
REFUSED = Meaning("PROVIDER_REFUSED", Remedy.ELSEWHERE, "accepts neither our key nor the model's name")
EXHAUSTED = Meaning("QUOTA_EXHAUSTED", Remedy.ELSEWHERE, "has no money or quota left for us")
BAD_REQUEST = Meaning("REQUEST_REFUSED", Remedy.ELSEWHERE, "does not understand what we ask")
REJECTED = Meaning("CONTENT_REJECTED", Remedy.GIVE_UP, "declined the content")
UNUSABLE = Meaning("INVALID_ANSWER", Remedy.RETRY_NOW, "sent an answer of no use")


def fail(
    meaning: Meaning,
    *,
    vendor: str,
    detail: str = "",
    retry_after: float | None = None,
    usage: Usage | None = None,
) -> ProviderError:
    """The error to raise; `detail` is ours, never the vendor's."""
    if meaning in (RATE_LIMITED, UNAVAILABLE) and (retry_after or 0) > PAUSE_MOST:
        meaning, retry_after = EXHAUSTED, None  # tomorrow, or never: nobody waits for that
    is_told_to_wait = meaning is UNAVAILABLE and retry_after is not None
    return ProviderError(
        meaning.code,
        f"{vendor} {meaning.message}{f' ({detail})' if detail else ''}",
        remedy=Remedy.RETRY_LATER if is_told_to_wait else meaning.remedy,
        retry_after=retry_after,
        usage=usage,
        is_cut_off=meaning.is_cut_off,
    )


def look_up(table: Mapping[str | int, Meaning], *, status: int, code: str | None = None) -> Meaning:
    """A vendor's own code says more than the HTTP status; a status that is not listed, by its class."""
    if code in table:
        return table[code]
    if status in table:
        return table[status]
    return UNAVAILABLE if status >= 500 else BAD_REQUEST


def read_retry_after(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """Seconds that the headers ask to wait: `retry-after-ms`, or `retry-after` in seconds or as a date."""
    if (milliseconds := _number(headers.get("retry-after-ms"))) is not None:
        return milliseconds / 1000
    value = headers.get("retry-after")
    if value is None or (seconds := _number(value)) is not None:
        return seconds if value is not None else None
    try:
        due = parsedate_to_datetime(value)
    except (ValueError, OverflowError):  # no date, or a year that is none
        return None
    due = due.replace(tzinfo=due.tzinfo or UTC)
    return max(0.0, (due - (now or datetime.now(UTC))).total_seconds())


def read_duration(text: object) -> float | None:
    """Google's way of writing seconds: "7s", "0.5s"."""
    return _number(text.removesuffix("s")) if isinstance(text, str) else None


def _number(text: str | None) -> float | None:
    return float(text) if text and re.fullmatch(r"\d{1,9}(?:\.\d{1,9})?", text.strip()) else None
