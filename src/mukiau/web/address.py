"""The address people and programs reach this mukiau at."""

from django.conf import settings
from django.http import HttpRequest


def base_url(request: HttpRequest) -> str:
    """Return the configured base URL, else the address the viewer came by."""
    configured: str = settings.MUKIAU.base_url
    return configured.rstrip("/") or f"{request.scheme}://{request.get_host()}"
