"""Which provider makes a call: the operator's policy, what this step has met already, who is cut off.

Pure, but for the settings. The policies are data: which order, and which quality of pictures.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeVar

from django.conf import settings

from carousels.providers.base import Provider, Remedy

# Seconds that a step waits for its first choice, as one carousel's pictures belong together; and for anybody,
# where art may stand in: slides that wait for one call at a time to be let through would take minutes each.
PATIENCE = 20.0
UNKNOWN_PRICE = Decimal("Infinity")  # comes last where the cheapest comes first

AnyProvider = TypeVar("AnyProvider", bound=Provider)


@dataclass(frozen=True)
class Policy:
    cheapest_first: bool  # or in the operator's order, AI_ORDER
    quality: str  # of pictures: `standard` or `hd`


POLICIES = {
    "cheapest": Policy(cheapest_first=True, quality="standard"),
    "balanced": Policy(cheapest_first=False, quality="standard"),
    "premium": Policy(cheapest_first=False, quality="hd"),
}


class NoneLeft(Exception):
    """Every provider has declined this step for good."""


class Paused(Exception):
    """Nobody is to be called now. `seconds`: until somebody may be."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.1f} s")
        self.seconds = seconds


@dataclass(frozen=True)
class Try:
    """An earlier call of the same step and run. `remedy` None: it answered, but with nothing we could use."""

    provider: str
    remedy: str | None


def policy() -> Policy:
    return POLICIES[settings.AI_POLICY]


def in_order(
    providers: Iterable[AnyProvider], *, costs: dict[str, Decimal | None], policy: Policy
) -> list[AnyProvider]:
    """The policy's first choice first. `costs`: what the call is expected to cost, by provider's name."""
    ordered = list(providers)
    if policy.cheapest_first:
        ordered.sort(key=lambda each: UNKNOWN_PRICE if costs[each.name] is None else costs[each.name])
    return ordered


def choose(
    providers: Sequence[AnyProvider], *, tries: Sequence[Try], pauses: dict[str, float]
) -> AnyProvider:
    """The provider to call now. Raises NoneLeft or Paused.

    Each is tried `max_retries` times more before the next one is; when all have had their turn they have
    another. Who is cut off for long is passed over.
    """
    declined = {each.provider for each in tries if each.remedy == Remedy.ELSEWHERE}
    left = [provider for provider in providers if provider.name not in declined]
    if not left:
        raise NoneLeft
    had = Counter(each.provider for each in tries)
    left.sort(key=lambda provider: had[provider.name] // (provider.max_retries + 1))
    if 0 < pauses.get(left[0].name, 0) <= PATIENCE:
        raise Paused(pauses[left[0].name])
    ready = [provider for provider in left if provider.name not in pauses]
    if not ready:
        raise Paused(min(pauses[provider.name] for provider in left))
    return ready[0]
