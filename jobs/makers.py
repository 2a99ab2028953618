"""Who makes the words and pictures of a step: the providers of this installation, asked by the rules.

The rules stand beside: who is asked (`routing`), under which limits (`reservations`), who is cut off
(`breaker`).
"""

import logging
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings

from carousels.brief import Brief
from carousels.providers import chosen
from carousels.providers.base import (
    ImageProvider,
    ImageRequest,
    Moderator,
    Picture,
    ProviderError,
    Strategy,
    TextProvider,
    UnusableAnswer,
)
from carousels.providers.offline import FREE, OfflineArt
from carousels.providers.offline.scripts import InvalidScript
from jobs import breaker, calls, failures, rehearsals
from jobs.models import GenerationJob, JobStep
from jobs.reservations import OverCeiling
from jobs.states import CallPurpose, Queue, StepKind

FINALIZE_TIMEOUT = 120  # seconds
DRAWING_LIMIT = 150  # seconds after which a hung process of the render pool is killed

Keep = Callable[[Picture, dict[str, Any]], dict[str, Any]]

logger = logging.getLogger(__name__)


def timeout_of(step: JobStep) -> float:
    """Seconds the slow part may take: the moderator's call, the maker's, and for words one to mend them."""
    if step.kind == StepKind.FINALIZE:
        return FINALIZE_TIMEOUT
    moderator = moderator_of(step)
    moderation = moderator.timeout if moderator else 0.0
    longest = max(provider.timeout for provider in providers_of(step))
    if step.kind == StepKind.SLIDE:
        return moderation + max(longest, OfflineArt.timeout)
    return moderation + 2 * longest


def providers_of(step: JobStep) -> Sequence[TextProvider] | Sequence[ImageProvider]:
    try:
        rehearsal = rehearsals.of_step(step)
    except InvalidScript as error:
        raise failures.invalid_payload(error) from error
    return chosen.texts(rehearsal) if step.kind == StepKind.STRATEGY else chosen.images(rehearsal)


def moderator_of(step: JobStep) -> Moderator | None:
    return None if rehearsals.script_of(step.job) else chosen.moderator()


def queues_of(job: GenerationJob) -> dict[StepKind, Queue]:
    """Which workers do a step of this job. A rehearsal plays a service over the network."""
    pictures = Queue.AI if rehearsals.script_of(job) else Queue(chosen.images()[0].queue)
    return {StepKind.STRATEGY: Queue.AI, StepKind.SLIDE: pictures, StepKind.FINALIZE: Queue.RENDER}


def moderate(step: JobStep, *said: str | None) -> None:
    """Whether what the creator said may be made at all.

    A moderator that does not answer stops nobody: models refuse too.
    """
    moderator, asked = moderator_of(step), "\n".join(filter(None, said))
    if moderator is None or not asked or breaker.pauses([moderator]):
        return
    try:
        categories = calls.make(
            step,
            purpose=CallPurpose.MODERATION,
            provider=moderator,
            expected_cost_usd=FREE,
            ask=lambda provider: provider.check(asked),
            keep=as_it_is,
        )
    except ProviderError as error:
        logger.warning("%s was not moderated: %s", step, error)
        return
    if categories:
        logger.info("%s is declined for %s", step, ", ".join(categories))
        raise failures.rejected()


def write(step: JobStep, brief: Brief) -> Strategy:
    """The words; an answer that is no strategy is sent back once, to be mended by who wrote it."""
    providers = providers_of(step)
    costs = {provider.name: provider.expected_cost(brief) for provider in providers}
    purpose, end_user = CallPurpose.WORDS, calls.end_user_of(step)
    writer = calls.choose(step, purpose=purpose, providers=providers, costs=costs)
    expected = costs[writer.name]
    ask = partial(
        calls.make, step, purpose=purpose, provider=writer, expected_cost_usd=expected, keep=as_it_is
    )
    try:
        return ask(ask=lambda provider: provider.write_strategy(brief, end_user=end_user))
    except UnusableAnswer as unusable:
        mend = unusable.correction
        try:
            return ask(
                ask=lambda provider: provider.write_strategy(brief, end_user=end_user, correction=mend)
            )
        except calls.NotNow:  # its place was taken; the call before was paid for, and is a try
            raise unusable from None


def paint(step: JobStep, request: ImageRequest, *, keep: Keep) -> dict[str, Any]:
    """By whoever is chosen; what nobody may be asked for any more is drawn here, if the operator allows.

    Returns what `keep` makes of the picture and of who made it: provider, model, and isStandIn if so.
    """
    providers = providers_of(step)
    last_resort = last_resort_of(providers)
    costs = {provider.name: provider.expected_cost(request) for provider in (*providers, *last_resort)}
    purpose, end_user = CallPurpose.PICTURE, calls.end_user_of(step)
    painter = calls.choose(step, purpose=purpose, providers=providers, costs=costs, last_resort=last_resort)
    by = {"provider": painter.name, "model": painter.model}
    by |= {"isStandIn": True} if painter in last_resort else {}
    try:
        return calls.make(
            step,
            purpose=purpose,
            provider=painter,
            expected_cost_usd=costs[painter.name],
            ask=lambda provider: provider.paint(request, end_user=end_user),
            keep=lambda picture: keep(picture, by),
        )
    except OverCeiling as over:
        if not last_resort:
            raise
        raise calls.NotNow(wait=timedelta(0), queue=last_resort[0].queue) from over


def last_resort_of(providers: Sequence[ImageProvider]) -> tuple[ImageProvider, ...]:
    """The offline art, where the operator lets it stand in for pictures that no provider makes."""
    is_at_home = any(provider.name == OfflineArt.name for provider in providers)
    return (OfflineArt(),) if settings.OFFLINE_LAST_RESORT and not is_at_home else ()


def as_it_is(value: Any) -> Any:
    """Words and verdicts are recorded in the same moment; only pictures are kept before."""
    return value
