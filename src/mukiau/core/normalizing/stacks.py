"""Exceptions, stack traces, frames and threads."""

import re
from urllib.parse import urlsplit

from mukiau.core.event import JSONObject, JSONValue
from mukiau.core.limits import (
    FRAMES_KEPT_NEWEST,
    FRAMES_KEPT_OLDEST,
    FUNCTION_ALLOWANCE_CHARS,
    MAX_CONTEXT_LINE_CHARS,
    MAX_CONTEXT_LINES,
    MAX_DATA_CHARS,
    MAX_EXCEPTIONS,
    MAX_FRAMES,
    MAX_FUNCTION_CHARS,
    MAX_LINE_NUMBER,
    MAX_PATH_CHARS,
    MAX_THREADS,
    MAX_TYPE_CHARS,
    MAX_VARS_CHARS,
    PATH_ALLOWANCE_CHARS,
    TYPE_ALLOWANCE_CHARS,
)
from mukiau.core.normalizing.data import limit_field
from mukiau.core.normalizing.fields import (
    BOOLEAN,
    INTEGER,
    OBJECT,
    Field,
    clean_fields,
    cut,
    map_objects,
    text,
    values_of,
    with_changes,
    with_values,
)
from mukiau.core.normalizing.in_app import is_in_app
from mukiau.core.normalizing.message import MESSAGE
from mukiau.core.normalizing.notes import Notes
from mukiau.core.normalizing.sound import scalar_text

_TYPE = text(MAX_TYPE_CHARS, TYPE_ALLOWANCE_CHARS)
_PATH = text(MAX_PATH_CHARS, PATH_ALLOWANCE_CHARS)
_FUNCTION = text(MAX_FUNCTION_CHARS, FUNCTION_ALLOWANCE_CHARS)
_MAX_LINES_CHARS = 4_096
"""Source lines together shorter than this need no look at each."""
_TYPE_IN_VALUE = re.compile(r"(\w{1,256}):(?s:(.*))")


def _shape_lines(value: JSONValue, path: str, notes: Notes) -> list[JSONValue]:
    if isinstance(value, list):
        return value
    notes.add("wrong_type", path, value, "Should be a list of source lines.")
    return scalar_text(value).split("\n")


def _shape_stacktrace(value: JSONValue, path: str, notes: Notes) -> JSONObject | None:
    if isinstance(value, list):
        return {"frames": value}
    notes.add("wrong_type", path, value, "Should be a stack trace; left out.")
    return None


def _shape_meta(value: JSONValue, path: str, notes: Notes) -> JSONObject:
    """A mechanism given as its type's name alone."""
    notes.add("wrong_type", path, value, "Should be an object; taken for its `type`.")
    return {"type": scalar_text(value)}


_LINES = Field(list, 0, _shape_lines)
_STACKTRACE = Field(dict, 0, _shape_stacktrace)
_FRAME_FIELDS = {
    "function": _FUNCTION,
    "raw_function": _FUNCTION,
    "symbol": _FUNCTION,
    "module": _PATH,
    "package": _PATH,
    "filename": _PATH,
    "abs_path": _PATH,
    "platform": text(64),
    "context_line": text(MAX_CONTEXT_LINE_CHARS),
    "pre_context": _LINES,
    "post_context": _LINES,
    "lineno": INTEGER,
    "colno": INTEGER,
    "in_app": BOOLEAN,
    "vars": OBJECT,
    "data": OBJECT,
}
_EXCEPTION_FIELDS = {
    "type": _TYPE,
    "value": MESSAGE,
    "module": _PATH,
    "mechanism": Field(dict, 0, _shape_meta),
    "stacktrace": _STACKTRACE,
    "raw_stacktrace": _STACKTRACE,
}
_MECHANISM_FIELDS = {
    "type": text(128),
    "description": text(MAX_DATA_CHARS),
    "help_link": text(MAX_DATA_CHARS),
    "source": text(256),
    "handled": BOOLEAN,
    "synthetic": BOOLEAN,
    "is_exception_group": BOOLEAN,
    "exception_id": INTEGER,
    "parent_id": INTEGER,
    "data": OBJECT,
    "meta": OBJECT,
}
_THREAD_FIELDS = {
    "name": text(MAX_PATH_CHARS),
    "state": text(MAX_PATH_CHARS),
    "crashed": BOOLEAN,
    "current": BOOLEAN,
    "main": BOOLEAN,
    "stacktrace": _STACKTRACE,
    "raw_stacktrace": _STACKTRACE,
}
_STACK_FIELDS = ("stacktrace", "raw_stacktrace")


def clean_exceptions(value: JSONValue, platform: str, notes: Notes) -> JSONObject | None:
    """Return `{"values": […]}`, oldest cause first; None when no exception is left."""
    values = values_of(value, "exception", notes)
    if len(values) > MAX_EXCEPTIONS:
        notes.add("truncated", "exception", values, f"Only the {MAX_EXCEPTIONS} outermost exceptions are kept.")
        values = values[-MAX_EXCEPTIONS:]
    return with_values(value, map_objects(values, lambda entry, index: _exception(entry, index, platform, notes)))


def _exception(entry: JSONValue, index: int, platform: str, notes: Notes) -> JSONObject | None:
    path = f"exception.values.{index}"
    source = entry if isinstance(entry, dict) else {"value": scalar_text(entry)}
    link = clean_fields(source, _EXCEPTION_FIELDS, path, notes)
    link = _with_type(_with_stacks(link, platform, path, notes))
    if "mechanism" in link:
        link = _with_mechanism(link, path, notes)
    if link.get("type") or link.get("value") or link.get("stacktrace"):
        return link
    notes.add("empty", path, entry, "An exception without type, value and stack trace; left out.")
    return None


def _with_type(link: JSONObject) -> JSONObject:
    """Take the type from a value like `TypeError: x is not a function` when none is given.

    An empty one is given: a runtime without types says so (Go's `pq: relation "a" does not exist` has no type `pq`).
    """
    if link.get("type") is not None or not link.get("value"):
        return link
    found = _TYPE_IN_VALUE.fullmatch(link["value"])
    return link if found is None else {**link, "type": found.group(1), "value": found.group(2).strip()}


def _with_mechanism(link: JSONObject, path: str, notes: Notes) -> JSONObject:
    given = link["mechanism"]
    mechanism = clean_fields(given, _MECHANISM_FIELDS, f"{path}.mechanism", notes)
    mechanism = limit_field(mechanism, "data", MAX_DATA_CHARS, f"{path}.mechanism", notes)
    return link if mechanism is given else {**link, "mechanism": mechanism}


def _with_stacks(source: JSONObject, platform: str, path: str, notes: Notes) -> JSONObject:
    """Clean the stack traces of an exception or a thread."""
    for key in _STACK_FIELDS:
        if (given := source.get(key)) is not None:
            cleaned = clean_stacktrace(given, platform, f"{path}.{key}", notes)
            if cleaned is not given:
                source = with_changes(source, {key: cleaned})
    return source


def clean_stacktrace(given: JSONValue, platform: str, path: str, notes: Notes) -> JSONObject | None:
    """Return the stack trace with clean frames, oldest call first; None when it has none."""
    stacktrace = given if isinstance(given, dict) else _shape_stacktrace(given, path, notes)
    frames = stacktrace.get("frames") if stacktrace else None
    if stacktrace is None or not frames:
        return None
    if not isinstance(frames, list):
        frames = [frames]
    kept = _limit_frames(frames, path, notes)
    cleaned = map_objects(kept, lambda frame, index: _frame(frame, platform, f"{path}.frames.{index}", notes))
    if not cleaned:
        return None
    return stacktrace if cleaned is stacktrace["frames"] else {**stacktrace, "frames": cleaned}


def _limit_frames(frames: list[JSONValue], path: str, notes: Notes) -> list[JSONValue]:
    if len(frames) <= MAX_FRAMES:
        return frames
    note = f"Only the oldest {FRAMES_KEPT_OLDEST} and the newest {FRAMES_KEPT_NEWEST} frames are kept."
    notes.add("truncated", f"{path}.frames", f"{len(frames)} frames", note)
    return frames[:FRAMES_KEPT_OLDEST] + frames[-FRAMES_KEPT_NEWEST:]


def _frame(given: JSONValue, platform: str, path: str, notes: Notes) -> JSONObject | None:
    if not isinstance(given, dict):
        if given is not None:
            notes.add("wrong_type", path, given, "Should be a frame; left out.")
        return None
    frame = clean_fields(given, _FRAME_FIELDS, path, notes)
    changes = _frame_changes(frame, platform)
    for key in ("pre_context", "post_context"):
        if (lines := frame.get(key)) and (cleaned := _lines(lines)) is not lines:
            changes[key] = cleaned
    if changes:
        frame = with_changes(frame, changes)
    return limit_field(frame, "vars", MAX_VARS_CHARS, path, notes)


def _frame_changes(frame: JSONObject, platform: str) -> JSONObject:
    """Return what the rules for names, paths, numbers and `in_app` change."""
    changes: JSONObject = {key: None for key in ("function", "symbol") if frame.get(key) == "?"}
    for key in ("lineno", "colno"):
        if key in frame and not 0 <= frame[key] <= MAX_LINE_NUMBER:
            changes[key] = None
    filename, abs_path = frame.get("filename"), frame.get("abs_path")
    if not abs_path and filename:
        changes["abs_path"] = filename
    elif not filename and abs_path:
        changes["filename"] = _path_of(abs_path)
    if "in_app" not in frame:
        changes["in_app"] = is_in_app(frame.get("platform") or platform, frame)
    return changes


def _path_of(abs_path: str) -> str:
    """Return a URL's path, any other path as it is."""
    if "://" not in abs_path[:32]:
        return abs_path
    try:
        return urlsplit(abs_path).path or abs_path
    except ValueError:
        return abs_path


def _lines(lines: list[JSONValue]) -> list[JSONValue]:
    """Return source lines as texts of bounded length; the given list when they are."""
    if len(lines) <= MAX_CONTEXT_LINES:
        try:
            if len("".join(lines)) <= _MAX_LINES_CHARS:
                return lines
        except TypeError:
            pass
    cleaned = [
        cut(line if isinstance(line, str) else "" if line is None else scalar_text(line), MAX_CONTEXT_LINE_CHARS)
        for line in lines[:MAX_CONTEXT_LINES]
    ]
    return lines if cleaned == lines else cleaned


def clean_threads(value: JSONValue, platform: str, notes: Notes) -> JSONObject | None:
    """Return `{"values": […]}`; None when there are no threads."""
    values = values_of(value, "threads", notes)
    if len(values) > MAX_THREADS:
        notes.add("truncated", "threads", values, f"Only {MAX_THREADS} threads are kept.")
        values = values[:MAX_THREADS]
    return with_values(value, map_objects(values, lambda entry, index: _thread(entry, index, platform, notes)))


def _thread(entry: JSONValue, index: int, platform: str, notes: Notes) -> JSONObject | None:
    if not isinstance(entry, dict):
        return None
    path = f"threads.values.{index}"
    return _with_stacks(clean_fields(entry, _THREAD_FIELDS, path, notes), platform, path, notes)
