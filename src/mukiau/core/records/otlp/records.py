"""OpenTelemetry's log records as records.

A log record that states a severity, an exception or a trace is a log entry by itself: its record is a JSON line. One that
is nothing but a text was read from a file or a container: the text is the line, and may be one of many of a stack trace.

The protocol has no ids. A record is named by its content, and by which one of the like it is within its body: an exporter
that got no answer sends the same body again, and nothing is counted twice.
"""

import json
from collections.abc import Iterator

from mukiau.core.event import JSONObject
from mukiau.core.records.decoding import Loads
from mukiau.core.records.levels import level_of_severity_number
from mukiau.core.records.naming import Names
from mukiau.core.records.otlp.json_body import read_json
from mukiau.core.records.otlp.logged import Logged, Malformed
from mukiau.core.records.otlp.protobuf import read_protobuf
from mukiau.core.records.payloads import MAX_RECORD_CHARS, Line, Reader
from mukiau.core.records.record import Record

_ENVIRONMENT = ("deployment.environment.name", "deployment.environment", "service.environment")
_ACCOUNT = ("cloud.account.id",)
_LOG_GROUP = ("aws.log.group.names", "aws.log.group.name", "cloudwatch.log.group.name")
_STREAM = ("aws.log.stream.names", "cloudwatch.log.stream", "k8s.pod.name", "container.id", "aws.ecs.task.arn", "faas.instance",
           "service.instance.id", "host.name", "host.id")  # fmt: skip
"""What tells one container or process from another, the most certain first."""
_PARTS = ("k8s.container.name", "container.name", "log.file.path", "log.file.name", "log.iostream")
"""What tells several logs of one container apart."""
_EXCEPTION = ("exception.type", "exception.message", "exception.stacktrace")
_NAMELESS = "unknown_service"
"""How SDKs call a service that nobody named, with the program's name behind."""


def iter_otlp(body: bytes, *, loads: Loads = json.loads, item: str) -> Iterator[Line]:
    """Read a protobuf body record by record; never raises. What follows a broken piece is rejected as one."""
    yield from _lines(read_protobuf(body), Reader(item, loads))


def iter_otlp_json(body: bytes, *, loads: Loads = json.loads, item: str) -> Iterator[Line]:
    """Read a JSON body record by record; never raises."""
    yield from _lines(read_json(body, loads), Reader(item, loads))


def _lines(read: Iterator[Logged | None], reader: Reader) -> Iterator[Line]:
    names = Names()
    try:
        for logged in read:
            if reader.is_full:
                yield from reader.reject_rest()
                return
            if logged is None or not (logged.body or logged.attributes):
                yield reader.reject("bad_log_record" if logged is None else "no_message")
                continue
            message = _message(logged)
            record = _record(logged, message[:MAX_RECORD_CHARS], reader.made_id, names)
            yield from reader.keep(record, is_cut=len(message) > MAX_RECORD_CHARS)
    except Malformed:
        yield reader.reject("not_otlp")


def _record(logged: Logged, message: str, made_id: str, names: Names) -> Record:
    resource = logged.resource
    at_ns = logged.time_ns or logged.observed_ns
    service = _first(resource, ("service.name",))
    stream = [
        _first(resource, _STREAM),
        *(_first(resource, (key,)) or _first(logged.attributes, (key,)) for key in _PARTS),
    ]
    return Record(
        record_id=names.name(f"{logged.time_ns} {logged.observed_ns} {message}") if at_ns else made_id,
        message=message,
        timestamp_ms=at_ns // 1_000_000 if at_ns else None,
        account=_first(resource, _ACCOUNT),
        log_group=_first(resource, _LOG_GROUP),
        log_stream="/".join(part for part in (service, *stream) if part),
        has_source_id=bool(at_ns),
        service="" if service.startswith(_NAMELESS) else service,
        environment=_first(resource, _ENVIRONMENT),
    )


def _message(logged: Logged) -> str:
    """The line: a text as it is where it stands alone, else JSON as a logger would have written it."""
    is_entry = logged.severity_number or logged.severity_text or logged.trace_id
    has_exception = any(logged.attributes.get(key) for key in _EXCEPTION)
    if isinstance(logged.body, str) and not is_entry and not has_exception:
        return logged.body
    line: JSONObject = {}
    if level := level_of_severity_number(logged.severity_number) or logged.severity_text:
        line["level"] = str(level)
    if logged.scope:
        line["logger"] = logged.scope
    if logged.trace_id:
        line["trace_id"] = logged.trace_id
    if isinstance(logged.body, dict):
        line = logged.body | line
    elif logged.body is not None:
        line["message"] = logged.body if isinstance(logged.body, str) else json.dumps(logged.body, ensure_ascii=False)
    if has_exception:
        line["exception"] = _exception(logged.attributes)
    line["attributes"] = {key: value for key, value in logged.attributes.items() if key not in _EXCEPTION}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"))


def _exception(attributes: JSONObject) -> JSONObject:
    return {key.rpartition(".")[2]: attributes[key] for key in _EXCEPTION if isinstance(attributes.get(key), str)}


def _first(values: JSONObject, keys: tuple[str, ...]) -> str:
    """Return the first of the values that is a text; of a list its first."""
    for key in keys:
        value = values.get(key)
        if isinstance(value, list) and value:
            value = value[0]
        if isinstance(value, str) and value:
            return value
    return ""
