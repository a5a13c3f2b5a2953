"""The address people and programs reach this mukiau at."""

from django.conf import settings
from django.http import HttpRequest


def base_url(request: HttpRequest) -> str:
    """Return the configured base URL, else the address the viewer came by."""
    configured: str = settings.MUKIAU.base_url
    return configured.rstrip("/") or f"{request.scheme}://{request.get_host()}"


def dsn(base: str, public_key: str, project_id: int) -> str:
    """Return the DSN of a key.

    >>> dsn("https://errors.example.com/x", "k" * 4, 3)
    'https://kkkk@errors.example.com/x/3'
    """
    scheme, _, rest = base.partition("://")
    return f"{scheme}://{public_key}@{rest}/{project_id}"
