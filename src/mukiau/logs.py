"""mukiau's own log: one format for every process, on standard error, without what is nobody's business.

A line is text, or an object with the fields below (`MUKIAU_LOG_FORMAT=json`), a traceback being one field of it. The
standard library's `logging` is enough: the libraries we stand on use it, so theirs and ours are one log.

Bodies, keys, cookies and query strings are never given to a logger. What a library or an exception's message says all
the same is scrubbed by the rules that scrub events.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import cache
from types import TracebackType
from typing import Any, TextIO

from mukiau import clock
from mukiau.config import Settings

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The id of the request that is being answered; each of its lines carries it."""

# What the rules for events leave alone there, because there it is no secret: keys of DSNs, and our one-time link.
_OURS = re.compile(r"(sentry_key=|first-start/)[^&\s/\"',]+|(?<=//)[0-9a-f]{32}(?=@)")


def set_up(settings: Settings, process: str) -> None:
    """Have everything this process logs written in the format and from the level that are set."""
    handler = logging.StreamHandler()
    handler.setFormatter(_formatter(settings.log_format, process))
    level = logging.getLevelNamesMapping()[settings.log_level.upper()]
    # Others' libraries tell what they send when asked for more than warnings: headers, statements, addresses.
    logging.basicConfig(handlers=[handler], level=max(level, logging.WARNING), force=True)
    logging.getLogger("mukiau").setLevel(level)
    # Each is answered already: requests nobody can read, pages that are not there, hosts that are not ours, and those
    # that wait for a thread.
    for answered in ("django.request", "uvicorn.error", "waitress.queue"):
        logging.getLogger(answered).setLevel(logging.ERROR)
    logging.getLogger("django.security.DisallowedHost").setLevel(logging.CRITICAL)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_fatal
    threading.excepthook = _log_fatal_in_thread


def tell(settings: Settings, sentence: str, *, is_error: bool = False) -> None:
    """Tell whoever started mukiau: plain words on a terminal (errors on standard error), a line of the log in JSON.

    It is written as it is: the one-time link has to be readable somewhere.
    """
    stream: TextIO = sys.stderr if is_error else sys.stdout
    if settings.log_format == "json":
        level = "ERROR" if is_error else "INFO"
        sentence = _json_line({"timestamp": _written(clock.utc_now()), "level": level, **_OWN, "message": sentence})
    stream.write(sentence + "\n")
    stream.flush()


_OWN = {"service": "mukiau", "process": "serve", "logger": "mukiau"}


class TextFormatter(logging.Formatter):
    """`2026-11-24T08:21:46.123Z WARNING digest mukiau.digest.worker: … [request id]`, then the traceback's lines."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        head = f"{_time_of(record)} {record.levelname} {self._process} {record.name}:"
        shown_id = f" [{found}]" if (found := request_id.get()) else ""
        # A line end in a message would let whoever caused it write lines of our log.
        line = f"{head} {scrubbed(record.getMessage()).translate(_LINE_ENDS)}{shown_id}"
        trace = _trace_of(self, record)
        return f"{line}\n{trace}" if trace else line


class JSONFormatter(logging.Formatter):
    """One object a line; `exception` holds the whole traceback."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {
            "timestamp": _time_of(record),
            "level": record.levelname,
            "service": "mukiau",
            "process": self._process,
            "logger": record.name,
            "message": scrubbed(record.getMessage()),
            "request_id": request_id.get(),
            "exception": _trace_of(self, record),
            **_extra(record),
        }
        return _json_line({name: value for name, value in fields.items() if value != ""})


def _formatter(name: str, process: str) -> logging.Formatter:
    return JSONFormatter(process) if name == "json" else TextFormatter(process)


def scrubbed(text: str) -> str:
    """Return a text of our log without secrets."""
    return _OURS.sub(lambda match: f"{match[1] or ''}[scrubbed]", _scrub()(text))


@cache
def _scrub() -> Callable[[str], str]:
    """Loaded with the first line: most processes write few or none, and the supervisor is to stay small."""
    from mukiau.core.scrub import Scrubber, ScrubPolicy  # noqa: PLC0415

    return Scrubber(ScrubPolicy()).scrub_text


_LINE_ENDS = {ord("\n"): "\\n", ord("\r"): "\\r"}


def _time_of(record: logging.LogRecord) -> str:
    return _written(datetime.fromtimestamp(record.created, UTC))


def _written(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def _trace_of(formatter: logging.Formatter, record: logging.LogRecord) -> str:
    parts = [formatter.formatException(record.exc_info)] if record.exc_info and record.exc_info[0] else []
    if record.stack_info:
        parts.append(record.stack_info)
    return scrubbed("\n".join(parts)) if parts else ""


def _extra(record: logging.LogRecord) -> Mapping[str, Any]:
    """Return the fields a caller adds by `extra={"fields": {…}}`."""
    fields: Mapping[str, Any] = getattr(record, "fields", {})
    return {name: scrubbed(value) if isinstance(value, str) else value for name, value in fields.items()}


def _json_line(fields: Mapping[str, Any]) -> str:
    # A surrogate cannot be written as UTF-8; "?" loses nothing anybody could read.
    return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace").decode()


def _log_fatal(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logging.getLogger("mukiau").critical("The process ends by an error", exc_info=(kind, error, trace))


def _log_fatal_in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_value is not None and not isinstance(found.exc_value, SystemExit):
        trace = (found.exc_type, found.exc_value, found.exc_traceback)
        logging.getLogger("mukiau").critical("A thread ended by an error", exc_info=trace)
