"""The HTTP request during which the error occurred."""

import json
from dataclasses import dataclass
from urllib.parse import parse_qsl

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.scrubbing.policy import MARK
from mukiau.web.event.curl import curl_of
from mukiau.web.event.shapes import brief, entries_of, mapping, text
from mukiau.web.event.sheet import Pairs, Sheet, Value, html_bytes

REQUEST_BYTES = 22_000
MAX_CURL_BYTES = 7_000
MAX_QUERY_FIELDS = 100
_SHOWN = frozenset("method url query_string headers cookies env data fragment".split())
_MARKS = (MARK, "[Filtered]", "[Scrubbed]", "[REDACTED]", "********")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    """The request, in parts and as a command."""

    method: str
    url: str
    query: Value
    fragment: str
    parameters: Pairs
    """The query, field by field."""
    body: Value
    form: Pairs
    """The body, field by field, where it is flat."""
    headers: Pairs
    cookies: Pairs
    environment: Pairs
    fields: Pairs
    curl: str
    has_scrubbed: bool
    """The command holds a mark where a secret was."""
    is_too_long_for_curl: bool


def request_of(payload: JSONObject, sheet: Sheet) -> RequestView | None:
    """Return the request; None when the event has none."""
    request = mapping(payload.get("request"))
    if not request and not sheet.remarks.names_below("request"):
        return None
    part = sheet.part(REQUEST_BYTES)
    query = request.get("query_string")
    query_text = query if isinstance(query, str) else "&".join(f"{name}={text(v)}" for name, v in entries_of(query))
    curl = curl_of(request)
    has_room = (part.is_endless or html_bytes(curl) <= MAX_CURL_BYTES) and part.takes(html_bytes(curl))
    return RequestView(
        method=brief(request.get("method"), 32),
        url=brief(request.get("url"), 2_048),
        query=part.value(query_text, "request.query_string"),
        fragment=brief(request.get("fragment")),
        parameters=part.pairs(_parameters(query_text)),
        body=Value(text="") if _form(request) else part.value(_body(request.get("data")), "request.data"),
        form=part.pairs(_form(request), "request.data"),
        headers=part.pairs(request.get("headers"), "request.headers"),
        cookies=part.pairs(request.get("cookies"), "request.cookies"),
        environment=part.pairs(request.get("env"), "request.env"),
        fields=part.pairs(request, "request", known=_SHOWN),
        curl=curl if has_room else "",
        has_scrubbed=any(mark in curl for mark in _MARKS),
        is_too_long_for_curl=bool(curl) and not has_room,
    )


def _parameters(query: str) -> list[JSONValue]:
    """Return the fields of a query, decoded; none where it is a single one that says no more than the line above."""
    try:
        found = parse_qsl(query.lstrip("?"), keep_blank_values=True, max_num_fields=MAX_QUERY_FIELDS)
    except ValueError:
        return []
    return [list(pair) for pair in found]


def _form(request: JSONObject) -> JSONObject:
    """Return a body that is an object of plain values; nested ones read better as JSON."""
    data = mapping(request.get("data"))
    return {} if any(isinstance(value, dict | list) for value in data.values()) else data


def _body(data: JSONValue) -> JSONValue:
    """Return a body to show; a text that is JSON as JSON."""
    if isinstance(data, str) and data[:1] in ("{", "["):
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            return data
    return "" if data is None else data
