"""What a creator asks for: the brief of one carousel.

The job's payload is the request as it came over the wire (camelCase, JSON); the rest of the
project sees this value. No database, no HTTP here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ASPECT_RATIOS = ("1:1", "4:5", "9:16")
DEFAULT_STYLES = ("photo",)
DEFAULT_ASPECT_RATIO = "1:1"
SLIDES_MIN, SLIDES_MAX = 2, 10


class InvalidBrief(ValueError):
    """A payload that no carousel can be made from; only rows inserted past the API can hold one."""


@dataclass(frozen=True)
class Brief:
    prompt: str
    image_count: int
    styles: tuple[str, ...] = DEFAULT_STYLES
    aspect_ratio: str = DEFAULT_ASPECT_RATIO
    audience: str = ""
    purpose: str = ""
    key_points: tuple[str, ...] = ()
    tone: str = ""

    @classmethod
    def from_payload(cls, payload: Mapping[str, Any]) -> "Brief":
        """Read a job's payload (keys as in the API: imageCount, aspectRatio, keyPoints)."""
        if not isinstance(payload, Mapping):
            raise InvalidBrief("payload must be an object")
        prompt, count = payload.get("prompt"), payload.get("imageCount")
        ratio = payload.get("aspectRatio") or DEFAULT_ASPECT_RATIO
        if not isinstance(prompt, str) or not prompt.strip():
            raise InvalidBrief("prompt must be a text")
        if isinstance(count, bool) or not isinstance(count, int) or not SLIDES_MIN <= count <= SLIDES_MAX:
            raise InvalidBrief(f"imageCount must be a whole number from {SLIDES_MIN} to {SLIDES_MAX}")
        if ratio not in ASPECT_RATIOS:
            raise InvalidBrief(f"aspectRatio must be one of {', '.join(ASPECT_RATIOS)}")
        return cls(
            prompt=prompt.strip(),
            image_count=count,
            styles=_texts(payload, "styles") or DEFAULT_STYLES,
            aspect_ratio=ratio,
            audience=_text(payload, "audience"),
            purpose=_text(payload, "purpose"),
            key_points=_texts(payload, "keyPoints"),
            tone=_text(payload, "tone"),
        )


def _text(payload: Mapping[str, Any], key: str) -> str:
    value = payload.get(key) or ""
    if not isinstance(value, str):
        raise InvalidBrief(f"{key} must be a text")
    return value.strip()


def _texts(payload: Mapping[str, Any], key: str) -> tuple[str, ...]:
    value = payload.get(key) or []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise InvalidBrief(f"{key} must be a list of texts")
    return tuple(item.strip() for item in value if item.strip())
