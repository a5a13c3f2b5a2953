"""How often something may be tried: allauth's limiter, the only one, which counts in the cache that processes share.

The rates stand in the settings (`ACCOUNT_RATE_LIMITS`). A limit counts what is sent, not what is looked at.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponseBase

from mukiau.web.accounts.roles import View


def limited(action: str) -> Callable[[View], View]:
    """Let a view be sent something only as often as the action's rate says; then 429."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            refusal: HttpResponseBase | None = ratelimit.consume_or_429(request, action=action)
            return refusal or view(request, *args, **kwargs)

        return guarded

    return guard
