"""What preflight says: one check after the other, for each slide and for the deck, as one document.

Values only. What is checked stands beside this module; what a verdict leads to is the caller's decision.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

VERSION = 2  # of the document; raised when a reader of the old one would misread it


class Status(StrEnum):
    """How a check ended, from best to worst."""

    PASSED = "passed"
    REPAIRED = "repaired"  # it would not have passed; the message says what was changed
    WARNED = "warned"
    FAILED = "failed"

    @classmethod
    def worst_of(cls, checks: Iterable["Check"]) -> "Status":
        order = list(cls)
        return max((check.status for check in checks), key=order.index, default=cls.PASSED)


@dataclass(frozen=True)
class Check:
    """One question and its answer in plain words; `part` is the piece of the slide it was asked about."""

    check: str
    status: Status
    message: str
    measured: Any = None
    limit: Any = None
    part: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready; without a part where the whole slide was meant."""
        told = {
            "check": self.check,
            "status": self.status.value,
            "measured": self.measured,
            "limit": self.limit,
            "message": self.message,
        }
        return told | ({"part": self.part} if self.part else {})


@dataclass(frozen=True)
class Review:
    """One slide's checks, and facts about its picture that are no question of good or bad."""

    number: int
    kind: str
    checks: tuple[Check, ...]
    facts: Mapping[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return {
            "slideNumber": self.number,
            "kind": self.kind,
            "status": Status.worst_of(self.checks).value,
            "checks": [check.as_dict() for check in self.checks],
            **self.facts,
        }


@dataclass(frozen=True)
class Verdict:
    """All checks of a carousel. It passes unless one of them failed."""

    deck: tuple[Check, ...]
    reviews: tuple[Review, ...]
    pdf_sha256: str = ""

    @property
    def passed(self) -> bool:
        return not self.faults

    @property
    def faults(self) -> tuple[str, ...]:
        """What failed, in plain words."""
        return self._tell(Status.FAILED)

    @property
    def warnings(self) -> tuple[str, ...]:
        return self._tell(Status.WARNED)

    @property
    def slides(self) -> tuple[dict[str, Any], ...]:
        """A JSON-ready dict for every slide."""
        return tuple(review.as_dict() for review in self.reviews)

    def as_dict(self) -> dict[str, Any]:
        """The document, JSON-ready."""
        checks = [*self.deck, *(check for review in self.reviews for check in review.checks)]
        return {
            "version": VERSION,
            "passed": self.passed,
            "status": Status.worst_of(checks).value,
            "faults": list(self.faults),
            "warnings": list(self.warnings),
            "deck": [check.as_dict() for check in self.deck],
            "slides": list(self.slides),
            "pdfSha256": self.pdf_sha256,
        }

    def _tell(self, status: Status) -> tuple[str, ...]:
        deck = [check.message for check in self.deck if check.status is status]
        slides = [
            f"slide {review.number}: {check.message}"
            for review in self.reviews
            for check in review.checks
            if check.status is status
        ]
        return (*deck, *slides)


def judge(
    check: str, is_good: bool, good: str, bad: str, *, otherwise: Status = Status.FAILED, **more
) -> Check:
    """A check that passed with one message or, `otherwise`, ended with another."""
    status = Status.PASSED if is_good else otherwise
    return Check(check, status, good if is_good else bad, **more)
