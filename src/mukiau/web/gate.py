"""Everything needs signing in, except what says otherwise (`login_not_required`)."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponseBase
from django_htmx.http import HttpResponseClientRefresh


class GateMiddleware(LoginRequiredMiddleware):
    """Leads to the sign-in page; a part that htmx asks for makes the whole page go there instead of showing it inside."""

    # Django returns it like a view's answer: any response will do.
    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if request.headers.get("HX-Request"):
            return HttpResponseClientRefresh()
        return super().handle_no_permission(request, view_func)
