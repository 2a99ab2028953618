"""manage.py providers: which AI services are configured, whether they take our calls, and what one costs."""

from collections.abc import Sequence
from decimal import Decimal

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from carousels.brief import Brief
from carousels.design.themes import THEMES
from carousels.providers import chosen
from carousels.providers.base import ImageProvider, ImageRequest, Provider, ProviderError, TextProvider
from jobs import breaker, routing
from jobs.routing import Policy

SLIDES = 5
BRIEF = Brief(prompt="5 pricing mistakes freelancers make", image_count=SLIDES, aspect_ratio="4:5")


class Command(BaseCommand):
    help = "What is configured, one cheap live check each, and what a carousel costs by each policy."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--offline", action="store_true", help="make no live check")

    def handle(self, *, offline: bool, **options) -> None:
        texts, images, moderator = chosen.texts(), chosen.images(), chosen.moderator()
        asked = [("words", each) for each in texts] + [("pictures", each) for each in images]
        asked += [("moderation", moderator)] if moderator else []
        ill = [name for purpose, each in asked for name in self._show(purpose, each, is_asked=not offline)]
        if not moderator:
            self._line("moderation", "-", "none of its own: models decline what they will not make")
        self._show_prices(texts, images)
        if ill:
            raise CommandError(f"Not well: {', '.join(ill)}.")

    def _show(self, purpose: str, provider: Provider, *, is_asked: bool) -> list[str]:
        """One line; returns the provider's name if it does not take our calls."""
        name = f"{provider.name} {provider.model}"
        room = "" if provider.concurrency is None else f", {provider.concurrency} at once"
        told = f"time-out {provider.timeout:.0f} s, retries {provider.max_retries}{room}"
        try:
            if is_asked:
                provider.require_model()
                breaker.reset([provider])  # whatever it was cut off for is over
        except ProviderError as error:
            self._line(purpose, name, f"{self.style.ERROR('NOT WELL')}: {error.message} ({told})")
            return [name]
        is_well = self.style.SUCCESS("well") if is_asked else "not asked"
        self._line(purpose, name, f"{is_well}{self._paused(provider)} ({told})")
        return []

    def _paused(self, provider: Provider) -> str:
        seconds = breaker.pauses([provider]).get(provider.name)
        return "" if seconds is None else f", cut off for {seconds:.0f} s more"

    def _show_prices(self, texts: Sequence[TextProvider], images: Sequence[ImageProvider]) -> None:
        carousel = f"a carousel of {SLIDES} slides in {BRIEF.aspect_ratio}"
        self.stdout.write(f"\nExpected cost of {carousel} by AI_POLICY (now: {settings.AI_POLICY})")
        for name, policy in routing.POLICIES.items():
            words, words_usd = _first(texts, BRIEF, policy)
            pictures, picture_usd = _first(images, _request(policy), policy)
            makers = f"{words.name} {words.model}, {pictures.name} {pictures.model} in {policy.quality}"
            self._line(name, _total(words_usd, picture_usd), makers)

    def _line(self, first: str, second: str, says: str) -> None:
        self.stdout.write(f"{first:<11} {second:<32} {says}")


def _first(
    providers: Sequence[Provider], asked: Brief | ImageRequest, policy: Policy
) -> tuple[Provider, Decimal | None]:
    """Who is asked first by this policy, and what that is expected to cost in USD."""
    costs = {provider.name: provider.expected_cost(asked) for provider in providers}
    first = routing.in_order(providers, costs=costs, policy=policy)[0]
    return first, costs[first.name]


def _total(words_usd: Decimal | None, picture_usd: Decimal | None) -> str:
    if words_usd is None or picture_usd is None:
        return "unknown (AI_PRICES)"
    return f"{words_usd + SLIDES * picture_usd:.4f} USD"


def _request(policy: Policy) -> ImageRequest:
    return ImageRequest(
        prompt="A freelancer's desk in morning light, a notebook open at an empty page",
        style="photo",
        theme=next(iter(THEMES)),
        aspect_ratio=BRIEF.aspect_ratio,
        seed_text=BRIEF.prompt,
        number=1,
        total=SLIDES,
        quality=policy.quality,
    )
