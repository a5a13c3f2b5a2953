"""Language, theme and density, kept in cookies for a year; the first two may be changed before signing in.

The language of somebody who is signed in is kept in their profile as well: it counts in their next browser, and for what they are
sent.
"""

from collections.abc import Container

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from mukiau.web.accounts.profile import change_reading, profile_of
from mukiau.web.viewer import DENSITIES, DENSITY_COOKIE, THEME_COOKIE, THEMES
from mukiau.web.way_back import way_back


@login_not_required
@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Choose `ja` or `en`."""
    chosen = request.POST.get("language", "")
    if request.user.is_authenticated and chosen in dict(settings.LANGUAGES):
        change_reading(request, language=chosen, time_zone=profile_of(request.user).time_zone)
    return _keep(request, settings.LANGUAGE_COOKIE_NAME, chosen, allowed=dict(settings.LANGUAGES))


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Choose `light`, `dark` or `system`."""
    return _keep(request, THEME_COOKIE, request.POST.get("theme", ""), allowed=THEMES)


@require_POST
def density(request: HttpRequest) -> HttpResponse:
    """Choose `comfortable` or `compact` rows."""
    return _keep(request, DENSITY_COOKIE, request.POST.get("density", ""), allowed=DENSITIES)


def _keep(request: HttpRequest, cookie: str, value: str, *, allowed: Container[str]) -> HttpResponse:
    response = HttpResponseRedirect(way_back(request, reverse("issues")))
    if value in allowed:
        age = settings.LANGUAGE_COOKIE_AGE
        response.set_cookie(cookie, value, max_age=age, samesite="Lax")
    return response
