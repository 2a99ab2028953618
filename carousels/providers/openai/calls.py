"""One call to OpenAI or a compatible server: the client, and the table of what its failures mean.

The SDK's exceptions end here: they cannot be pickled, and their messages quote keys and prompts.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from carousels.providers import accounts, clients, meanings
from carousels.providers.accounts import dig, rows
from carousels.providers.base import ProviderError, Usage
from carousels.providers.configuration import OpenAI
from carousels.providers.prices import Tokens

VENDOR = "openai"
CHECK_TIMEOUT = 10.0  # seconds

# Their error code, where it says more than the status; else the HTTP status. Any other 4xx is a request
# that is not understood, any other 5xx trouble of theirs.
FAILURES: dict[str | int, meanings.Meaning] = {
    "moderation_blocked": meanings.REJECTED,  # 400: GPT Image's safety system
    "content_policy_violation": meanings.REJECTED,  # 400: its older name
    "content_filter": meanings.REJECTED,  # 400: as Azure and gateways say it
    "insufficient_quota": meanings.EXHAUSTED,  # 429, but no pause helps
    "billing_hard_limit_reached": meanings.EXHAUSTED,  # 400
    "billing_not_active": meanings.EXHAUSTED,  # 429
    "invalid_api_key": meanings.REFUSED,  # 401
    "model_not_found": meanings.REFUSED,  # 404, or 400 from some servers
    "unsupported_country_region_territory": meanings.REFUSED,  # 403
    "rate_limit_exceeded": meanings.RATE_LIMITED,  # 429, also inside a response that "failed"
    "slow_down": meanings.RATE_LIMITED,  # 503: our traffic rose too fast
    "server_error": meanings.UNAVAILABLE,  # 500, also inside a response that "failed"
    301: meanings.REFUSED,  # no redirect is followed: the address is not the API's
    302: meanings.REFUSED,
    303: meanings.REFUSED,
    307: meanings.REFUSED,
    308: meanings.REFUSED,
    400: meanings.BAD_REQUEST,
    401: meanings.REFUSED,  # the key
    402: meanings.EXHAUSTED,  # gateways, when the account is empty
    403: meanings.REFUSED,  # the key may not use this model, or not from here
    404: meanings.REFUSED,  # no such model, or no API at this address
    405: meanings.REFUSED,  # likewise
    408: meanings.UNAVAILABLE,  # a proxy's time-out
    409: meanings.UNAVAILABLE,  # they ask to try again
    413: meanings.BAD_REQUEST,
    415: meanings.BAD_REQUEST,
    422: meanings.BAD_REQUEST,  # what compatible servers say for 400
    425: meanings.UNAVAILABLE,
    429: meanings.RATE_LIMITED,
    500: meanings.UNAVAILABLE,
    502: meanings.UNAVAILABLE,
    503: meanings.UNAVAILABLE,
    504: meanings.UNAVAILABLE,
    529: meanings.UNAVAILABLE,  # overloaded, as gateways pass it on
}


@dataclass(frozen=True)
class Answer:
    """`body` as plain JSON: a compatible server's may lack anything."""

    body: Mapping[str, Any]
    request_id: str


def call(vendor: OpenAI, timeout: float, ask: Callable[[Any], Any]) -> Answer:
    """What `ask` gets from this process' client; any failure as a ProviderError."""
    # The SDK takes half a second and 40 MiB: it has to stay out of the web process.
    import openai

    failure = None
    try:
        client = clients.shared(_make_client, vendor.api_key, vendor.base_url, timeout)
        return _read(ask(client))
    except openai.APITimeoutError as error:
        failure = _of_connection(error.__cause__, meanings.TIMEOUT)
    except openai.APIConnectionError as error:
        failure = _of_connection(error.__cause__, meanings.CUT_OFF)
    except openai.APIStatusError as error:
        failure = _of_status(error)
    except (openai.OpenAIError, ValueError):  # 200 with what is no JSON, or none of this API's
        failure = meanings.fail(meanings.UNUSABLE, vendor=VENDOR, detail="not of this protocol")
    raise failure  # here, so that the SDK's exception does not hang on it as its context


def require_model(vendor: OpenAI, model: str) -> None:
    """Whether our key is taken and the model offered: asked by the list, which every server has."""
    answer = call(vendor, CHECK_TIMEOUT, lambda client: client.models.list())
    offered = {accounts.text(row, "id") for row in rows(answer.body, "data")}
    if not {model, f"{model}:latest"} & offered:  # as Ollama writes it
        raise meanings.fail(meanings.REFUSED, vendor=VENDOR, detail=f"no {model} among its models")


def make_usage(model: str, answer: Answer, tokens: Tokens) -> Usage:
    return accounts.make_usage(
        VENDOR,
        model,
        account=dig(answer.body, "usage"),
        tokens=tokens,
        answered_by=accounts.text(answer.body, "model"),
        request_id=answer.request_id,
        pricing=VENDOR,
    )


def _read(answer: Any) -> Answer:
    """The SDK builds its objects from anything that is JSON, and says so only when they are used."""
    body = (
        answer.model_dump(mode="json", by_alias=True, warnings=False) if hasattr(answer, "model_dump") else {}
    )
    return Answer(body, getattr(answer, "_request_id", None) or "")


def _make_client(api_key: str, base_url: str, timeout: float):
    # Out of the web process, likewise.
    import openai

    from carousels.providers.http import make_client

    return openai.OpenAI(
        api_key=api_key or "none",  # a server of one's own asks for no key, the SDK does
        base_url=base_url,  # always said, or OPENAI_BASE_URL would be read past our settings
        timeout=timeout,
        max_retries=0,  # ours know what was bought; the SDK's would buy it twice
        http_client=make_client(timeout),
    )


def _of_connection(cause: BaseException | None, sent: meanings.Meaning) -> ProviderError:
    """Whether the request can have arrived makes the difference: then it may have been billed."""
    name = type(cause).__name__
    is_sent = name not in ("ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol")
    return meanings.fail(sent if is_sent else meanings.UNREACHABLE, vendor=VENDOR, detail=name)


def _of_status(error: Any) -> ProviderError:
    code = error.code if error.code in FAILURES else None
    return meanings.fail(
        meanings.look_up(FAILURES, status=error.status_code, code=code),
        vendor=VENDOR,
        detail=f"{error.status_code} {code}" if code else str(error.status_code),
        retry_after=meanings.read_retry_after(error.response.headers),
    )
