"""All cookies, whoever sets them, stay below the path everything is below, and go over HTTPS only where that is set."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse


class CookieMiddleware:
    """The outermost: what any view, framework part or library sets passes here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for cookie in response.cookies.values():
            cookie["path"] = settings.COOKIE_PATH
            cookie["secure"] = settings.COOKIES_ARE_SECURE
        return response
