"""What a text or image model must offer: two Protocols and the values that cross them.

A provider makes one call and returns (value, usage), or raises a ProviderError with usage.
Retries, routing, prices' ceilings and rows are the business of `jobs`, never of a provider.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from carousels.brief import Brief

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
    """What one call used. `cost_usd` is None when the price is unknown, never 0 for unknown."""

    provider: str
    model: str
    cost_usd: Decimal | None


class ProviderError(Exception):
    """A call that gave nothing. `code` goes to the user, `message` to the operator's log only.

    `retryable`: the same call may succeed later; `retry_after`: seconds the provider asked to wait.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        retryable: bool,
        retry_after: float | None = None,
        usage: Usage | None = None,
    ) -> None:
        super().__init__(code, message)
        self.code, self.message = code, message
        self.retryable, self.retry_after, self.usage = retryable, retry_after, usage

    def __reduce__(self):
        # Celery and multiprocessing pickle exceptions; keyword-only arguments need help.
        return _rebuild, (type(self), self.code, self.message, self.retryable, self.retry_after, self.usage)

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


def _rebuild(cls, code, message, retryable, retry_after, usage):
    return cls(code, message, retryable=retryable, retry_after=retry_after, usage=usage)


class TextProvider(Protocol):
    name: str
    model: str
    timeout: float  # seconds, the longest one call may take

    def write_strategy(self, brief: Brief) -> tuple[Strategy, Usage]: ...


class ImageProvider(Protocol):
    name: str
    model: str
    timeout: float
    queue: str  # `ai` for a call over the network, `render` for art drawn here

    def paint(self, request: ImageRequest) -> tuple[Picture, Usage]: ...
