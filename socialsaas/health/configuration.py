"""Whether this installation is set up as its operator may want it: nothing here keeps a job from running."""

import os
from collections.abc import Callable, Iterable, Sequence

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags

from billing.payments import client, events
from carousels.providers import chosen
from carousels.providers.base import Provider
from jobs import breaker
from socialsaas.checks import no_rehearsal, payments, queue_processor_secret
from socialsaas.health.examination import Check, Doubtful

KEYS = ("OPENAI_API_KEY", "GOOGLE_AI_API_KEY")
EVENTS = "Look at Stripe events in the admin, by outcome (docs/money.md)."
THIS_MACHINE = {"localhost", "127.0.0.1", "[::1]"}


def keys() -> str:
    given = [name for name in KEYS if os.environ.get(name)]
    texts, images = chosen.texts(), chosen.images()
    makers = f"texts by {_names(texts)}, pictures by {_names(images)}"
    if away := breaker.pauses([*texts, *images]):
        cut_off = ", ".join(f"{name} is cut off for {seconds:.0f} s more" for name, seconds in away.items())
        raise Doubtful(f"{makers}; {cut_off}", "`python manage.py providers` asks each for its trouble.")
    return f"{' and '.join(given) or 'none'} set; {makers}"


def _names(providers: Iterable[Provider]) -> str:
    return ", ".join(f"`{provider.name}`" for provider in providers)


def sales() -> str:
    """Both keys or neither, and nobody who paid and got nothing."""
    for message in payments(None):
        raise Doubtful(message.msg, message.hint)
    if waiting := events.unapplied():
        raise Doubtful(
            f"{waiting} events of Stripe could not be applied: somebody paid and got nothing", EVENTS
        )
    return "sold through Stripe" if client.is_available() else "nothing is for sale"


def outside() -> str:
    """Who may ask. What only this machine can reach needs no TLS."""
    if THIS_MACHINE.issuperset(settings.ALLOWED_HOSTS) and not settings.DEBUG:
        return "this machine only (ALLOWED_HOSTS)"
    messages = checks.run_checks(tags=[Tags.security], include_deployment_checks=True)
    if messages:
        raise Doubtful(f"{len(messages)} warnings: {', '.join(message.id for message in messages)}")
    return f"{', '.join(settings.ALLOWED_HOSTS)}, over HTTPS"


def _own(check: Callable[..., Sequence[CheckMessage]], well: str) -> Callable[[], str]:
    """One of our system checks, asked here."""

    def ask() -> str:
        for message in check(None):
            raise Doubtful(message.msg, message.hint)
        return well

    return ask


CHECKS = (
    Check("keys", keys, ""),
    Check("queue processor", _own(queue_processor_secret, "QUEUE_PROCESSOR_SECRET is set"), ""),
    Check("payments", sales, "", needs=("migrations",)),
    Check("rehearsal", _own(no_rehearsal, "off"), ""),
    Check("outside", outside, "`python manage.py check --deploy` says what each means (.env.example)."),
)
