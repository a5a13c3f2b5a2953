"""What a JSON log line says, by keys that loggers share rather than by logger.

A field is looked for under its known keys, dotted (`log.level`) or nested (`log: {level}`), at the top and in the few
objects loggers wrap everything in (`record`, `log`, `fields`, …).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from mukiau.core.event import ExceptionInfo, JSONObject, JSONValue, Level
from mukiau.core.records.headers import read_time
from mukiau.core.records.json_exceptions import WRAPPERS, find_exceptions
from mukiau.core.records.levels import level_of, level_of_severity_number

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
    logger = view.text(_LOGGER_KEYS)
    if exceptions and "\n" in message:
        message = message.partition("\n")[0]  # the trace is in the message
    return Fields(
        level=_level(view),
        occurred_ms=_occurred_ms(view),
        # An error's own `name` merged into the line (winston) is no logger.
        logger="" if exceptions and logger == exceptions[0].type else logger,
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


def read_summary(record: JSONObject) -> Fields:
    """Read only level, time, logger, message and whose it is: enough for a line that is no error."""
    view = _View(record)
    return Fields(
        level=_level(view),
        occurred_ms=_occurred_ms(view),
        logger=view.text(_LOGGER_KEYS),
        message=view.text(_MESSAGE_KEYS),
        service=view.text(_SERVICE_KEYS),
        environment=view.text(_ENVIRONMENT_KEYS),
    )


class _View:
    """Looks fields up by any of their names and remembers which top keys were used."""

    def __init__(self, record: JSONObject) -> None:
        self._places = (record, *(record[key] for key in WRAPPERS if isinstance(record.get(key), dict)))
        self.used: set[str] = set()

    def value(self, key: str) -> JSONValue:
        """The value under a key, plain, dotted or nested; None when absent or empty."""
        for place in self._places:
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
            found = self.value(key)
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
        if level := level_of(view.value(key)):
            return level
    number = view.value("severityNumber") or view.value("severity_number") or view.value("SeverityNumber")
    if isinstance(number, (int, float)):
        return level_of_severity_number(number)
    # Serilog's compact format leaves the level out for Information.
    return Level.INFO if view.value("@t") is not None and (view.value("@mt") or view.value("@m")) else None


def _occurred_ms(view: _View) -> int | None:
    for key in _TIME_KEYS:
        value = view.value(key)
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
