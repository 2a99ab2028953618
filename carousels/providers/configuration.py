"""Which AI services this installation uses, read from the settings: the operator's words, checked.

Everything has a working default; a key, or a compatible server's address, is all that must be given.
What cannot be understood raises InvalidConfiguration, which a system check tells before users meet it.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

VENDORS = ("openai", "gemini")
OPENAI_URL = "https://api.openai.com/v1"
GEMINI_URL = "https://generativelanguage.googleapis.com"
TEXT_TIMEOUT, IMAGE_TIMEOUT = 60.0, 180.0  # seconds; a complex picture takes up to two minutes
APIS = ("responses", "chat")
QUALITIES = ("low", "medium", "high", "xhigh", "max", "auto", "standard", "hd")
SIZES = ("", "1K", "2K", "4K")
EFFORTS = ("", "none", "minimal", "low", "medium", "high", "xhigh")
LEVELS = ("", "minimal", "low", "medium", "high")
THINKING_MODELS = re.compile(r"gpt-(?:[5-9]|\d\d)|o\d|gemini-(?:[3-9]|\d\d)")  # others refuse to be told
PRICE_MOST = 10_000  # USD for a million tokens: more is a slip of the finger
PRICES = {"input", "cached_input", "output", "image_output"}


class InvalidConfiguration(ImproperlyConfigured):
    """A setting that cannot be understood; the message names it and what it may be."""

    def __init__(self, name: str, must: str) -> None:
        super().__init__(f"{name} must be {must}")
        self.name = name


@dataclass(frozen=True)
class Vendor:
    """What both have. An empty model: none of that kind is asked for here."""

    api_key: str
    base_url: str
    text_model: str
    image_model: str
    reasoning: str
    text_timeout: float
    image_timeout: float
    max_retries: int
    concurrency: int


@dataclass(frozen=True)
class OpenAI(Vendor):
    """`is_compatible`: somebody else's server, which knows the common part of the protocol only."""

    api: str
    quality: str
    quality_hd: str
    moderation_model: str
    is_compatible: bool


@dataclass(frozen=True)
class Gemini(Vendor):
    """Empty sizes are not sent: the model's own default."""

    size: str
    size_hd: str


@dataclass(frozen=True)
class Price:
    """USD for a million tokens."""

    input: Decimal
    output: Decimal
    cached_input: Decimal
    image_output: Decimal


def openai() -> OpenAI | None:
    """None when neither a key nor an address is given."""
    key, url = _text("OPENAI_API_KEY"), _url("OPENAI_BASE_URL")
    if not key and not url:
        return None
    text_model = _text("OPENAI_TEXT_MODEL", "gpt-6-luna")
    return OpenAI(
        **_common("OPENAI", text_model, EFFORTS),
        api_key=key,
        base_url=url or OPENAI_URL,
        text_model=text_model,
        image_model=_text("OPENAI_IMAGE_MODEL", "" if url else "gpt-image-2.5-flare"),
        api=_choice("OPENAI_API", APIS, "chat" if url else "responses"),
        quality=_choice("OPENAI_IMAGE_QUALITY", QUALITIES, "medium"),
        quality_hd=_choice("OPENAI_IMAGE_QUALITY_HD", QUALITIES, "high"),
        moderation_model=_text("OPENAI_MODERATION_MODEL", "" if url else "omni-moderation-latest"),
        is_compatible=bool(url),
    )


def gemini() -> Gemini | None:
    """None without a key."""
    if not (key := _text("GOOGLE_AI_API_KEY")):
        return None
    text_model = _text("GOOGLE_AI_TEXT_MODEL", "gemini-3.8-flash")
    return Gemini(
        **_common("GOOGLE_AI", text_model, LEVELS),
        api_key=key,
        base_url=_url("GOOGLE_AI_BASE_URL") or GEMINI_URL,
        text_model=text_model,
        image_model=_text("GOOGLE_AI_IMAGE_MODEL", "gemini-nano-banana-2.1"),
        size=_choice("GOOGLE_AI_IMAGE_SIZE", SIZES, ""),
        size_hd=_choice("GOOGLE_AI_IMAGE_SIZE_HD", SIZES, "2K"),
    )


def order() -> tuple[str, ...]:
    """The vendors in the order in which they are asked; one that is not named is not asked at all."""
    named = tuple(name.strip() for name in (_text("AI_ORDER") or ",".join(VENDORS)).split(","))
    if not set(named) <= set(VENDORS) or len(set(named)) < len(named):
        raise InvalidConfiguration("AI_ORDER", f"a list of {', '.join(VENDORS)}, each at most once")
    return named


def prices() -> Mapping[str, Price]:
    """The operator's own prices, by model; they win over the price list."""
    try:
        table = json.loads(_text("AI_PRICES") or "{}", parse_float=Decimal, parse_int=Decimal)
        return {model: _price(row) for model, row in table.items()}
    except (ValueError, TypeError, AttributeError, KeyError, InvalidOperation):
        raise InvalidConfiguration(
            "AI_PRICES", 'JSON like {"my-model": {"input": 0.1, "output": 0.5}}: USD for a million tokens'
        ) from None


def find_faults() -> list[InvalidConfiguration]:
    """What the settings say that cannot be understood."""
    faults = []
    for read in (order, prices, openai, gemini):
        try:
            read()
        except InvalidConfiguration as fault:
            faults.append(fault)
    return faults


def _common(prefix: str, text_model: str, efforts: tuple[str, ...]) -> dict[str, str | float | int]:
    effort = "low" if THINKING_MODELS.match(text_model) else ""
    return {
        "reasoning": _choice(f"{prefix}_REASONING", efforts, effort),
        "text_timeout": _seconds(f"{prefix}_TEXT_TIMEOUT", TEXT_TIMEOUT),
        "image_timeout": _seconds(f"{prefix}_IMAGE_TIMEOUT", IMAGE_TIMEOUT),
        "max_retries": _count(f"{prefix}_MAX_RETRIES", 1, least=0),
        "concurrency": _count(f"{prefix}_CONCURRENCY", 32, least=1),
    }


def _price(row: Mapping[str, Decimal]) -> Price:
    if not set(row) <= PRICES or not all(
        isinstance(usd, Decimal) and 0 <= usd <= PRICE_MOST for usd in row.values()
    ):
        raise ValueError(row)
    usd, output = row["input"], row.get("output", Decimal(0))
    return Price(
        input=usd,
        output=output,
        cached_input=row.get("cached_input", usd),
        image_output=row.get("image_output", output),
    )


def _text(name: str, default: str = "") -> str:
    """An empty value is an answer of its own: none."""
    value = getattr(settings, name)
    return default if value is None else str(value).strip()


def _url(name: str) -> str:
    value = _text(name)
    if value and not re.fullmatch(r"https?://[^\s/]\S*", value):
        raise InvalidConfiguration(name, "an http or https address")
    return value.rstrip("/")


def _choice(name: str, choices: tuple[str, ...], default: str) -> str:
    value = _text(name, default)
    if value not in choices:
        raise InvalidConfiguration(name, f"one of {', '.join(filter(None, choices))}")
    return value


def _seconds(name: str, default: float) -> float:
    value = _text(name) or str(default)
    if not re.fullmatch(r"\d{1,4}(?:\.\d+)?", value) or not 0 < float(value) <= 600:
        raise InvalidConfiguration(name, "seconds, more than 0 and at most 600")
    return float(value)


def _count(name: str, default: int, *, least: int) -> int:
    value = _text(name) or str(default)
    if not re.fullmatch(r"\d{1,4}", value) or int(value) < least:
        raise InvalidConfiguration(name, f"a whole number from {least} to 9999")
    return int(value)
