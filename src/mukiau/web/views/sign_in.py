"""The sign-in page: name and password, the company's own sign-in, or both."""

from typing import Any
from urllib.parse import urlencode

from allauth.account.views import LoginView
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme


class SignInPage(LoginView):  # type: ignore[misc]
    """allauth's, with the other way in beside it."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at name and password, if they are a way in at all."""
        if not settings.MUKIAU.password_sign_in:
            raise PermissionDenied
        return super().post(request, *args, **kwargs)  # type: ignore[no-any-return]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add what the page has to know of the company's sign-in."""
        return {
            **super().get_context_data(**kwargs),
            "next": safe_target(self.request),
            "query": urlencode({"next": safe_target(self.request)}),
            "company": settings.COMPANY_NAME,
            "has_password": settings.MUKIAU.password_sign_in,
        }


page = login_not_required(SignInPage.as_view())


def safe_target(request: HttpRequest) -> str:
    """Return where somebody wanted to go, if that is a page of ours."""
    asked = request.POST.get("next") or request.GET.get("next", "")
    return asked if url_has_allowed_host_and_scheme(asked, allowed_hosts=None) else reverse("issues")
