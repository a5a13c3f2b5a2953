"""The exception chain a JSON log line carries, found by shape.

First a string that holds a parseable trace (known keys first, then any value, at most three levels deep), else an
object with a type and a message. A parsed trace is believed before the fields beside it.
"""

from collections.abc import Iterator
from dataclasses import replace

from mukiau.core.event import ExceptionInfo, Frame, JSONObject, JSONValue, Relation
from mukiau.core.traces.registry import find_trace_in_text
from mukiau.core.traces.trace import Trace

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
)
"""Objects that loggers put everything else into."""
_TRACE_TEXT_KEYS = (
    "errorVerbose",
    "stack_trace",
    "stacktrace",
    "stackTrace",
    "stack",
    "exception",
    "exc_info",
    "@x",
    "error",
    "err",
    "traceback",
    "trace",
    "exception.stacktrace",
    "throwable",
    "Exception",
)  # fmt: skip
_ERROR_TEXT_KEYS = ("error", "err", "error.message", "exception.message")
_TYPE_KEYS = ("type", "name", "exc_type", "errorType", "class", "className", "error_type", "exception_type", "kind")
_VALUE_KEYS = (
    "errorMessage",
    "exc_value",
    "message",
    "value",
    "msg",
    "error_message",
    "description",
    "error",
)
_STACK_KEYS = ("stack", "stack_trace", "stackTrace", "stacktrace", "frames", "trace", "backtrace", "traceback")
_CAUSE_KEYS = ("cause", "previous", "inner", "innerException", "InnerException", "causedBy", "caused_by")
_MAX_DEPTH = 3
_MAX_STRINGS = 200


def find_exceptions(record: JSONObject) -> tuple[str, tuple[ExceptionInfo, ...]]:
    """Find the language and the chain a JSON log line carries; ("", ()) when it carries none."""
    described = _described(record)
    trace = next(_traces(record), None)
    if trace is None:
        return "python" if isinstance(record.get("exception"), list) and described else "", described
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
        return _with_described_causes(trace.exceptions, described)
    if not described:
        # Frames without an exception are where the log call stands (zap's `stacktrace`), not an error's.
        return trace.exceptions if first.type or first.message else ()
    outer = replace(described[0], frames=first.frames)
    return (outer, *trace.exceptions[1:]) if len(trace.exceptions) > 1 else (outer, *described[1:])


def _with_described_causes(
    chain: tuple[ExceptionInfo, ...], described: tuple[ExceptionInfo, ...]
) -> tuple[ExceptionInfo, ...]:
    """A stack that shows one exception, in an object that names its causes too."""
    is_same = len(chain) == 1 and len(described) > 1 and described[0].type == chain[0].type
    return (*chain, *described[1:]) if is_same else chain


def _described(record: JSONObject) -> tuple[ExceptionInfo, ...]:
    """The chain written as objects: the record itself (Lambda) or one of its values."""
    text = _first(record, _ERROR_TEXT_KEYS)
    if isinstance(text, str) and text and "\n" not in text and not _is_exception(record):
        return (ExceptionInfo(type="", message=text),)
    if isinstance(record.get("errorType"), str):
        return tuple(_chain(record, Relation.TOP, 0))
    candidates = [record[key] for key in _TRACE_TEXT_KEYS if isinstance(record.get(key), (dict, list))]
    for wrapper in WRAPPERS:
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
    elif isinstance(cause, str) and "\n" in cause and (trace := find_trace_in_text(cause)):
        for nth, link in enumerate(trace.exceptions):
            relation = Relation.CAUSE if link.relation is Relation.TOP else link.relation
            yield replace(link, relation=relation, parent=at if nth == 0 else at + 1 + (link.parent or 0))


def _listed(values: list[JSONObject]) -> Iterator[ExceptionInfo]:
    """A list of exceptions, outermost first; `is_cause` tells an explicit cause from a context."""
    for at, value in enumerate(values[:20]):
        is_cause = values[at - 1].get("is_cause") if at else None
        relation = Relation.TOP if at == 0 else Relation.CAUSE if is_cause is not False else Relation.CONTEXT
        yield _exception(value, relation, at - 1 if at else None)


def _exception(value: JSONObject, relation: Relation, parent: int | None) -> ExceptionInfo:
    stack = _first(value, _STACK_KEYS)
    return ExceptionInfo(
        type=str(_first(value, _TYPE_KEYS) or ""),
        message=str(_first(value, _VALUE_KEYS) or ""),
        module=value["module"] if isinstance(value.get("module"), str) else "",
        relation=relation,
        parent=parent,
        frames=_stack_frames(stack),
    )


def _stack_frames(stack: JSONValue) -> tuple[Frame, ...]:
    if isinstance(stack, list):
        return _frames(stack)
    trace = find_trace_in_text(stack) if isinstance(stack, str) and "\n" in stack else None
    return trace.exceptions[0].frames if trace and trace.exceptions else ()


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
