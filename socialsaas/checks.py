"""System checks: what an operator should know before users do."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from carousels.providers.offline.scripts import InvalidScript, Script


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
