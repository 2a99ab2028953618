"""Money and limits."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate

from billing import plans


class BillingConfig(AppConfig):
    name = "billing"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        post_migrate.connect(plans.sync, sender=self)
