"""Mends words that cannot be set as they are."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Repair:
    """One change of words: `slide` is None for what stands on every slide."""

    slide: int | None
    field: str
    kind: Literal["shortened", "dropped_characters"]
    before: str
    after: str
