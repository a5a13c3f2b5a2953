"""One log entry's lines into its fields, whatever wrote them: JSON by shape, text by its header and the trace below."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace

from mukiau.core.event import ExceptionInfo, JSONObject, JSONValue, Level
from mukiau.core.records.headers import HeaderFields, read_header
from mukiau.core.records.json_repair import close_json
from mukiau.core.records.json_shapes import Fields, read_object
from mukiau.core.records.key_values import read_pairs
from mukiau.core.traces.registry import find_trace

Loads = Callable[[str], JSONValue]
"""A JSON decoder: the standard library's or a faster one, raising ValueError on bad input."""

MAX_MESSAGE_CHARS = 8_192
"""A message longer than this is cut; the wire's limit for `logentry.formatted`."""
_MAX_MESSAGE_LINES = 40


def find_object(text: str, *, loads: Loads = json.loads) -> JSONObject | None:
    """Decode a JSON log line; a cut one is closed and read as far as it goes, None when it is no object at all."""
    start = text.find("{", 0, 64)
    if start < 0 or (start and not text[:start].strip("\ufeff \t").endswith((":", "]", "|", ""))):
        return None
    try:
        value = loads(text[start:])
    except (ValueError, RecursionError):
        try:
            value = loads(close_json(text[start:]))
        except (ValueError, RecursionError):
            return None
    return value if isinstance(value, dict) and value else None


def read_fields(lines: Sequence[str], *, loads: Loads = json.loads) -> Fields:
    """Read an entry's lines; never raises."""
    first = lines[0] if lines else ""
    if first.startswith("{") and (record := find_object(first, loads=loads)):
        return _with_trace_below(read_object(record), lines[1:])
    return _read_text(lines)


def _with_trace_below(fields: Fields, below: Sequence[str]) -> Fields:
    """A trace printed under a JSON line that carries none itself belongs to it."""
    if fields.exceptions or not below or (trace := find_trace(below)) is None:
        return fields
    return replace(fields, exceptions=trace.exceptions, language=trace.language)


def _read_text(lines: Sequence[str]) -> Fields:
    header = read_header(lines[0] if lines else "")
    trace = find_trace(lines)
    exceptions = trace.exceptions if trace else ()
    fields = Fields(
        level=header.level,
        occurred_ms=header.occurred_ms,
        logger=header.logger,
        thread=header.thread,
        call_site=header.call_site,
        message=_message(header, lines, trace.first_line if trace else len(lines), exceptions),
        language=trace.language if trace else "",
        exceptions=exceptions,
    )
    return read_pairs(lines[0], fields) if lines and "=" in lines[0] else fields


def _message(header: HeaderFields, lines: Sequence[str], end: int, exceptions: tuple[ExceptionInfo, ...]) -> str:
    """The log message: what stands between the header and the trace."""
    below = [line.strip() for line in lines[1 : min(end, _MAX_MESSAGE_LINES)]]
    text = "\n".join([header.message, *below]).strip()[:MAX_MESSAGE_CHARS]
    if end == 0 and exceptions and header.level is None:
        return exceptions[0].message
    return text


def level_hint(text: str) -> Level | None:
    """The level a text line states in its header."""
    return read_header(text).level
