"""A decoded JSON log line made plain, and fields looked up in it by any of the names loggers give them.

Made plain means: the line another line carries as text takes its place, what OpenTelemetry lists as keys and values is
an object, and GELF's own fields lose their underscore.
"""

import json
from collections.abc import Iterator, Mapping, Sequence

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.records.decoding import find_value

WRAPPERS = (
    "record",
    "log",
    "fields",
    "attributes",
    "data",
    "context",
    "extra",
    "Properties",
    "jsonPayload",
    "resource",
    "mdc",
    "contextMap",
    "labels",
    "properties",
    "eventProperties",
    "scopeProperties",
    "Scopes",
    "logging.googleapis.com/labels",
)
"""Objects that loggers put everything else into."""
_TEXT_KEYS = ("message", "log", "msg", "body", "MESSAGE", "textPayload")
_VALUE_KINDS = ("stringValue", "intValue", "doubleValue", "boolValue")
_MAX_SCOPES = 20
_NAMES = ("name", "stringValue", "id", "errorMessage", "message")
"""What an object is called that stands where a text should."""
_INNER_KEYS = frozenset(
    ("level", "severity", "levelname", "log.level", "message", "msg", "event", "@t", "@timestamp", "Level", "LogLevel")
)
"""At least one of them makes an object in a message a log line of its own rather than what the message is about."""


def made_plain(record: JSONObject) -> JSONObject:
    """Return the record without what stands between it and its fields; itself when there is nothing."""
    if "short_message" in record:
        record = _without_underscores(record)
    if isinstance(record.get("attributes"), list):
        record = {**record, "attributes": _of_pairs(record["attributes"])}
    resource = record.get("resource")
    if isinstance(resource, dict) and isinstance(attributes := resource.get("attributes"), (list, dict)):
        record = {**record, "resource": _of_pairs(attributes) if isinstance(attributes, list) else attributes}
    inner = _find_inner(record)
    return (
        {**{key: value for key, value in record.items() if key not in _TEXT_KEYS}, **made_plain(inner)}
        if inner
        else record
    )


def _find_inner(record: JSONObject) -> JSONObject | None:
    """Find the JSON object that the line carries as text where its message should be."""
    for key in _TEXT_KEYS:
        text = record.get(key)
        if isinstance(text, str) and text[:1] == "{" and text.rstrip()[-1:] == "}":
            inner = find_value(text, json.loads)
            if isinstance(inner, dict) and not inner.keys().isdisjoint(_INNER_KEYS):
                return inner
    return None


def _without_underscores(record: JSONObject) -> JSONObject:
    """GELF: fields of one's own begin with `_`, the level is syslog's."""
    named = {key.removeprefix("_"): value for key, value in record.items() if key != "level"}
    return named | {"PRIORITY": record.get("level")}


def _of_pairs(pairs: list[JSONValue]) -> JSONObject:
    """OpenTelemetry's `[{"key": …, "value": {"stringValue": …}}]` as an object."""
    named = (pair for pair in pairs if isinstance(pair, dict) and isinstance(pair.get("key"), str))
    return {pair["key"]: _scalar(pair.get("value")) for pair in named}


def _scalar(value: JSONValue) -> JSONValue:
    if not isinstance(value, dict):
        return value
    return next((value[kind] for kind in _VALUE_KINDS if kind in value), value)


class View:
    """Looks fields up by any of their names and remembers which top keys were used."""

    def __init__(self, record: JSONObject) -> None:
        self._places = tuple(_places(record))
        self._values = {
            key: value
            for place in reversed(self._places)  # what stands further out is put in last
            for key, value in place.items()
            if value is not None and value != ""
        }
        self._objects = {key for key, value in self._values.items() if isinstance(value, dict)}
        self.used: set[str] = set()

    def value(self, key: str) -> JSONValue:
        """The value under a key, plain, dotted or nested; None when absent or empty."""
        found = self._values.get(key)
        if found is None and self._objects and "." in key and key.partition(".")[0] in self._objects:
            found = next((value for place in self._places if (value := _nested(place, key)) not in (None, "")), None)
        if found is not None:
            self.used.add(key)
        return found

    def values(self, keys: Sequence[str]) -> Iterator[JSONValue]:
        """The values under those of the keys that are there, in their order."""
        if not self._objects and self._values.keys().isdisjoint(keys):
            return  # most fields are in no line
        yield from (found for found in map(self.value, keys) if found is not None)

    def text(self, keys: tuple[str, ...]) -> str:
        """The first of the keys whose value is a scalar, or an object that carries a name or a message."""
        for value in self.values(keys):
            is_object = isinstance(value, dict)
            found = next((value[name] for name in _NAMES if value.get(name)), None) if is_object else value
            if isinstance(found, str):
                return found
            if isinstance(found, (int, float)) and not isinstance(found, bool):
                return str(found)
        return ""


def _places(record: JSONObject) -> Iterator[JSONObject]:
    """The record, then what wraps fields in it, then what wraps fields in that."""
    yield record
    outer = list(wrapped(record))
    yield from outer
    for place in outer:
        yield from wrapped(place)


def wrapped(place: JSONObject) -> Iterator[JSONObject]:
    """The objects in which loggers put fields of the line itself."""
    if place.keys().isdisjoint(WRAPPERS):
        return
    for key in WRAPPERS:
        value = place.get(key)
        if isinstance(value, dict):
            yield value
        elif isinstance(value, list):
            yield from (scope for scope in value[:_MAX_SCOPES] if isinstance(scope, dict))


def _nested(place: Mapping[str, JSONValue], dotted: str) -> JSONValue:
    value: JSONValue = place
    for part in dotted.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value
