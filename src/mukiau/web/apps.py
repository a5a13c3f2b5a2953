"""The Django app of the pages."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registered as `mukiau.web`, label `web`."""

    name = "mukiau.web"
    label = "web"

    def ready(self) -> None:
        from mukiau.web.accounts import watching  # noqa: PLC0415 - models can be imported from now on

        watching.connect()
