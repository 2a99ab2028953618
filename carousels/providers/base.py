"""What a text or image model must offer: two Protocols and the values that cross them.

A provider makes one call and returns (value, usage), or raises a ProviderError with usage.
Retries, routing, ceilings and rows are the business of `jobs`, never of a provider.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, Protocol

from carousels.brief import Brief

# Codes that others than their adapters look at:
INVALID_ANSWER = "INVALID_ANSWER"  # an answer came, and cannot be used
PROVIDER_REFUSED, QUOTA_EXHAUSTED = "PROVIDER_REFUSED", "QUOTA_EXHAUSTED"  # so will every other call be
SLIDE_KINDS = ("cover", "point", "list", "stat", "quote", "comparison", "steps", "cta")


@dataclass(frozen=True)
class SlidePlan:
    """One slide's content. `title` may carry the one inline mark allowed: *emphasis*.

    kind `point` uses `index` (1, 2, ...; None for a point outside the count); `list` uses `items`
    (2 to 6) and, where its rows are counted, the first one's `index`; `stat` uses `stat` (at most 8
    characters or so); `quote` uses `author` and `role`; `cta` uses `button`; `cover` uses `kicker`;
    `comparison` sets `items` (this) against `against` (not that), 1 to 4 each, under `labels` (empty:
    the frame's own words in the deck's language); `steps` uses `items` (2 to 6, in their order).
    """

    number: int
    kind: str
    title: str
    caption: str
    image_prompt: str
    alt_text: str
    index: int | None = None
    items: tuple[str, ...] = ()
    kicker: str = ""
    stat: str = ""
    author: str = ""
    role: str = ""
    button: str = ""
    against: tuple[str, ...] = ()
    labels: tuple[str, str] | tuple[()] = ()


@dataclass(frozen=True)
class Strategy:
    """The content of a carousel before any picture.

    `language` is a BCP 47 primary tag (en, ar, ja); `palette` names one of the theme's palettes or is
    empty for its own colours.
    """

    title: str
    slides: tuple[SlidePlan, ...]
    final_caption: str
    hashtags: tuple[str, ...]
    visual_theme: str
    language: str
    palette: str = ""


@dataclass(frozen=True)
class ImageRequest:
    """One slide's picture: `seed_text` is the same for all slides of a carousel, so art can continue.

    `palette` is the theme's palette (empty: its own colours), `colors` the brand's, which win.
    """

    prompt: str
    style: str
    theme: str
    aspect_ratio: str
    seed_text: str
    number: int
    total: int
    quality: str = "standard"
    palette: str = ""
    colors: tuple[str, ...] = ()


@dataclass(frozen=True)
class Picture:
    """An encoded picture (JPEG, PNG or WebP); `is_photo` is False for art drawn in the theme's colours."""

    data: bytes
    media_type: str
    revised_prompt: str = ""
    is_photo: bool = True


@dataclass(frozen=True)
class Usage:
    """What one call used, and what it cost.

    `cost_usd` is None when the price is unknown, never 0 for unknown; `price_source` names the price
    list. `output_tokens` counts thoughts and pictures too. `raw` is the vendor's own account.
    """

    provider: str
    model: str
    cost_usd: Decimal | None
    price_source: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    request_id: str = ""
    raw: Mapping[str, Any] = field(default_factory=dict)


class Remedy(StrEnum):
    """What may help a call that gave nothing."""

    RETRY_NOW = "retry now"  # the same call may well succeed
    RETRY_LATER = "retry later"  # the provider is busy and asks for a pause
    ELSEWHERE = "other provider"  # not here, before its operator does something
    GIVE_UP = "fail"  # nowhere: the creator must ask for something else


class ProviderError(Exception):
    """A call that gave nothing. `code` goes to the user, `message` to the operator's log only.

    Neither holds a provider's own text, which may quote a key. `retry_after`: seconds the provider
    asked to wait. `usage`: what the call cost all the same. `is_cut_off`: nobody knows whether it did.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        remedy: Remedy,
        retry_after: float | None = None,
        usage: Usage | None = None,
        is_cut_off: bool = False,
    ) -> None:
        super().__init__(code, message)
        self.code, self.message, self.remedy = code, message, remedy
        self.retry_after, self.usage, self.is_cut_off = retry_after, usage, is_cut_off

    def __reduce__(self):
        # Celery and multiprocessing pickle exceptions; keyword-only arguments need help.
        return _rebuild, (type(self), self.args, self.__dict__)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def _rebuild(cls, args, state):
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


class UnusableAnswer(ProviderError):
    """A text model's answer that is no strategy. `correction` is what to send it for its one repair."""

    def __init__(self, message: str, *, correction: "Correction", usage: Usage | None) -> None:
        super().__init__(INVALID_ANSWER, message, remedy=Remedy.RETRY_NOW, usage=usage)
        self.correction = correction


@dataclass(frozen=True)
class Correction:
    """`answer`: what the model wrote; `faults`: what is wrong with it, in words for the model.

    Of a truncated answer nothing is kept: it is asked for again, with twice the room.
    """

    answer: str = ""
    faults: tuple[str, ...] = ()
    is_truncated: bool = False


class Provider(Protocol):
    """What routing needs to know of a provider, whatever it makes."""

    name: str
    model: str
    timeout: float  # seconds, the longest one call may take
    queue: str  # `ai` for a call over the network, `render` for art drawn here
    max_retries: int  # of a step here, before another provider is asked
    concurrency: int | None  # calls at once over all workers; None: no limit

    def require_model(self) -> None:
        """Raises ProviderError when our key is not taken or the model not offered. Costs nothing."""


class TextProvider(Provider, Protocol):
    def write_strategy(
        self, brief: Brief, *, end_user: str = "", correction: Correction | None = None
    ) -> tuple[Strategy, Usage]:
        """One call. Raises ProviderError; UnusableAnswer when it may be repaired.

        `end_user` is a hash of who asks, for the vendor's own safety system.
        """

    def expected_cost(self, brief: Brief) -> Decimal | None:
        """USD that one such call will probably cost; None when the price is unknown."""


class ImageProvider(Provider, Protocol):
    def paint(self, request: ImageRequest, *, end_user: str = "") -> tuple[Picture, Usage]:
        """One call; raises ProviderError."""

    def expected_cost(self, request: ImageRequest) -> Decimal | None:
        """USD that one such picture will probably cost; None when the price is unknown."""


class Moderator(Provider, Protocol):
    def check(self, text: str) -> tuple[tuple[str, ...], Usage]:
        """The categories of forbidden content found in a text, none when all is well; free of charge."""
