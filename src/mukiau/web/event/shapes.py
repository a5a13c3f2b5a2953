"""Reach into a decoded payload: whatever stands there, the answer has the shape asked for."""

import json

from mukiau.core.event import JSONObject, JSONValue


def text(value: JSONValue) -> str:
    """Return a string as it is, other values as JSON, nothing as empty."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def brief(value: JSONValue, max_chars: int = 300) -> str:
    """Return a text for one line, cut where it is too long for a name."""
    shown = text(value)
    return shown if len(shown) <= max_chars else shown[:max_chars] + "…"


def mapping(value: JSONValue) -> JSONObject:
    return value if isinstance(value, dict) else {}


def items(value: JSONValue) -> list[JSONValue]:
    """Return a list, also from the wire's `{"values": […]}`."""
    if isinstance(value, dict):
        value = value.get("values")
    return value if isinstance(value, list) else []


def entries_of(value: JSONValue) -> list[tuple[str, JSONValue]]:
    """Return name and value of each entry of an object or of a list of pairs."""
    if isinstance(value, dict):
        return [(str(name), entry) for name, entry in value.items()]
    found = (entry for entry in items(value) if isinstance(entry, list) and len(entry) == 2)
    return [(text(name), entry) for name, entry in found]


def whole_number(value: JSONValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
