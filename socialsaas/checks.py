"""System checks: what an operator should know before users do."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from carousels.providers import configuration
from carousels.providers.offline.scripts import InvalidScript, Script
from jobs import routing

LEAST_CREDITS = {
    "CREDITS_PER_CAROUSEL": 1,
    "CREDITS_PER_SLIDE": 0,
    "CREDITS_PER_IMAGE": 1,
    "CREDITS_PER_STRATEGY": 1,
}
MOST_CREDITS = 10_000  # of one price: a slip of the finger must not empty accounts


@register(Tags.security, deploy=True)
def queue_processor_secret(app_configs, **kwargs) -> list[Warning]:
    if settings.QUEUE_PROCESSOR_SECRET:
        return []
    return [
        Warning(
            "QUEUE_PROCESSOR_SECRET is not set, so POST /api/queue/process refuses everyone.",
            hint="Set it if a scheduler outside is to trigger the queue; the workers do not need it.",
            id="socialsaas.W001",
        )
    ]


@register()
def payments(app_configs, **kwargs) -> list[CheckMessage]:
    if bool(settings.STRIPE_SECRET_KEY) == bool(settings.STRIPE_WEBHOOK_SECRET):
        return []
    if settings.STRIPE_SECRET_KEY:
        return [
            Error(
                "STRIPE_SECRET_KEY is set and STRIPE_WEBHOOK_SECRET is not: buyers pay and get nothing.",
                hint="Add an endpoint for /api/stripe/webhook at Stripe and set its signing secret.",
                id="socialsaas.E005",
            )
        ]
    return [
        Warning(
            "STRIPE_WEBHOOK_SECRET is set and STRIPE_SECRET_KEY is not: nothing is for sale.",
            hint="Set both or neither (docs/money.md).",
            id="socialsaas.W003",
        )
    ]


@register()
def offline_script(app_configs, **kwargs) -> list[CheckMessage]:
    if not settings.OFFLINE_SCRIPT:
        return []
    try:
        Script.parse(settings.OFFLINE_SCRIPT)
    except InvalidScript as error:
        return [
            Error(f"OFFLINE_SCRIPT: {error}", hint="The acts stand in docs/api.md.", id="socialsaas.E001")
        ]
    return []


@register()
def prices(app_configs, **kwargs) -> list[CheckMessage]:
    wrong = [
        f"{name} is {getattr(settings, name)}"
        for name, least in LEAST_CREDITS.items()
        if not least <= getattr(settings, name) <= MOST_CREDITS
    ]
    hint = f"Whole credits, {MOST_CREDITS:,} at most; only a slide may be free: renders are the free jobs."
    return [Error(f"{fault}.", hint=hint, id="socialsaas.E002") for fault in wrong]


@register()
def ai_services(app_configs, **kwargs) -> list[CheckMessage]:
    hint = "What may be set stands in .env.example, what it means in docs/providers.md."
    return [Error(str(fault), hint=hint, id="socialsaas.E003") for fault in configuration.find_faults()]


@register()
def ai_policy(app_configs, **kwargs) -> list[CheckMessage]:
    if settings.AI_POLICY in routing.POLICIES:
        return []
    hint = f"One of {', '.join(routing.POLICIES)}."
    return [Error(f"AI_POLICY is {settings.AI_POLICY!r}.", hint=hint, id="socialsaas.E004")]


@register(Tags.security, deploy=True)
def no_rehearsal(app_configs, **kwargs) -> list[Warning]:
    if not settings.OFFLINE_SCRIPT:
        return []
    return [
        Warning(
            "OFFLINE_SCRIPT is set, so every job is a rehearsal: nobody gets real pictures.",
            hint="Rehearse with a sandbox key instead: manage.py createapikey EMAIL --script ...",
            id="socialsaas.W002",
        )
    ]
