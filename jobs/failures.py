"""Why a step gave nothing, in words that are safe for the creator."""

from typing import Any

from carousels.composing import PreflightFailed
from carousels.providers.base import ProviderError, Remedy
from jobs.models import JobStep

CONTENT_REJECTED, PREFLIGHT_FAILED = "CONTENT_REJECTED", "PREFLIGHT_FAILED"
INCOMPLETE_ANSWER = "INCOMPLETE_ANSWER"
COST_CEILING, DAILY_BUDGET = "COST_CEILING", "DAILY_BUDGET"
INTERNAL_ERROR, INVALID_PAYLOAD, WORKER_LOST = "INTERNAL_ERROR", "INVALID_PAYLOAD", "WORKER_LOST"

MESSAGES = {
    CONTENT_REJECTED: "This request was declined by the content policy. Please rephrase it.",
    PREFLIGHT_FAILED: "The finished slides did not pass our quality check.",
    COST_CEILING: "This would cost more than may be spent on one request.",
    DAILY_BUDGET: "What may be spent on AI services today is used up. Please try again tomorrow.",
    INTERNAL_ERROR: "Something went wrong on our side.",
    WORKER_LOST: "The work was interrupted.",
    "RATE_LIMITED": "The AI service is busy.",
    "TIMEOUT": "The AI service took too long to answer.",
    "PROVIDER_REFUSED": "The AI service is not set up correctly. Its operator has to look into it.",
    "QUOTA_EXHAUSTED": "The AI service has reached its limit for now.",
    "REQUEST_REFUSED": "The AI service could not work on this request.",
    "INVALID_ANSWER": "The AI service gave no usable answer.",
}
UNAVAILABLE = "The AI service could not be reached or gave no usable answer."


class Unfinished(Exception):
    """A step that gave nothing. `code` and `message` are shown to the creator.

    `is_ours`: the day's use is given back. `retry_after`: seconds a provider asked to wait.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool,
        retry_after: float | None = None,
        data: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(code)
        self.code, self.message, self.data = code, message, data or {}
        self.retryable, self.retry_after = retryable, retry_after
        self.is_ours = code not in (CONTENT_REJECTED, INVALID_PAYLOAD)


def crashed() -> Unfinished:
    return Unfinished(INTERNAL_ERROR, MESSAGES[INTERNAL_ERROR], retryable=True)


def worker_lost() -> Unfinished:
    return Unfinished(WORKER_LOST, MESSAGES[WORKER_LOST], retryable=True)


def of_provider(error: ProviderError, *, has_others: bool = False) -> Unfinished:
    """The provider's own text stays in the log: it may hold what no creator should read.

    The pause it asked for is kept in `jobs/breaker.py`; with others to ask, no step waits for it.
    """
    return Unfinished(
        error.code,
        MESSAGES.get(error.code, UNAVAILABLE),
        retryable=error.remedy != Remedy.GIVE_UP,
        retry_after=None if has_others else error.retry_after,
    )


def rejected() -> Unfinished:
    return Unfinished(CONTENT_REJECTED, MESSAGES[CONTENT_REJECTED], retryable=False)


def over_ceiling(of: str) -> Unfinished:
    """`of`: whose ceiling, the `job`'s or the `day`'s."""
    code = COST_CEILING if of == "job" else DAILY_BUDGET
    return Unfinished(code, MESSAGES[code], retryable=False)


def of_preflight(error: PreflightFailed) -> Unfinished:
    return Unfinished(
        PREFLIGHT_FAILED,
        MESSAGES[PREFLIGHT_FAILED],
        retryable=False,
        data={"faults": error.verdict["faults"]},
    )


def incomplete() -> Unfinished:
    """A model's answer without all the slides asked for; what is missing is never made up."""
    return Unfinished(INCOMPLETE_ANSWER, UNAVAILABLE, retryable=True)


def undrawable() -> Unfinished:
    """Words that make no carousel (a list without rows), or a picture that cannot be opened."""
    return Unfinished(INCOMPLETE_ANSWER, UNAVAILABLE, retryable=True)


def not_finished() -> Unfinished:
    """A row inserted past the API, on a carousel that has nothing to set anew."""
    return Unfinished(INVALID_PAYLOAD, "Only a finished carousel can be set anew.", retryable=False)


def no_such_slide() -> Unfinished:
    """Likewise: a picture is asked for where there is no slide."""
    return Unfinished(INVALID_PAYLOAD, "This carousel has no such slide.", retryable=False)


def invalid_payload(error: ValueError) -> Unfinished:
    return Unfinished(INVALID_PAYLOAD, str(error), retryable=False)


def exhausted(step: JobStep) -> Unfinished:
    code = step.error_code or WORKER_LOST
    return Unfinished(code, MESSAGES.get(code, UNAVAILABLE), retryable=False)
