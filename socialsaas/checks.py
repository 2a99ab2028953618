"""System checks: what an operator should know before users do."""

from django.conf import settings
from django.core.checks import Tags, Warning, register


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
