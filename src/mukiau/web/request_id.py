"""The id intake gave the request stands in each line that is logged while it is answered."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from mukiau import logs


class RequestIdMiddleware:
    """The outermost, so that the line about a fault in any other part has the id as well."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = logs.request_id.set(request.headers.get("X-Request-Id", ""))
        try:
            return self.get_response(request)
        finally:
            logs.request_id.reset(token)
