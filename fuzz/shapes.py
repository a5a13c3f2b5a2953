"""Bytes into JSON values of a given look: a mutation of the bytes is a small change of the value."""

import json
from collections.abc import Sequence
from typing import Any

NAMES = tuple(
    """event_id level timestamp start_timestamp message logentry formatted params exception values type value module
    mechanism handled exception_id parent_id source is_exception_group meta data stacktrace frames function filename
    abs_path lineno colno in_app vars pre_context context_line post_context raw_function package registers threads
    current crashed name id breadcrumbs category request url method headers cookies query_string env user email
    ip_address username geo contexts trace trace_id span_id os browser runtime device tags extra fingerprint modules
    platform release environment server_name site dist logger transaction culprit checksum sdk packages debug_meta
    images errors _meta _unknown sentry.interfaces.Exception sentry.interfaces.Http password""".split()
)
TEXTS = (
    "", "error", "fatal", "java", "python", "2026-03-01T12:00:00Z", "1767323045.5", "%s of %(a)s {} {b}", "{{ default }}",
    "https://example.com/a.js?password=x#y", "/app/site-packages/a.py", "\x00", "\ud800", "\udfff\ud800", "a=b; c",
    "-----BEGIN PRIVATE KEY-----", "4111 1111 1111 1111", "Bearer aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "\u2028", "1e999",
    "9" * 400, "x" * 9_000, "Caused by: a.B: c\n\tat a.B.c(D.java:1)", "postgres://u:p@h/db", "<script>", "\u3042",
)  # fmt: skip
NUMBERS = (0, 1, -1, 2**31, 2**63, -(2**64), 10**400, 0.5, -0.0, 1e308, float("nan"), float("inf"), 253402300800)
MAX_CHILDREN = 5
MAX_LEVELS = 6
MAX_TEXT_BYTES = 64


class Source:
    """Reads bytes from the front; past the end there are only zeros."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def byte(self) -> int:
        """Return the next byte."""
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def choice(self, options: Sequence[Any]) -> Any:
        """Return one of up to 256 options."""
        return options[self.byte() % len(options)]

    def text(self) -> str:
        """Return a short text of the bytes themselves."""
        size = self.byte() % MAX_TEXT_BYTES
        piece = self._data[self._at : self._at + size]
        self._at += size
        return piece.decode("utf-8", "surrogateescape")

    @property
    def is_empty(self) -> bool:
        return self._at >= len(self._data)


def event_of(data: bytes) -> Any:
    """Return an object with the names of the wire; now and then anything else."""
    source = Source(data)
    return _object(source, 0) if source.byte() % 16 else _value(source, 0)


def event_json_of(data: bytes) -> bytes:
    """Return such an event as a client would send it, lone surrogates and infinite numbers included."""
    return json.dumps(event_of(data), default=str).encode()


def _value(source: Source, level: int) -> Any:
    kind = source.byte() % 10
    if kind >= 6 and level < MAX_LEVELS and not source.is_empty:
        return _object(source, level) if kind < 8 else _list(source, level)
    return (
        source.text() if kind in (0, 6) else source.choice(TEXTS) if kind in (1, 7)
        else source.choice(NUMBERS) if kind in (2, 8) else source.choice((None, True, False)) if kind in (3, 9)
        else source.choice(NAMES) if kind == 4 else source.byte()
    )  # fmt: skip


def _object(source: Source, level: int) -> dict[str, Any]:
    names = [
        source.choice(NAMES) if source.byte() % 8 else source.text() for _ in range(source.byte() % MAX_CHILDREN + 1)
    ]
    return {name: _value(source, level + 1) for name in names}


def _list(source: Source, level: int) -> list[Any]:
    return [_value(source, level + 1) for _ in range(source.byte() % MAX_CHILDREN)]
