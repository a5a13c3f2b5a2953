"""Pages of the API: an opaque cursor names the last row, so the next page costs the same however deep it is."""

import base64
import json
from typing import Any

from django.http import HttpRequest

from mukiau.web.address import absolute_url
from mukiau.web.api.door import ApiError

MAX_CURSOR_CHARS = 2000


def next_page(request: HttpRequest, last: tuple[Any, ...] | None) -> str | None:
    """Return the address of the page after a row; None when there is none."""
    if last is None:
        return None
    query = request.GET.copy()
    query["cursor"] = base64.urlsafe_b64encode(json.dumps(last).encode()).decode()
    return absolute_url(request, f"{request.path}?{query.urlencode()}")


def cursor_of(request: HttpRequest, kinds: tuple[type, ...]) -> tuple[Any, ...] | None:
    """Return the row a request wants to go on after, None for the first page; raises ApiError."""
    given = request.GET.get("cursor", "")
    if not given:
        return None
    try:
        row = json.loads(base64.urlsafe_b64decode(given[:MAX_CURSOR_CHARS]))
        if [type(value) for value in row] != list(kinds):
            raise ValueError(row)
    except (ValueError, TypeError) as error:
        raise ApiError(400, "bad_parameter", "The cursor is none of ours; take the address in `next`.") from error
    return tuple(row)


def number_of(request: HttpRequest, name: str) -> int | None:
    """Return a parameter that has to be a whole number, None when it is not given; raises ApiError."""
    given = request.GET.get(name, "")
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and len(given) < 19):
        raise ApiError(400, "bad_parameter", f"{name} has to be a whole number.")
    return int(given)


def choice_of(request: HttpRequest, name: str, choices: tuple[str, ...], default: str) -> str:
    """Return a parameter that has to be one of a few; raises ApiError."""
    given = request.GET.get(name, "") or default
    if given != default and given not in choices:
        raise ApiError(400, "bad_parameter", f"{name} has to be one of {', '.join(choices)}.")
    return given
