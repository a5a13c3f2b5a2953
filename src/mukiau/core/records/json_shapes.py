"""What a JSON log line says, by keys that loggers share rather than by logger.

A field is looked for under its known keys, dotted (`log.level`) or nested (`log: {level}`), at the top and in the few
objects loggers wrap everything in (`record`, `log`, `fields`, …). The exception is looked for by shape, not by key:
first a string that holds a parseable trace (known keys first, then any value, at most three levels deep), else an
object with a type and a message. A parsed trace is believed before the fields beside it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from mukiau.core.event import ExceptionInfo, Frame, JSONObject, JSONValue, Level, Relation
from mukiau.core.records.headers import read_time
from mukiau.core.records.levels import level_of, level_of_severity_number
from mukiau.core.traces.registry import find_trace_in_text
from mukiau.core.traces.trace import Trace

_LEVEL_KEYS = ("level", "severity", "levelname", "log.level", "lvl", "severityText", "severity_text", "@l", "logLevel",
               "loglevel", "level_name", "levelName", "log_level", "priority", "Level", "LogLevel", "type")  # fmt: skip
_MESSAGE_KEYS = ("message", "msg", "event", "@m", "body", "log.original", "Message", "RenderedMessage", "text", "@mt",
                 "MessageTemplate", "error_message", "errorMessage", "short_message")  # fmt: skip
_TEMPLATE_KEYS = (
    "@mt",
    "MessageTemplate",
    "messageTemplate",
    "message_template",
    "{OriginalFormat}",
    "State.{OriginalFormat}",
)
_TIME_KEYS = ("@timestamp", "timestamp", "time", "ts", "@t", "asctime", "datetime", "eventTime", "date", "Timestamp")
_LOGGER_KEYS = ("logger", "logger_name", "log.logger", "loggerName", "name", "category", "Category", "channel",
                "SourceContext", "Properties.SourceContext", "scope.name", "log.name", "module", "target")  # fmt: skip
_THREAD_KEYS = ("thread", "thread_name", "threadName", "thread.name", "process.thread.name", "Thread")
_TRACE_KEYS = ("trace_id", "traceId", "trace.id", "traceid", "TraceId", "xray_trace_id", "dd.trace_id", "@tr", "trace")
_REQUEST_KEYS = ("request_id", "requestId", "reqId", "req_id", "req.id", "request.id", "http.request.id", "requestid",
                 "RequestId", "correlation_id", "correlationId", "x-request-id", "function_request_id")  # fmt: skip
_SERVICE_KEYS = ("service.name", "service", "service_name", "serviceName", "app", "application", "Application")
_ENVIRONMENT_KEYS = ("service.environment", "deployment.environment", "environment", "env", "Environment")
_CALL_FILE_KEYS = ("caller", "log.origin.file.name", "source.file", "file.path", "file.name", "file", "location",
                   "pathname", "filename", "code.filepath", "caller_file_name", "sourceLocation.file")  # fmt: skip
_CALL_FUNCTION_KEYS = ("log.origin.function", "source.function", "function", "func", "funcName", "code.function",
                       "caller_method_name", "func_name", "method_name")  # fmt: skip
_TRACE_TEXT_KEYS = ("stack_trace", "stacktrace", "stackTrace", "stack", "exception", "exc_info", "@x", "error", "err",
                    "errorVerbose", "traceback", "trace", "exception.stacktrace", "throwable", "Exception")  # fmt: skip
_ERROR_TEXT_KEYS = ("error", "err", "error.message", "exception.message")
_TYPE_KEYS = ("type", "name", "exc_type", "errorType", "class", "className", "error_type", "exception_type", "kind")
_VALUE_KEYS = ("message", "value", "exc_value", "errorMessage", "msg", "error_message", "description", "error")
_STACK_KEYS = ("stack", "stack_trace", "stackTrace", "stacktrace", "frames", "trace", "backtrace", "traceback")
_CAUSE_KEYS = ("cause", "previous", "inner", "innerException", "InnerException", "causedBy", "caused_by")
_WRAPPERS = (
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
)
_MAX_DEPTH = 3
_MAX_STRINGS = 200
_MAX_EXTRA = 30
_MAX_EXTRA_CHARS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """One log entry's own statement about itself; empty where it says nothing."""

    level: Level | None = None
    occurred_ms: int | None = None
    logger: str = ""
    thread: str = ""
    trace_id: str = ""
    request_id: str = ""
    message: str = ""
    template: str = ""
    service: str = ""
    environment: str = ""
    call_site: str = ""
    language: str = ""
    exceptions: tuple[ExceptionInfo, ...] = ()
    """Outermost first."""
    extra: tuple[tuple[str, JSONValue], ...] = ()
    """Short scalar fields without a meaning of their own here."""


def read_object(record: JSONObject) -> Fields:
    """Read a decoded JSON log line."""
    view = _View(record)
    language, exceptions = find_exceptions(record)
    message = view.text(_MESSAGE_KEYS)
    return Fields(
        level=_level(view),
        occurred_ms=_occurred_ms(view),
        logger=view.text(_LOGGER_KEYS),
        thread=view.text(_THREAD_KEYS),
        trace_id=view.text(_TRACE_KEYS),
        request_id=view.text(_REQUEST_KEYS),
        message=message,
        template=_template(view, record, message),
        service=view.text(_SERVICE_KEYS),
        environment=view.text(_ENVIRONMENT_KEYS),
        call_site=_call_site(view),
        language=language,
        exceptions=exceptions,
        extra=tuple(_extra(record, view.used)),
    )


class _View:
    """Looks fields up by any of their names and remembers which top keys were used."""

    def __init__(self, record: JSONObject) -> None:
        self._record = record
        self._inner = [record[key] for key in _WRAPPERS if isinstance(record.get(key), dict)]
        self.used: set[str] = set()

    def value(self, keys: tuple[str, ...]) -> JSONValue:
        for place in (self._record, *self._inner):
            for key in keys:
                found = place.get(key)
                if found is None and "." in key:
                    found = _nested(place, key)
                if found is not None and found != "":
                    self.used.add(key)
                    return found
        return None

    def text(self, keys: tuple[str, ...]) -> str:
        """The first of the keys whose value is a scalar, or an object that carries a name."""
        for key in keys:
            found = self.value((key,))
            if isinstance(found, dict):
                found = found.get("name") or found.get("stringValue") or found.get("id")
            if isinstance(found, str):
                return found
            if isinstance(found, (int, float)) and not isinstance(found, bool):
                return str(found)
        return ""


def _nested(place: Mapping[str, JSONValue], dotted: str) -> JSONValue:
    value: JSONValue = place
    for part in dotted.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(part)
    return value


def _level(view: _View) -> Level | None:
    for key in _LEVEL_KEYS:
        if level := level_of(view.value((key,))):
            return level
    number = view.value(("severityNumber", "severity_number", "SeverityNumber"))
    if isinstance(number, (int, float)):
        return level_of_severity_number(number)
    # Serilog's compact format leaves the level out for Information.
    return Level.INFO if view.value(("@t",)) is not None and view.value(("@mt", "@m")) is not None else None


def _occurred_ms(view: _View) -> int | None:
    for key in _TIME_KEYS:
        value = view.value((key,))
        if isinstance(value, str):
            if moment := read_time(value[:64]):
                return moment
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and (moment := _unix_ms(value)):
            return moment
        elif isinstance(value, dict) and isinstance(value.get("timestamp"), (int, float)):
            return _unix_ms(value["timestamp"])
    return None


def _unix_ms(number: float) -> int | None:
    """Seconds, milli-, micro- or nanoseconds, told apart by size (years 2001 to 2286)."""
    for unit in (1e-3, 1, 1e3, 1e6):
        if 1e12 <= number / unit < 1e13:
            return int(number / unit)
    return None


def _template(view: _View, record: JSONObject, message: str) -> str:
    template = view.text(_TEMPLATE_KEYS)
    # structlog's `event` is a constant by convention; beside a `message` it is something else.
    if not template and message and record.get("event") == message and "message" not in record and "msg" not in record:
        return message
    return template if template != message or "@mt" in record else ""


def _call_site(view: _View) -> str:
    file = _without_line(view.text(_CALL_FILE_KEYS))
    function = view.text(_CALL_FUNCTION_KEYS)
    if not file:
        return function
    return f"{file}:{function}" if function and function != file else file


def _without_line(text: str) -> str:
    head, colon, tail = text.rpartition(":")
    return head if colon and tail.isdigit() else text


def _extra(record: JSONObject, used: set[str]) -> Iterator[tuple[str, JSONValue]]:
    left = _MAX_EXTRA
    for key, value in record.items():
        if key in used or left == 0:
            continue
        is_short_text = isinstance(value, str) and len(value) <= _MAX_EXTRA_CHARS and "\n" not in value
        if is_short_text or isinstance(value, (bool, int, float)):
            left -= 1
            yield key, value


def find_exceptions(record: JSONObject) -> tuple[str, tuple[ExceptionInfo, ...]]:
    """Find the language and the chain a JSON log line carries; ("", ()) when it carries none."""
    described = _described(record)
    trace = next(_traces(record), None)
    if trace is None:
        return "", described
    return trace.language, _completed(trace, described)


def _traces(record: JSONObject) -> Iterator[Trace]:
    """The parseable traces among the string values, likely places first."""
    for text in _strings(record):
        if "\n" in text and (trace := find_trace_in_text(text)) and trace.exceptions:
            yield trace


def _strings(record: JSONObject) -> Iterator[str]:
    left = _MAX_STRINGS
    for text in _walk(record, _MAX_DEPTH):
        if left == 0:
            return
        left -= 1
        yield text


def _walk(value: JSONValue, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list) and depth:
        if value and all(isinstance(item, str) for item in value[:3]):
            yield "\n".join(str(item) for item in value)
        else:
            for item in value[:20]:
                yield from _walk(item, depth - 1)
    elif isinstance(value, dict) and depth:
        known = [key for key in _TRACE_TEXT_KEYS if key in value]
        for key in known:
            yield from _walk(value[key], depth - 1)
        for key, item in value.items():
            if key not in known:
                yield from _walk(item, depth - 1)


def _completed(trace: Trace, described: tuple[ExceptionInfo, ...]) -> tuple[ExceptionInfo, ...]:
    """Fill what a headless trace lacks (type and message beside a bare stack) from the object that carried it."""
    first = trace.exceptions[0]
    if first.type and not trace.is_headless:
        return trace.exceptions
    if not described:
        # Frames without an exception are where the log call stands (zap's `stacktrace`), not an error's.
        return trace.exceptions if first.type or first.message else ()
    outer = replace(described[0], frames=first.frames)
    return (outer, *trace.exceptions[1:]) if len(trace.exceptions) > 1 else (outer, *described[1:])


def _described(record: JSONObject) -> tuple[ExceptionInfo, ...]:
    """The chain written as objects: the record itself (Lambda) or one of its values."""
    text = _first(record, _ERROR_TEXT_KEYS)
    if isinstance(text, str) and text and "\n" not in text and not _is_exception(record):
        return (ExceptionInfo(type="", message=text),)
    if isinstance(record.get("errorType"), str):
        return tuple(_chain(record, Relation.TOP, 0))
    candidates = [record[key] for key in _TRACE_TEXT_KEYS if isinstance(record.get(key), (dict, list))]
    for wrapper in _WRAPPERS:
        inner = record.get(wrapper)
        if isinstance(inner, dict):
            candidates += [inner[key] for key in _TRACE_TEXT_KEYS if isinstance(inner.get(key), (dict, list))]
    for candidate in candidates:
        if isinstance(candidate, dict) and _is_exception(candidate):
            return tuple(_chain(candidate, Relation.TOP, 0))
        if (
            isinstance(candidate, list)
            and candidate
            and all(isinstance(i, dict) and _is_exception(i) for i in candidate)
        ):
            return tuple(_listed(candidate))
    return ()


def _is_exception(value: JSONObject) -> bool:
    has_type = isinstance(_first(value, _TYPE_KEYS), str)
    return has_type and (
        _first(value, _VALUE_KEYS) is not None or _first(value, _STACK_KEYS) is not None or "code" in value
    )


def _first(value: JSONObject, keys: tuple[str, ...]) -> JSONValue:
    return next((value[key] for key in keys if value.get(key) is not None), None)


def _chain(value: JSONObject, relation: Relation, at: int) -> Iterator[ExceptionInfo]:
    yield _exception(value, relation, at - 1 if at else None)
    cause = _first(value, _CAUSE_KEYS)
    if isinstance(cause, dict) and at < 20 and _is_exception(cause):
        yield from _chain(cause, Relation.CAUSE, at + 1)


def _listed(values: list[JSONObject]) -> Iterator[ExceptionInfo]:
    """A list of exceptions, outermost first; `is_cause` tells an explicit cause from a context."""
    for at, value in enumerate(values[:20]):
        is_cause = values[at - 1].get("is_cause") if at else None
        relation = Relation.TOP if at == 0 else Relation.CAUSE if is_cause is not False else Relation.CONTEXT
        yield _exception(value, relation, at - 1 if at else None)


def _exception(value: JSONObject, relation: Relation, parent: int | None) -> ExceptionInfo:
    frames = _first(value, _STACK_KEYS)
    return ExceptionInfo(
        type=str(_first(value, _TYPE_KEYS) or ""),
        message=str(_first(value, _VALUE_KEYS) or ""),
        module=value["module"] if isinstance(value.get("module"), str) else "",
        relation=relation,
        parent=parent,
        frames=_frames(frames) if isinstance(frames, list) else (),
    )


def _frames(values: list[JSONValue]) -> tuple[Frame, ...]:
    """Frames written as objects, in the order given (loggers that write objects write oldest call first)."""
    return tuple(_frame(value) for value in values[:200] if isinstance(value, dict))


def _frame(value: JSONObject) -> Frame:
    line = _first(value, ("lineno", "line", "line_number", "lineNumber"))
    path = str(_first(value, ("filename", "file", "source", "path", "fileName")) or "")
    digits = str(line) if line is not None else ""
    return Frame(
        function=str(_first(value, ("name", "function", "func", "method", "methodName")) or ""),
        filename=path,
        abs_path=path,
        lineno=int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else None,
        in_app=bool(path) and not any(part in path for part in ("site-packages", "node_modules", "/lib/python", "<")),
        context_line=str(_first(value, ("statement", "line_text", "context_line", "code")) or ""),
    )
