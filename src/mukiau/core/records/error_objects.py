"""Exceptions that a logger wrote as JSON objects: type, message, frames, causes and members under any of their names."""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import replace

from mukiau.core.event import ExceptionInfo, Frame, JSONObject, JSONValue, Relation
from mukiau.core.traces import jvm
from mukiau.core.traces.registry import find_trace_in_text

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
STACK_KEYS = ("stack", "stack_trace", "stackTrace", "stacktrace", "frames", "trace", "backtrace", "traceback",
               "extendedStackTrace", "stepArray")  # fmt: skip
CAUSE_KEYS = ("cause", "previous", "inner", "innerException", "InnerException", "causedBy", "caused_by")
_MEMBER_KEYS = ("aggregateErrors", "errors", "exceptions", "innerExceptions", "InnerExceptions")
_SHARED_KEYS = ("commonElementCount", "commonFramesCount")
_CLASS_KEYS = ("class", "className", "declaringClass")
_MAX_LINKS = 40
_MAX_MEMBERS = 20
_MAX_FRAMES = 200
_PLACE = re.compile(r".{1,1000}:\d{1,8}")


def is_exception(value: JSONValue) -> bool:
    """Say whether the value is an object with a type and something said of it."""
    if not isinstance(value, dict) or not isinstance(first_of(value, _TYPE_KEYS), str):
        return False
    return first_of(value, _VALUE_KEYS) is not None or first_of(value, STACK_KEYS) is not None or "code" in value


def first_of(value: JSONObject, keys: tuple[str, ...]) -> JSONValue:
    """The value under the first key that has one."""
    return next((value[key] for key in keys if value.get(key) is not None), None)


def members_of(value: JSONObject) -> list[JSONObject]:
    """The exceptions a group holds; `errors` without stacks are a form's mistakes, no exceptions."""
    key = next((key for key in _MEMBER_KEYS if isinstance(value.get(key), list)), "")
    listed: list[JSONValue] = value.get(key) or []
    members = [item for item in listed[:_MAX_MEMBERS] if is_exception(item)]
    return [item for item in members if key != "errors" or first_of(item, STACK_KEYS) is not None]


def read_chain(value: JSONObject) -> tuple[ExceptionInfo, ...]:
    """The exception with its causes, and after the main chain the members of groups; outermost first."""
    links: list[ExceptionInfo] = []
    waiting: deque[tuple[JSONObject | str, Relation, int | None]] = deque([(value, Relation.TOP, None)])
    while waiting and len(links) < _MAX_LINKS:
        found, relation, parent = waiting.popleft()
        if isinstance(found, str):
            links.extend(_links_in_text(found, relation, parent, len(links)))
            continue
        at = len(links)
        link = _exception(found, relation, parent)
        shared = first_of(found, _SHARED_KEYS) if parent is not None else None
        if isinstance(shared, int) and not isinstance(shared, bool) and 0 < shared <= len(links[parent or 0].frames):
            # The JVM leaves out what a cause shares with the exception it caused: its outermost frames.
            link = replace(link, frames=links[parent or 0].frames[:shared] + link.frames)
        links.append(link)
        members = members_of(found)
        cause = None if members else first_of(found, CAUSE_KEYS)
        waiting.extend((member, Relation.AGGREGATE_MEMBER, at) for member in members)
        if isinstance(cause, str) or (isinstance(cause, dict) and is_exception(cause)):
            waiting.appendleft((cause, Relation.CAUSE, at))
    return tuple(links)


def read_list(values: list[JSONObject]) -> tuple[ExceptionInfo, ...]:
    """A list of exceptions, outermost first; `is_cause` tells an explicit cause from a context."""
    links: list[ExceptionInfo] = []
    for at, value in enumerate(values[:_MAX_MEMBERS]):
        is_cause = values[at - 1].get("is_cause") if at else None
        relation = Relation.TOP if at == 0 else Relation.CAUSE if is_cause is not False else Relation.CONTEXT
        links.append(_exception(value, relation, at - 1 if at else None))
    return tuple(links)


def _links_in_text(text: str, relation: Relation, parent: int | None, at: int) -> Iterator[ExceptionInfo]:
    trace = find_trace_in_text(text) if "\n" in text else None
    for link in trace.exceptions if trace else ():
        if link.parent is None:
            yield replace(link, relation=relation, parent=parent)
        else:
            yield replace(link, parent=at + link.parent)


def _exception(value: JSONObject, relation: Relation, parent: int | None) -> ExceptionInfo:
    return ExceptionInfo(
        type=str(first_of(value, _TYPE_KEYS) or ""),
        message=str(first_of(value, _VALUE_KEYS) or ""),
        module=value["module"] if isinstance(value.get("module"), str) else "",
        relation=relation,
        parent=parent,
        frames=_place_frames(value) or stack_frames(first_of(value, STACK_KEYS)),
    )


def _place_frames(value: JSONObject) -> tuple[Frame, ...]:
    """Monolog: where it was thrown in `file`, from where it was called in `trace`, `path:line` each, no functions."""
    called = value.get("trace")
    places = [value.get("file"), *called[:_MAX_FRAMES]] if isinstance(called, list) else []
    if not places or not all(isinstance(place, str) and _PLACE.fullmatch(place) for place in places):
        return ()
    return tuple(
        _frame(dict(zip(("file", "line"), str(place).rsplit(":", 1), strict=True))) for place in reversed(places)
    )


def stack_frames(stack: JSONValue) -> tuple[Frame, ...]:
    """The frames of a stack as loggers write it: a list of objects or a text; empty for anything else."""
    if isinstance(stack, list):
        return _frames(stack)
    trace = find_trace_in_text(stack) if isinstance(stack, str) and "\n" in stack else None
    return trace.exceptions[0].frames if trace and trace.exceptions else ()


def _frames(values: list[JSONValue]) -> tuple[Frame, ...]:
    """Frames written as objects, oldest call first: Python's loggers write them so, the JVM's and Go's crash first."""
    given = [value for value in values[:_MAX_FRAMES] if isinstance(value, dict)]
    is_crash_first = any(first_of(value, _CLASS_KEYS) or ("func" in value and "source" in value) for value in given)
    frames = tuple(_frame(value) for value in given)
    return frames[::-1] if is_crash_first else frames


def _frame(value: JSONObject) -> Frame:
    line = first_of(value, ("lineno", "line", "line_number", "lineNumber"))
    path = str(first_of(value, ("filename", "file", "source", "path", "fileName")) or "")
    module = str(first_of(value, _CLASS_KEYS) or "")
    digits = str(line) if line is not None else ""
    return Frame(
        function=str(first_of(value, ("name", "function", "func", "method", "methodName")) or ""),
        module=module,
        filename=path,
        abs_path=path,
        lineno=int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 9 else None,
        in_app=jvm.is_in_app(module) if module else _is_own_path(path),
        context_line=str(first_of(value, ("statement", "line_text", "context_line", "code")) or ""),
    )


def _is_own_path(path: str) -> bool:
    return bool(path) and not any(part in path for part in ("site-packages", "node_modules", "/lib/python", "<"))
