"""The way to the company's sign-in and back."""

import secrets
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.base import AuthError
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from mukiau.web.accounts.company import CompanyCallback, CompanySignIn
from mukiau.web.accounts.joining import INVITATION
from mukiau.web.views.sign_in import safe_target


@login_not_required
@require_safe
@never_cache
def start(request: HttpRequest) -> HttpResponse:
    """Lead to the provider. `next` is where the person wanted to go, `invitation` the token of one.

    A link, not a form: the rule that forms go nowhere else holds for what they lead to as well.
    """
    _require_company()
    provider = get_adapter().get_provider(request, settings.COMPANY_SIGN_IN)
    if invitation := request.GET.get("invitation"):
        request.session[INVITATION] = invitation
    nonce = secrets.token_urlsafe(24)
    try:
        return provider.redirect(  # type: ignore[no-any-return]
            request, "login", next_url=safe_target(request), auth_params={"nonce": nonce}, nonce=nonce
        )
    except (OAuth2Error, OSError) as error:  # OSError: of requests, whatever keeps it from an answer
        return _failed(request, provider, error)


@login_not_required
@require_safe
@never_cache
def back(request: HttpRequest) -> HttpResponse:
    """Take the provider's answer."""
    _require_company()
    view = CompanyCallback.adapter_view(CompanySignIn(request, settings.COMPANY_SIGN_IN))
    return view(request)  # type: ignore[no-any-return]


def _failed(request: HttpRequest, provider: Any, error: Exception) -> HttpResponse:
    try:
        get_adapter().on_authentication_error(request, provider, error=AuthError.UNKNOWN, exception=error)
    except ImmediateHttpResponse as shown:
        return shown.response  # type: ignore[no-any-return]
    raise error


def _require_company() -> None:
    if not settings.COMPANY_SIGN_IN:
        raise Http404
