"""Content: carousels, their slides, what draws and writes them."""

from django.apps import AppConfig


class CarouselsConfig(AppConfig):
    name = "carousels"
    default_auto_field = "django.db.models.BigAutoField"
