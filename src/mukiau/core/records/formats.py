"""One log entry's lines into its fields, whatever wrote them: JSON by shape, text by its header and the trace below."""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice, takewhile

from mukiau.core.event import ExceptionInfo, JSONObject, Level
from mukiau.core.records.decoding import Loads, find_value
from mukiau.core.records.headers import HeaderFields, read_header, sniff
from mukiau.core.records.json_fields import Fields, read_object
from mukiau.core.records.json_repair import close_json
from mukiau.core.records.key_values import read_pairs
from mukiau.core.traces.registry import find_trace, find_trace_in_text

MAX_MESSAGE_CHARS = 8_192
"""A message longer than this is cut; the wire's limit for `logentry.formatted`."""
_MAX_MESSAGE_LINES = 40
_DEADLY = frozenset(("panic", "fatal error"))
"""What a process does not survive unless somebody recovers it and logs it with a level of its own."""
_TAG = re.compile(r"\[(?=[^\]]{0,63}\d)[\w-]{8,64}\]")
_LEAD_IN = re.compile(r"\s{0,4}\{\"\w{1,40}\":\s?\"(?:\[object\] )?\(?$")
_MONOLOG = re.compile(r"\[[^\]\n]{10,40}\] [\w-]{1,40}\.[A-Z]{4,9}: ")
_VALUE_BEGINS = re.compile(r"\s(?=[\[{])")
_MAX_VALUES = 20
_DECODER = json.JSONDecoder()
_OBJECT_START = re.compile(r"\{\s{0,20}\"[^\"\n]{1,120}\"\s{0,4}:")


def find_object(text: str, *, loads: Loads = json.loads) -> JSONObject | None:
    """Decode a JSON object; a cut one is closed and read as far as it goes, None when it is no object at all."""
    if not looks_like_object(text):
        return None
    value = find_value(text, loads)
    if value is None:
        value = find_value(close_json(text), loads)
    return value if isinstance(value, dict) and value else None


def looks_like_object(text: str) -> bool:
    """Tell a JSON object's beginning from a brace of ordinary text, without decoding."""
    return text[:1] == "{" and _OBJECT_START.match(text) is not None


def read_fields(lines: Sequence[str], *, loads: Loads = json.loads) -> Fields:
    """Read an entry's lines; never raises."""
    first = lines[0] if lines else ""
    if first[:1] == "{":
        if len(lines) > 1 and (record := find_object("\n".join(lines), loads=loads)):
            return read_object(record)
        if record := find_object(first, loads=loads):
            return _with_trace_below(read_object(record), lines[1:])
    lines, given = _split_tabbed(lines)
    fields = _with_object_at_end(_with_context(_read_text(lines), lines), loads)
    record = find_object(given, loads=loads) if given else None
    return _with_ids(fields, read_object(record)) if record is not None else fields


def _split_tabbed(lines: Sequence[str]) -> tuple[Sequence[str], str]:
    """Take the fields that zap's console puts behind a message, as JSON behind a tab, off a line with a stack below it."""
    at = lines[0].find('\t{"') if len(lines) > 1 and lines[0].endswith("}") else -1
    return ([lines[0][:at], *lines[1:]], lines[0][at + 1 :]) if at >= 0 else (lines, "")


def _with_object_at_end(fields: Fields, loads: Loads) -> Fields:
    """A text line may end in an object (`… ERROR Invoke Error {"errorType": …}`), or be one behind a time."""
    at = fields.message.find('{"')
    if at < 0 or fields.exceptions or fields.message[-1:] != "}":
        return fields
    record = find_object(fields.message[at:], loads=loads)
    if record is None:
        return fields
    inner = read_object(record)
    if at == 0:
        return replace(inner, level=fields.level or inner.level, logger=inner.logger or fields.logger)
    before = fields.message[:at].strip() if inner.exceptions else ""
    return _with_ids(
        replace(fields, message=before or fields.message, exceptions=inner.exceptions, language=inner.language),
        inner,
    )


def _with_ids(fields: Fields, other: Fields) -> Fields:
    return replace(
        fields,
        trace_id=fields.trace_id or other.trace_id,
        request_id=fields.request_id or other.request_id,
        service=fields.service or other.service,
    )


def _with_context(fields: Fields, lines: Sequence[str]) -> Fields:
    """Monolog writes what was given to the call, then what every line gets, as JSON behind the message."""
    if not lines or _MONOLOG.match(lines[0]) is None:
        return fields
    last = lines[-1]
    at = last.rfind(' {"')
    if at >= 0 and (given := find_object(last[at + 1 :])):
        fields = _with_ids(fields, read_object(given))
    return replace(fields, message=_without_context(fields.message))


def _without_context(message: str) -> str:
    for found in islice(_VALUE_BEGINS.finditer(message), _MAX_VALUES):
        if _are_values(message, found.start()):
            return message[: found.start()].rstrip()
    return message


def _are_values(text: str, at: int) -> bool:
    """Whether the text from there is one JSON value or two and nothing else."""
    for _ in range(2):
        try:
            at = _DECODER.raw_decode(text, at + len(text[at:]) - len(text[at:].lstrip()))[1]
        except (ValueError, RecursionError):
            return False
        if not text[at:].strip():
            return True
    return False


def _with_trace_below(fields: Fields, below: Sequence[str]) -> Fields:
    """A trace printed under a JSON line that carries none itself belongs to it."""
    if fields.exceptions or not below or (trace := find_trace(below)) is None:
        return fields
    return replace(fields, exceptions=trace.exceptions, language=trace.language)


def _read_text(lines: Sequence[str]) -> Fields:
    lines = _without_tag(lines)
    header = read_header(lines[0] if lines else "")
    # Without the header: some runtimes print the outermost message on its line, with nothing to tell where it begins.
    trace = find_trace([header.message, *lines[1:]])
    if trace is not None and trace.is_headless and (head := sniff(lines[0])) is not None:
        # What looked like a logger's name was the exception's: `[error] park.ride.Stopped: wheel 3`.
        trace = find_trace([lines[0][head.message_at :].lstrip(), *lines[1:]]) or trace
    if trace is None and len(lines) == 1 and "\\n" in header.message:
        trace = find_trace_in_text(header.message)  # a layout that keeps a trace on its line
    exceptions = trace.exceptions if trace else ()
    fields = Fields(
        level=header.level or (Level.FATAL if trace and exceptions[0].type in _DEADLY else None),
        occurred_ms=header.occurred_ms,
        logger=header.logger,
        thread=header.thread,
        trace_id=header.trace_id,
        request_id=header.request_id,
        service=header.service,
        call_site=header.call_site,
        message=_message(header, lines, min(trace.first_line, len(lines) - 1) if trace else len(lines), exceptions),
        language=trace.language if trace else "",
        exceptions=exceptions,
    )
    return read_pairs(lines[0], fields) if lines and "=" in lines[0] else fields


def _message(header: HeaderFields, lines: Sequence[str], end: int, exceptions: tuple[ExceptionInfo, ...]) -> str:
    """The log message: what stands between the header and the trace."""
    if exceptions and header.message == lines[0] and header.message.rstrip().endswith(":"):
        return exceptions[0].message  # `Exception in thread worker-9:`
    if end == 0 and exceptions:
        if header.level is None:
            return exceptions[0].message
        return _before_exceptions(header.message, exceptions)[:MAX_MESSAGE_CHARS]
    below = [line.strip() for line in takewhile(_is_of_message, lines[1 : min(end, _MAX_MESSAGE_LINES)])]
    return "\n".join([header.message, *below]).strip()[:MAX_MESSAGE_CHARS]


def _without_tag(lines: Sequence[str]) -> Sequence[str]:
    """Take a request's id off the lines where it stands in front of each, the first line's behind its header."""
    tag = _TAG.match(lines[1]) if len(lines) > 1 else None
    if tag is None or tag[0] not in lines[0][:400]:
        return lines
    return [lines[0], *(line.removeprefix(tag[0]).removeprefix(" ") for line in lines[1:])]


def _is_of_message(line: str) -> bool:
    """A part with a time of its own (a database's statement) is not."""
    return not line[:1].isdigit() or sniff(line) is None


def _before_exceptions(message: str, exceptions: tuple[ExceptionInfo, ...]) -> str:
    """Cut the exceptions off a message they stand in (`request failed Error: no`, `… {"exception":"[object] (Error(…`)."""
    return min((_before(message, link.type) for link in exceptions), key=len)


def _before(message: str, type_name: str) -> str:
    escaped = type_name.replace("\\", "\\\\")
    for name in (type_name, escaped):
        at = message.find(name) if name else -1
        if at > 0 and message[at + len(name) : at + len(name) + 1] in (":", "("):
            return _LEAD_IN.sub("", message[:at][-MAX_MESSAGE_CHARS:]).rstrip(" :-") or message
    return message
