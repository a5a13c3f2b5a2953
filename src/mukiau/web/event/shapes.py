"""Reach into a decoded payload: whatever stands there, the answer has the shape asked for."""

import json

from mukiau.core.event import JSONObject, JSONValue

MAX_TEXT_CHARS = 10_000


def text(value: JSONValue) -> str:
    """Return a string as it is, other values as JSON, nothing as empty."""
    if value is None:
        return ""
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return shown if len(shown) <= MAX_TEXT_CHARS else shown[:MAX_TEXT_CHARS] + " …"


def mapping(value: JSONValue) -> JSONObject:
    return value if isinstance(value, dict) else {}


def items(value: JSONValue) -> list[JSONValue]:
    """Return a list, also from the wire's `{"values": […]}`."""
    if isinstance(value, dict):
        value = value.get("values")
    return value if isinstance(value, list) else []


def pairs(value: JSONValue) -> tuple[tuple[str, str], ...]:
    """Return name and text of each entry of an object or of a list of pairs."""
    if isinstance(value, dict):
        return tuple((str(name), text(entry)) for name, entry in value.items())
    found = (entry for entry in items(value) if isinstance(entry, list) and len(entry) == 2)
    return tuple((text(name), text(entry)) for name, entry in found)


def whole_number(value: JSONValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
