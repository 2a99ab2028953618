"""One call to Gemini: the client, and the tables of what its failures mean.

A block is no failure of HTTP: it comes as an answer without a candidate, or with a reason to end. The
SDK's exceptions end here: their messages quote what was sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from carousels.providers import accounts, clients, meanings
from carousels.providers.accounts import dig, rows
from carousels.providers.base import ProviderError, Usage
from carousels.providers.configuration import Gemini
from carousels.providers.prices import Tokens

VENDOR, PRICING = "gemini", "google"
CHECK_TIMEOUT = 10.0  # seconds
API_VERSION = "v1beta"  # v1, the SDK's default, lacks system texts, schemas and pictures

# A reason in the error's details, else its status, else the HTTP status.
FAILURES: dict[str | int, meanings.Meaning] = {
    "API_KEY_INVALID": meanings.REFUSED,  # 400: a wrong key looks like a wrong argument
    "API_KEY_EXPIRED": meanings.REFUSED,  # 400, likewise
    "API_KEY_SERVICE_BLOCKED": meanings.REFUSED,  # 403: the key is for other services
    "SERVICE_DISABLED": meanings.REFUSED,  # 403: the API is off in this project
    "BILLING_DISABLED": meanings.EXHAUSTED,  # 403
    "FAILED_PRECONDITION": meanings.REFUSED,  # 400: not offered in this country without billing
    "UNAUTHENTICATED": meanings.REFUSED,  # 401
    "PERMISSION_DENIED": meanings.REFUSED,  # 403
    "NOT_FOUND": meanings.REFUSED,  # 404: no such model
    "INVALID_ARGUMENT": meanings.BAD_REQUEST,  # 400
    "OUT_OF_RANGE": meanings.BAD_REQUEST,  # 400
    "PerDay": meanings.EXHAUSTED,  # 429, in the name of the quota: the pause it asks for would not help
    "RESOURCE_EXHAUSTED": meanings.RATE_LIMITED,  # 429
    "INTERNAL": meanings.UNAVAILABLE,  # 500
    "UNAVAILABLE": meanings.UNAVAILABLE,  # 503
    "DEADLINE_EXCEEDED": meanings.UNAVAILABLE,  # 504: theirs, not ours
    "CANCELLED": meanings.UNAVAILABLE,  # 499
    "ABORTED": meanings.UNAVAILABLE,  # 409
    301: meanings.REFUSED,  # no redirect is followed: the address is not the API's
    302: meanings.REFUSED,
    303: meanings.REFUSED,
    307: meanings.REFUSED,
    308: meanings.REFUSED,
    400: meanings.BAD_REQUEST,
    401: meanings.REFUSED,
    402: meanings.EXHAUSTED,
    403: meanings.REFUSED,
    404: meanings.REFUSED,
    405: meanings.REFUSED,
    408: meanings.UNAVAILABLE,
    409: meanings.UNAVAILABLE,
    413: meanings.BAD_REQUEST,
    429: meanings.RATE_LIMITED,
    499: meanings.UNAVAILABLE,
    500: meanings.UNAVAILABLE,
    502: meanings.UNAVAILABLE,
    503: meanings.UNAVAILABLE,
    504: meanings.UNAVAILABLE,
}

# Why a candidate ended, where it was not the end of what it had to say.
MAX_TOKENS = "MAX_TOKENS"
ENDINGS: dict[str, meanings.Meaning] = {
    "SAFETY": meanings.REJECTED,
    "PROHIBITED_CONTENT": meanings.REJECTED,
    "BLOCKLIST": meanings.REJECTED,
    "SPII": meanings.REJECTED,  # somebody's personal data
    "RECITATION": meanings.REJECTED,  # too close to what somebody wrote
    "LANGUAGE": meanings.REJECTED,  # one it does not speak
    "MODEL_ARMOR": meanings.REJECTED,
    "IMAGE_SAFETY": meanings.REJECTED,
    "IMAGE_PROHIBITED_CONTENT": meanings.REJECTED,
    "IMAGE_RECITATION": meanings.REJECTED,
    "NO_IMAGE": meanings.UNUSABLE,  # it answered in words instead
    "IMAGE_OTHER": meanings.UNUSABLE,
    "OTHER": meanings.UNUSABLE,
    "MALFORMED_FUNCTION_CALL": meanings.UNUSABLE,
    "UNEXPECTED_TOOL_CALL": meanings.UNUSABLE,
}


@dataclass(frozen=True)
class Answer:
    """`parts` of the first candidate, thoughts left out; `is_cut_off` at its limit."""

    parts: list[Mapping[str, Any]]
    is_cut_off: bool
    usage: Usage


def generate(vendor: Gemini, *, model: str, timeout: float, prompt: str, config: dict[str, Any]) -> Answer:
    """One call; any failure as a ProviderError, a block too."""
    body = _call(
        vendor,
        timeout,
        lambda client: client.models.generate_content(model=model, contents=prompt, config=config),
    )
    usage = _make_usage(model, body)
    if dig(body, "prompt_feedback", "block_reason"):
        raise meanings.fail(meanings.REJECTED, vendor=VENDOR, detail="the prompt", usage=usage)
    candidate = dig(body, "candidates", 0)
    if candidate is None:
        raise meanings.fail(meanings.UNUSABLE, vendor=VENDOR, detail="empty", usage=usage)
    ending = _name(dig(candidate, "finish_reason"))
    if ending in ENDINGS:
        raise meanings.fail(ENDINGS[ending], vendor=VENDOR, detail=ending, usage=usage)
    parts = [part for part in rows(candidate, "content", "parts") if not dig(part, "thought")]
    return Answer(parts, ending == MAX_TOKENS, usage)


def require_model(vendor: Gemini, model: str) -> None:
    """Whether our key is taken and the model offered."""
    _call(vendor, CHECK_TIMEOUT, lambda client: client.models.get(model=model))


def _call(vendor: Gemini, timeout: float, ask: Callable[[Any], Any]) -> Any:
    # The SDK takes half a second and 45 MiB: it has to stay out of the web process.
    import httpx2
    from google.genai import errors

    failure = None
    try:
        # Held by a name while it works: a client that nobody holds closes itself.
        client = clients.shared(_make_client, vendor.api_key, vendor.base_url, timeout)
        return ask(client).model_dump(exclude_none=True, warnings=False)
    except httpx2.TransportError as error:
        failure = _of_connection(error)
    except errors.APIError as error:
        failure = _of_status(error)
    except (ValueError, TypeError, AttributeError, LookupError):  # 200 with what is no answer of this API
        failure = meanings.fail(meanings.UNUSABLE, vendor=VENDOR, detail="not of this protocol")
    raise failure  # here, so that the SDK's exception does not hang on it as its context


def _make_client(api_key: str, base_url: str, timeout: float):
    # Out of the web process, likewise.
    from google import genai

    from carousels.providers.http import make_client

    return genai.Client(
        enterprise=False,  # else an environment variable sends every call to another service
        api_key=api_key,
        http_options={
            "base_url": base_url,
            "api_version": API_VERSION,
            "timeout": round(timeout * 1000),
            "httpx_client": make_client(timeout),
        },
    )


def _of_connection(error: Exception) -> ProviderError:
    """Whether the request can have arrived makes the difference: then it may have been billed."""
    name = type(error).__name__
    if name in ("ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol"):
        return meanings.fail(meanings.UNREACHABLE, vendor=VENDOR, detail=name)
    is_late = name in ("ReadTimeout", "WriteTimeout")
    return meanings.fail(meanings.TIMEOUT if is_late else meanings.CUT_OFF, vendor=VENDOR, detail=name)


def _of_status(error: Any) -> ProviderError:
    details = rows(error.details, "error", "details")
    reasons = [accounts.text(detail, "reason") for detail in details]
    quotas = [accounts.text(quota, "quotaId") for detail in details for quota in rows(detail, "violations")]
    daily = ["PerDay"] if any("PerDay" in quota for quota in quotas) else []
    status = error.status if isinstance(error.status, str) else ""
    named = next((name for name in (*daily, *reasons, status) if name in FAILURES), None)
    delays = (meanings.read_duration(dig(detail, "retryDelay")) for detail in details)
    told = next((delay for delay in delays if delay is not None), None)
    headers = getattr(error.response, "headers", None) or {}
    return meanings.fail(
        meanings.look_up(FAILURES, status=error.code, code=named),
        vendor=VENDOR,
        detail=f"{error.code} {named}" if named else str(error.code),
        retry_after=told if told is not None else meanings.read_retry_after(headers),
    )


def _make_usage(model: str, body: Any) -> Usage:
    account = dig(body, "usage_metadata")
    by_modality = rows(account, "candidates_tokens_details")
    painted = [dig(row, "token_count") for row in by_modality if _name(dig(row, "modality")) == "IMAGE"]
    tokens = Tokens(
        input=accounts.count(dig(account, "prompt_token_count"))
        + accounts.count(dig(account, "tool_use_prompt_token_count")),
        output=accounts.count(dig(account, "candidates_token_count"))
        + accounts.count(dig(account, "thoughts_token_count")),
        cached=accounts.count(dig(account, "cached_content_token_count")),
        image_output=sum(map(accounts.count, painted)),
    )
    return accounts.make_usage(
        VENDOR,
        model,
        account=account,
        tokens=tokens,
        answered_by=accounts.text(body, "model_version"),
        request_id=accounts.text(body, "response_id"),
        pricing=PRICING,
    )


def _name(member: Any) -> str:
    """An enum's name as the wire has it."""
    return str(getattr(member, "value", member) or "")
