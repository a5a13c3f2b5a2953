"""The protobuf body of an export of logs: `opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest`.

Field numbers are those of the protocol's .proto files, version 1; they never change.
"""

import math
import struct
from collections.abc import Iterator

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.records.otlp.logged import MAX_ATTRIBUTES, MAX_DEPTH, Logged, Malformed
from mukiau.core.records.otlp.wire import TooManyFields, Wire

_TEXT, _BOOL, _INTEGER, _DOUBLE, _ARRAY, _OBJECT, _BYTES = range(1, 8)
"""Fields of AnyValue, of which one is there."""


def read_protobuf(body: bytes) -> Iterator[Logged | None]:
    """Yield the log records of a body, None for one that cannot be read; raises Malformed when the rest cannot be."""
    wire = Wire(body)
    for number, at, stop in wire.fields(0, len(body)):
        if number == 1 and stop >= 0:
            yield from _resource_logs(wire, at, stop)


def _resource_logs(wire: Wire, start: int, end: int) -> Iterator[Logged | None]:
    resource: JSONObject = {}
    scopes: list[tuple[int, int]] = []
    for number, at, stop in wire.fields(start, end):
        if number == 1 and stop >= 0:
            resource = _attributes(wire, at, stop, field=1)
        elif number == 2 and stop >= 0:
            scopes.append((at, stop))
    for at, stop in scopes:
        yield from _scope_logs(wire, at, stop, resource)


def _scope_logs(wire: Wire, start: int, end: int, resource: JSONObject) -> Iterator[Logged | None]:
    scope = ""
    for number, at, stop in wire.fields(start, end):
        if number == 1 and stop >= 0:
            scope = next((wire.text(a, s) for n, a, s in wire.fields(at, stop) if n == 1 and s >= 0), "")
        elif number == 2 and stop >= 0:
            try:
                yield _log_record(wire, at, stop, resource, scope)
            except TooManyFields:
                raise
            except Malformed:
                yield None


def _log_record(wire: Wire, start: int, end: int, resource: JSONObject, scope: str) -> Logged:
    found = Logged(resource=resource, scope=scope)
    for number, value, stop in wire.fields(start, end):
        if stop < 0:
            _set_number(found, number, value)
        elif number == 6:
            if len(found.attributes) < MAX_ATTRIBUTES:
                _put(wire, value, stop, found.attributes, MAX_DEPTH)
        elif number == 5:
            found.body = _any_value(wire, value, stop, MAX_DEPTH)
        elif number == 3:
            found.severity_text = wire.text(value, stop)
        elif number == 9 and stop - value == 16:
            found.trace_id = wire.data[value:stop].hex()
    return found


def _set_number(found: Logged, number: int, value: int) -> None:
    if number == 1:
        found.time_ns = value
    elif number == 2:
        found.severity_number = value
    elif number == 11:
        found.observed_ns = value


def _attributes(wire: Wire, start: int, end: int, *, field: int, depth: int = MAX_DEPTH) -> JSONObject:
    """Return the key-value pairs that a message holds under a field's number."""
    found: JSONObject = {}
    for number, at, stop in wire.fields(start, end):
        if number == field and stop >= 0 and len(found) < MAX_ATTRIBUTES:
            _put(wire, at, stop, found, depth)
    return found


def _put(wire: Wire, start: int, end: int, into: JSONObject, depth: int) -> None:
    key, value = "", None
    for number, at, stop in wire.fields(start, end):
        if number == 1 and stop >= 0:
            key = wire.text(at, stop)
        elif number == 2 and stop >= 0:
            value = _any_value(wire, at, stop, depth)
    into[key] = value


def _any_value(wire: Wire, start: int, end: int, depth: int) -> JSONValue:
    value: JSONValue = None
    for number, at, stop in wire.fields(start, end):
        value = _number(number, at) if stop < 0 else _long(wire, number, at, stop, depth - 1)
    return value


def _number(number: int, value: int) -> JSONValue:
    if number == _BOOL:
        return bool(value)
    if number == _INTEGER:
        return value - (1 << 64) if value >= 1 << 63 else value
    if number == _DOUBLE:
        double = struct.unpack("<d", value.to_bytes(8, "little"))[0]
        return double if math.isfinite(double) else str(double)
    return None


def _long(wire: Wire, number: int, at: int, stop: int, depth: int) -> JSONValue:
    if number == _TEXT:
        return wire.text(at, stop)
    if number == _BYTES:
        return wire.data[at:stop].hex()
    if depth <= 0:
        return None
    if number == _OBJECT:
        return _attributes(wire, at, stop, field=1, depth=depth)
    if number == _ARRAY:
        members: list[JSONValue] = []
        for n, a, s in wire.fields(at, stop):
            if n == 1 and s >= 0 and len(members) < MAX_ATTRIBUTES:
                members.append(_any_value(wire, a, s, depth))
        return members
    return None
