"""The log entry: what a logger wrote at one moment, assembled from its records, and whether it is an error."""

import json
import re
from dataclasses import dataclass

from mukiau.core.event import ExceptionInfo, JSONValue, Level
from mukiau.core.records.decoding import Loads
from mukiau.core.records.formats import read_fields
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.wire import entry_to_payload

__all__ = ["LogEntry", "build_entry", "entry_to_payload", "is_error"]

BARE_FATAL = re.compile(
    r"(?:panic: |fatal error: |FATAL\b|Fatal error: |PHP Fatal error: |Segmentation fault|Bus error|Illegal instruction"
    r"|Aborted \(core dumped\)|terminate called |\*\*\* (?:stack smashing|buffer overflow)|Out of memory: Kill"
    r"|java\.lang\.OutOfMemoryError|#\s+A fatal error has been detected"
    r"|(?:[\w:.-]{20,40} [0-9a-f-]{36} )?Task timed out after \d|RequestId: \S{1,40} Error: Runtime exited)"
)
"""Lines by which a process says that it dies, without level and without trace."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One assembled log entry; empty fields are what the log did not say."""

    record_ids: tuple[str, ...]
    """In order of arrival; the first names the event."""
    account: str = ""
    log_group: str = ""
    log_stream: str = ""
    level: Level | None = None
    occurred_ms: int | None = None
    """The first record's time, else the one in the text."""
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
    """The chain, outermost first."""
    fields: tuple[tuple[str, JSONValue], ...] = ()
    context: tuple[str, ...] = ()
    """Up to 20 lines of the stream before it, oldest first."""
    raw: str = ""
    revision: int = 0
    """0 for the first time it is given out; a later tail gives it again with the next number."""
    cut_lines: int = 0
    """Lines left out of the middle of an entry over the limits; `raw` shows where."""


def build_entry(opened: OpenEntry, *, loads: Loads = json.loads) -> LogEntry:
    """Read an assembled block's fields."""
    fields = read_fields(opened.lines, loads=loads)
    first = opened.first
    return LogEntry(
        record_ids=tuple(opened.record_ids),
        account=first.account,
        log_group=first.log_group,
        log_stream=first.log_stream,
        level=fields.level or opened.level,
        occurred_ms=first.timestamp_ms if first.timestamp_ms is not None else fields.occurred_ms,
        logger=fields.logger,
        thread=fields.thread,
        trace_id=fields.trace_id,
        request_id=fields.request_id,
        message=fields.message,
        template=fields.template,
        service=fields.service or first.service,
        environment=fields.environment or first.environment,
        call_site=fields.call_site,
        language=fields.language,
        exceptions=fields.exceptions,
        fields=fields.extra,
        context=opened.context,
        raw=opened.raw,
        revision=opened.emitted,
        cut_lines=opened.cut_lines,
    )


def is_error(entry: LogEntry) -> bool:
    """Say whether the entry is an event: an error, a warning with a trace, a bare trace, or a dying process."""
    if entry.level in (Level.ERROR, Level.FATAL):
        return True
    if entry.level in (Level.INFO, Level.DEBUG):
        return False
    if entry.level is Level.WARNING:
        return any(link.frames for link in entry.exceptions)
    if len(entry.exceptions) > 1 or any(link.type or link.frames for link in entry.exceptions):
        return True
    return BARE_FATAL.match(entry.raw) is not None
