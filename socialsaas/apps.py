"""The project as an app: brings its commands, checks and the Celery application, without which no
process could send a message.
"""

from importlib import import_module

from django.apps import AppConfig

from socialsaas import checks
from socialsaas.celery import app as celery_app

__all__ = ["SocialsaasConfig", "celery_app", "checks"]


class SocialsaasConfig(AppConfig):
    name = "socialsaas"

    def ready(self) -> None:
        import_module("socialsaas.alarms")  # knows rows, and models are there only now
