"""What a JSON log line says, by keys that loggers share rather than by logger.

A field is looked for under its known keys, dotted (`log.level`) or nested (`log: {level}`), at the top and in the few
objects loggers wrap everything in (`record`, `log`, `fields`, …).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from mukiau.core.event import ExceptionInfo, JSONObject, JSONValue, Level
from mukiau.core.records.json_exceptions import find_exceptions
from mukiau.core.records.json_record import View, made_plain
from mukiau.core.records.levels import (
    level_of,
    level_of_insight,
    level_of_severity_number,
    level_of_syslog,
)
from mukiau.core.records.moments import read_moment

LEVEL_KEYS = ("level", "severity", "levelname", "log.level", "lvl", "severityText", "severity_text", "@l", "logLevel",
               "loglevel", "level_name", "levelName", "log_level", "priority", "Level", "LogLevel", "type")  # fmt: skip
LEVEL_NUMBERS = (
    (("severityNumber", "severity_number", "SeverityNumber"), level_of_severity_number),
    (("PRIORITY", "log.syslog.severity.code", "syslog_severity_code"), level_of_syslog),
    (("severityLevel",), level_of_insight),
)
MESSAGE_KEYS = ("message", "msg", "event", "@m", "body", "log.original", "Message", "RenderedMessage", "text", "@mt",
                 "MessageTemplate", "error_message", "errorMessage", "short_message", "textPayload", "MESSAGE")  # fmt: skip
TEMPLATE_KEYS = (
    "@mt",
    "MessageTemplate",
    "messageTemplate",
    "message_template",
    "{OriginalFormat}",
    "State.{OriginalFormat}",
)
TIME_KEYS = ("@timestamp", "timestamp", "time", "ts", "@t", "asctime", "datetime", "eventTime", "date", "Timestamp",
              "instant", "timeUnixNano", "observedTimeUnixNano", "timeMillis", "__REALTIME_TIMESTAMP")  # fmt: skip
LOGGER_KEYS = ("logger", "logger_name", "log.logger", "loggerName", "name", "category", "Category", "channel",
                "SourceContext", "Properties.SourceContext", "scope.name", "log.name", "module", "target",
                "component", "_logger")  # fmt: skip
THREAD_KEYS = ("thread", "thread_name", "threadName", "thread.name", "process.thread.name", "Thread", "_thread")
TRACE_KEYS = ("trace_id", "traceId", "trace.id", "traceid", "TraceId", "xray_trace_id", "dd.trace_id", "@tr", "trace",
               "logging.googleapis.com/trace", "operation_Id")  # fmt: skip
REQUEST_KEYS = ("request_id", "requestId", "reqId", "req_id", "req.id", "request.id", "http.request.id", "requestid",
                 "RequestId", "correlation_id", "correlationId", "x-request-id", "function_request_id",
                 "AWSRequestId", "awsRequestId")  # fmt: skip
SERVICE_KEYS = ("service.name", "service", "service_name", "serviceName", "app", "application", "Application",
                 "cloud_RoleName", "serviceContext.service")  # fmt: skip
ENVIRONMENT_KEYS = (
    "service.environment",
    "deployment.environment.name",
    "deployment.environment",
    "environment",
    "env",
    "Environment",
)
CALL_FILE_KEYS = ("caller", "log.origin.file.name", "source.file", "file.path", "file.name", "file", "location",
                   "pathname", "filename", "code.filepath", "code.file.path", "caller_file_name", "sourceLocation.file")  # fmt: skip
CALL_FUNCTION_KEYS = ("log.origin.function", "source.function", "function", "func", "funcName", "code.function", "code.function.name",
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
    record = made_plain(record)
    view = View(record)
    language, exceptions = find_exceptions(record)
    message = view.text(MESSAGE_KEYS)
    logger = view.text(LOGGER_KEYS)
    if exceptions and "\n" in message:
        message = message.partition("\n")[0]  # the trace is in the message
    return Fields(
        level=_level(view),
        occurred_ms=_occurred_ms(view),
        # An error's own `name` merged into the line (winston) is no logger.
        logger="" if exceptions and logger == exceptions[0].type else logger,
        thread=view.text(THREAD_KEYS),
        trace_id=view.text(TRACE_KEYS).rpartition("/")[2],  # Google's is a path
        request_id=view.text(REQUEST_KEYS),
        message=message,
        template=_template(view, record, message),
        service=view.text(SERVICE_KEYS),
        environment=view.text(ENVIRONMENT_KEYS),
        call_site=_call_site(view),
        language=language,
        exceptions=exceptions,
        extra=tuple(_extra(record, view.used)),
    )


def read_summary(record: JSONObject) -> Fields:
    """Read only level, time, logger, message and whose it is: enough for a line that is no error."""
    view = View(made_plain(record))
    return Fields(
        level=_level(view),
        occurred_ms=_occurred_ms(view),
        logger=view.text(LOGGER_KEYS),
        message=view.text(MESSAGE_KEYS),
        service=view.text(SERVICE_KEYS),
        environment=view.text(ENVIRONMENT_KEYS),
    )


def _level(view: View) -> Level | None:
    for word in view.values(LEVEL_KEYS):
        if level := level_of(word):
            return level
    for keys, read in LEVEL_NUMBERS:
        if level := read(next(view.values(keys), None)):
            return level
    # Serilog's compact format leaves the level out for Information.
    return Level.INFO if view.value("@t") is not None and (view.value("@mt") or view.value("@m")) else None


def _occurred_ms(view: View) -> int | None:
    return next((moment for moment in map(read_moment, view.values(TIME_KEYS)) if moment is not None), None)


def _template(view: View, record: JSONObject, message: str) -> str:
    template = view.text(TEMPLATE_KEYS)
    # structlog's `event` is a constant by convention; beside a `message` it is something else.
    if not template and message and record.get("event") == message and "message" not in record and "msg" not in record:
        return message
    return template if template != message or "@mt" in record else ""


def _call_site(view: View) -> str:
    file = _without_line(view.text(CALL_FILE_KEYS))
    function = view.text(CALL_FUNCTION_KEYS)
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
