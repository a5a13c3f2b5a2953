"""Everything needs signing in, except what says otherwise (`login_not_required`); who came in is noted."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django_htmx.http import HttpResponseClientRefresh

from mukiau import clock
from mukiau.stores.sessions import record_use


class GateMiddleware(LoginRequiredMiddleware):
    """Leads to the sign-in page; a part that htmx asks for makes the whole page go there instead of showing it inside."""

    # Django returns it like a view's answer: any response will do.
    def handle_no_permission(  # type: ignore[override]
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseBase:
        if request.headers.get("HX-Request"):
            return HttpResponseClientRefresh()
        return super().handle_no_permission(request, view_func)


class SeenMiddleware:
    """Notes when somebody who is signed in was last here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and request.session.session_key:
            record_use(request.user.pk, request.session.session_key, now_ms=clock.unix_ms())
        return response
