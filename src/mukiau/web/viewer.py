"""Who looks at the page: theme, density of lists, time zone.

The zone comes from a cookie that a small script sets; before the script ran, Japanese readers get Tokyo, others UTC.
"""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mukiau.web.accounts.roles import rights_of
from mukiau.web.places import menu_of

ZONE_COOKIE, THEME_COOKIE, DENSITY_COOKIE = "mukiau_zone", "mukiau_theme", "mukiau_density"
THEMES = {"system": pgettext_lazy("theme", "Auto"), "light": _("Light"), "dark": _("Dark")}
DENSITIES = {"comfortable": pgettext_lazy("density", "Comfortable"), "compact": pgettext_lazy("density", "Compact")}
_ZONES = zoneinfo.available_timezones()
_DEFAULT_ZONE = {"ja": "Asia/Tokyo"}


def zone_of(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """Return the zone of the viewer's cookie if there is such a zone, else the language's default."""
    name = request.COOKIES.get(ZONE_COOKIE, "")
    if name not in _ZONES:
        name = _DEFAULT_ZONE.get(translation.get_language() or "", "UTC")
    return zoneinfo.ZoneInfo(name)


def theme_of(request: HttpRequest) -> str:
    """Return `system`, `light` or `dark`."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    return theme if theme in THEMES else "system"


def density_of(request: HttpRequest) -> str:
    """Return `comfortable` (two lines a row) or `compact` (one)."""
    density = request.COOKIES.get(DENSITY_COOKIE, "")
    return density if density in DENSITIES else "comfortable"


class ViewerMiddleware:
    """Times of the whole request are in the viewer's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with timezone.override(zone_of(request)):
            return self.get_response(request)


def viewer_context(request: HttpRequest) -> dict[str, Any]:
    """Return what every page's frame needs."""
    user = getattr(request, "user", AnonymousUser())  # none when the fault came before it was known
    return {
        "theme": theme_of(request),
        "density": density_of(request),
        "languages": dict(settings.LANGUAGES),
        "themes": THEMES,
        "densities": DENSITIES,
        "zone": timezone.get_current_timezone_name(),
        "rights": rights_of(user),
        "menu": menu_of(request, rights_of(user)),
    }
