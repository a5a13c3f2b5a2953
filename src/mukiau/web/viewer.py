"""Who looks at the page: language, time zone, theme, density of lists.

What somebody chose in their account counts in every browser. Who chose nothing there gets the language of the browser, or of
its cookie, and the zone of a cookie that a small script sets; before the script ran, Japanese readers get Tokyo, others UTC.
"""

import zoneinfo
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mukiau.web.accounts.profile import profile_of
from mukiau.web.accounts.roles import rights_of
from mukiau.web.comments import unseen_mentions
from mukiau.web.places import menu_of
from mukiau.web.zones import ALL_ZONES

ZONE_COOKIE, THEME_COOKIE, DENSITY_COOKIE = "mukiau_zone", "mukiau_theme", "mukiau_density"
THEMES = {"system": pgettext_lazy("theme", "Auto"), "light": _("Light"), "dark": _("Dark")}
DENSITIES = {"comfortable": pgettext_lazy("density", "Comfortable"), "compact": pgettext_lazy("density", "Compact")}
_DEFAULT_ZONE = {"ja": "Asia/Tokyo"}


def zone_of(request: HttpRequest) -> zoneinfo.ZoneInfo:
    """Return the zone the viewer chose, else that of the cookie, else the language's default."""
    name = profile_of(_user_of(request)).time_zone or request.COOKIES.get(ZONE_COOKIE, "")
    if name not in ALL_ZONES:
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


def _user_of(request: HttpRequest) -> AbstractBaseUser | AnonymousUser:
    return getattr(request, "user", AnonymousUser())  # none when the fault came before it was known


class ViewerMiddleware:
    """The whole request is in the viewer's language, and its times are in the viewer's zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = profile_of(_user_of(request)).language
        if language in dict(settings.LANGUAGES):
            translation.activate(language)  # until the next request, which begins with the browser's
            request.LANGUAGE_CODE = language
        with timezone.override(zone_of(request)):
            return self.get_response(request)


def viewer_context(request: HttpRequest) -> dict[str, Any]:
    """Return what every page's frame needs."""
    user = _user_of(request)
    return {
        "theme": theme_of(request),
        "density": density_of(request),
        "languages": dict(settings.LANGUAGES),
        "themes": THEMES,
        "densities": DENSITIES,
        "zone": timezone.get_current_timezone_name(),
        "rights": rights_of(user),
        "mention_count": SimpleLazyObject(lambda: unseen_mentions(user)),
        "menu": menu_of(request, rights_of(user)),
    }
