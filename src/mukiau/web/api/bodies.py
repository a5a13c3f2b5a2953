"""What a request to the API brings along."""

import json
from typing import Any

from django.http import HttpRequest

from mukiau.web.api.door import ApiError


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
