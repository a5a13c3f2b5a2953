"""`key=value` lines (logfmt, slog, logrus): the few keys that say something about the entry itself."""

import re
from dataclasses import replace

from mukiau.core.event import ExceptionInfo, JSONValue
from mukiau.core.records.json_fields import Fields
from mukiau.core.records.levels import level_of_word
from mukiau.core.records.moments import read_moment

_PAIR = re.compile(r"(?:^|(?<=[\s,\[{(]))([A-Za-z@][\w.@-]{0,60})=(?:\"((?:[^\"\\]|\\.){0,4000})\"|([^\s\"]{0,400}))")
_MAX_PAIRS = 60
_NAMES = {
    "trace_id": ("trace_id", "traceId", "trace.id", "traceID", "dd.trace_id"),
    "request_id": ("request_id", "requestId", "reqId", "req_id", "rid", "correlationId", "correlation_id"),
    "thread": ("thread", "threadName"),
    "logger": ("logger", "component", "source_context"),
    "service": ("service", "service.name", "app"),
}


def read_pairs(line: str, fields: Fields) -> Fields:
    """Add what the line's pairs say to what its layout said; a line that is all pairs gives its message too."""
    pairs = {found[1]: found[2] if found[2] is not None else found[3] for found in _first_pairs(line)}
    found_names = {
        field: next((pairs[name] for name in names if pairs.get(name)), "") for field, names in _NAMES.items()
    }
    fields = replace(
        fields,
        trace_id=fields.trace_id or found_names["trace_id"],
        request_id=fields.request_id or found_names["request_id"],
        thread=fields.thread or found_names["thread"],
        service=fields.service or found_names["service"],
    )
    return _all_pairs(pairs, found_names["logger"], fields) if _is_all_pairs(line) else fields


def _first_pairs(line: str) -> list[re.Match[str]]:
    found: list[re.Match[str]] = []
    for match in _PAIR.finditer(line):
        found.append(match)
        if len(found) == _MAX_PAIRS:
            break
    return found


def _is_all_pairs(line: str) -> bool:
    return line.startswith(("time=", "ts=", "timestamp=", "level=", "lvl=", "severity="))


def _all_pairs(pairs: dict[str, str], logger: str, fields: Fields) -> Fields:
    message = pairs.get("msg") or pairs.get("message") or ""
    level = level_of_word(pairs.get("level") or pairs.get("lvl") or pairs.get("severity") or "")
    known = {"msg", "message", "level", "lvl", "severity", "time", "ts", "timestamp"}
    extra: tuple[tuple[str, JSONValue], ...] = tuple((k, v) for k, v in pairs.items() if k not in known)
    call_site = (pairs.get("caller") or pairs.get("source") or pairs.get("file") or "").rpartition(":")
    cause = pairs.get("error") or pairs.get("err") or ""
    return replace(
        fields,
        level=level or fields.level,
        occurred_ms=fields.occurred_ms or read_moment(pairs.get("ts") or pairs.get("time") or pairs.get("timestamp")),
        message=message or fields.message,
        logger=fields.logger or logger,
        exceptions=fields.exceptions or ((ExceptionInfo(type="", message=cause),) if cause else ()),
        call_site=fields.call_site or (call_site[0] if call_site[2].isdigit() else call_site[2]),
        extra=extra,
    )
