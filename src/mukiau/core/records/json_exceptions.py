"""The exception chain a JSON log line carries, found by shape.

First a string that holds a parseable trace (known keys first, then any value, at most three levels deep), else an
object with a type and a message. A parsed trace is believed before the fields beside it.
"""

import re
from collections.abc import Iterator
from dataclasses import replace

from mukiau.core.event import ExceptionInfo, JSONObject, JSONValue
from mukiau.core.records.error_objects import (
    CAUSE_KEYS,
    STACK_KEYS,
    first_of,
    is_exception,
    members_of,
    read_chain,
    read_list,
    stack_frames,
)
from mukiau.core.records.json_record import wrapped
from mukiau.core.traces.header import is_header, split_header
from mukiau.core.traces.registry import find_trace_in_text
from mukiau.core.traces.trace import Trace

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
    "thrown",
    "Exception",
    "extendedStackTrace",
    "full_message",
    "failure",
    "message",
)  # fmt: skip
_STACK_HASH = re.compile(r"<#[0-9a-f]{1,16}> ")
"""logstash-logback-encoder numbers each exception of a chain by its stack."""
_ERROR_KEYS = ("error", "err")
_ERROR_TEXT_KEYS = (*_ERROR_KEYS, "error.message", "exception.message")
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
        if "\n" in text and (trace := _trace(text)) and trace.exceptions:
            yield trace


def _trace(text: str) -> Trace | None:
    return find_trace_in_text(_STACK_HASH.sub("", text) if "<#" in text else text)


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
        others = [key for key in value if key not in known]
        # Causes last: an exception's own text mostly holds them too.
        for key in (*known, *sorted(others, key=CAUSE_KEYS.__contains__)):
            yield from _walk(value[key], depth - 1)


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
    if text := _error_text(record):
        name, message = (is_header(text) and split_header(text)) or ("", text)
        return (ExceptionInfo(type=name, message=message, frames=stack_frames(first_of(record, STACK_KEYS))),)
    if isinstance(record.get("errorType"), str) or (isinstance(record.get("stack"), str) and members_of(record)):
        return read_chain(record)
    for candidate in _candidates(record):
        if is_exception(candidate):
            return read_chain(candidate)
        if isinstance(candidate, list) and candidate and all(map(is_exception, candidate)):
            return read_list(candidate)
    return ()


def _error_text(record: JSONObject) -> str:
    """The error in one line of text (Go, Rust), beside the message or in the object that wraps it; "" when there is none."""
    for place, keys in ((record, _ERROR_TEXT_KEYS), *((inner, _ERROR_KEYS) for inner in wrapped(record))):
        text = first_of(place, keys)
        if isinstance(text, str) and text and "\n" not in text and not is_exception(place):
            return text
    return ""


def _candidates(record: JSONObject) -> Iterator[JSONValue]:
    """The values that may be an exception's object, of the record and of what wraps it."""
    places = (record, *wrapped(record))
    for place in places:
        yield from (place[key] for key in _TRACE_TEXT_KEYS if isinstance(place.get(key), (dict, list)))
    for place in places:
        yield from (_with_prefix(place, prefix) for prefix in _DOTTED)
        error = first_of(place, _ERROR_KEYS)
        if isinstance(error, dict) and isinstance(error.get("message"), str) and not error.keys() & {"name", "type"}:
            yield {**error, "type": ""}  # Go's errors have no type


_DOTTED = ("exception.", "error.")


def _with_prefix(place: JSONObject, prefix: str) -> JSONObject:
    """What stands under dotted keys (`error.type`, `error.stack_trace`) as an object."""
    return {key.removeprefix(prefix): value for key, value in place.items() if key.startswith(prefix)}
