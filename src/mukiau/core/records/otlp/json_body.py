"""The JSON body of an export of logs: protobuf's JSON form with the protocol's own rules (ids in hex, numbers as either)."""

from collections.abc import Iterator

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.records.decoding import Loads, find_value
from mukiau.core.records.otlp.logged import MAX_ATTRIBUTES, MAX_DEPTH, Logged, Malformed
from mukiau.core.records.payloads import has_too_many_values

MAX_BODY_MARKS = 1_000_000
"""Braces, brackets and commas of a body. A log record with ten attributes has some fifty; small values take twenty times
their text in memory."""
_HEX = frozenset("0123456789abcdefABCDEF")
_SCALARS = ("stringValue", "boolValue", "doubleValue", "bytesValue")


def read_json(body: bytes, loads: Loads) -> Iterator[Logged | None]:
    """Yield the log records of a body, None for one that is none; raises Malformed for what is no body."""
    text = body.decode("utf-8", "replace")
    if has_too_many_values(text, most=MAX_BODY_MARKS):
        raise Malformed("The body has too many values.")
    value = find_value(text, loads)
    if not isinstance(value, dict):
        raise Malformed("The body is no JSON object.")
    for around in _objects(value, "resourceLogs"):
        resource = _attributes(_object(around, "resource").get("attributes"), MAX_DEPTH)
        for scoped in _objects(around, "scopeLogs"):
            scope = _text(_object(scoped, "scope").get("name"))
            for given in _list(scoped, "logRecords"):
                yield _logged(given, resource, scope) if isinstance(given, dict) else None


def _logged(given: JSONObject, resource: JSONObject, scope: str) -> Logged:
    trace_id = _text(given.get("traceId"))
    return Logged(
        resource=resource,
        scope=scope,
        time_ns=_integer(given.get("timeUnixNano")),
        observed_ns=_integer(given.get("observedTimeUnixNano")),
        severity_number=_integer(given.get("severityNumber")),
        severity_text=_text(given.get("severityText")),
        body=_any_value(given.get("body"), MAX_DEPTH),
        attributes=_attributes(given.get("attributes"), MAX_DEPTH),
        trace_id=trace_id.lower() if len(trace_id) == 32 and _HEX.issuperset(trace_id) else "",
    )


def _any_value(value: JSONValue, depth: int) -> JSONValue:
    if not isinstance(value, dict) or depth <= 0:
        return None
    if "intValue" in value:
        return _integer(value["intValue"])
    for kind in _SCALARS:
        if isinstance(value.get(kind), str | bool | int | float):
            return value[kind]
    if "kvlistValue" in value:
        return _attributes(_object(value, "kvlistValue").get("values"), depth - 1)
    if "arrayValue" in value:
        members = _list(_object(value, "arrayValue"), "values")[:MAX_ATTRIBUTES]
        return [_any_value(member, depth - 1) for member in members]
    return None


def _attributes(pairs: JSONValue, depth: int) -> JSONObject:
    given = pairs[:MAX_ATTRIBUTES] if isinstance(pairs, list) else []
    named = (pair for pair in given if isinstance(pair, dict) and isinstance(pair.get("key"), str))
    return {pair["key"]: _any_value(pair.get("value"), depth) for pair in named}


def _integer(value: JSONValue) -> int:
    """Return a number of 64 bits, which may be written as a text; 0 for what is none."""
    if isinstance(value, str) and len(value) <= 20 and value.removeprefix("-").isdecimal() and value.isascii():
        value = int(value)
    is_number = isinstance(value, int) and not isinstance(value, bool) and -(1 << 63) <= value < 1 << 64
    return value if is_number else 0


def _text(value: JSONValue) -> str:
    return value if isinstance(value, str) else ""


def _object(value: JSONObject, key: str) -> JSONObject:
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _list(value: JSONObject, key: str) -> list[JSONValue]:
    found = value.get(key)
    return found if isinstance(found, list) else []


def _objects(value: JSONObject, key: str) -> Iterator[JSONObject]:
    return (one for one in _list(value, key) if isinstance(one, dict))
