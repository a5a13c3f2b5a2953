"""What a request to the API brings along."""

import json
from typing import Any, TypeVar

from django.forms import Form
from django.http import HttpRequest, QueryDict

from mukiau.web.api.door import ApiError

_Filled = TypeVar("_Filled", bound=Form)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """Return the JSON object that was sent; raises ApiError."""
    try:
        body = json.loads(request.body)
        json.dumps(body, ensure_ascii=False).encode()  # half of a surrogate pair is no text that can be kept
    except (ValueError, RecursionError) as error:
        raise ApiError(400, "bad_body", "The body has to be a JSON object.") from error
    if not isinstance(body, dict):
        raise ApiError(400, "bad_body", "The body has to be a JSON object.")
    return body


def told_as_form(body: dict[str, Any]) -> QueryDict:
    """Return the fields of a body as a page's form would send them: lists several times, numbers as text; no others."""
    form = QueryDict(mutable=True)
    for name, value in body.items():
        values = value if isinstance(value, list) else [value]
        form.setlist(name, [str(one) for one in values if isinstance(one, str | int) and not isinstance(one, bool)])
    return form


def valid(form: _Filled) -> _Filled:
    """Return a form that was filled in rightly; raises ApiError, which names what was not."""
    if not form.is_valid():
        faults = "; ".join(f"{name}: {' '.join(map(str, texts))}" for name, texts in form.errors.items())
        raise ApiError(400, "bad_body", faults)
    return form
