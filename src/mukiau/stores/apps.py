"""The Django app that owns the state file's tables."""

from django.apps import AppConfig


class StoresConfig(AppConfig):
    """Registered as `mukiau.stores`, label `stores`."""

    name = "mukiau.stores"
    label = "stores"
    default_auto_field = "django.db.models.BigAutoField"
