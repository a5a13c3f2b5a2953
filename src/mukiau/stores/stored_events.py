"""Stored events as grouping sees them: read back at a fraction of what digesting them cost.

Only what grouping may look at is read of a payload; locals, source lines, breadcrumbs, contexts of no interest are skipped
while it is parsed. The event is then built by `build_event`, as it was when it was digested, so that the same policy gives
the same fingerprint.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypedDict

from mukiau import codec
from mukiau.core.event import Event, Frame, Origin
from mukiau.core.event_builder import build_event, build_frames
from mukiau.stores.dictionaries import Dictionaries
from mukiau.stores.payloads import DELETED, Unpacker
from mukiau.stores.sqlite import connect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# The + keeps SQLite from walking the index of the whole project for each range of ids.
_EVENTS = """
SELECT id, fingerprint_id, service, payload_codec, payload FROM event
WHERE id > ? AND id <= ? AND +project_id = ? ORDER BY id
"""


class _Frame(TypedDict, total=False):
    function: Any
    module: Any
    filename: Any
    abs_path: Any
    in_app: Any


class _Stacktrace(TypedDict, total=False):
    frames: list[_Frame]


class _Link(TypedDict, total=False):
    type: Any
    value: Any
    module: Any
    mechanism: Any
    stacktrace: codec.Unread


class _Chain(TypedDict, total=False):
    values: list[_Link]


class _Payload(TypedDict, total=False):
    exception: _Chain | None
    logentry: Any
    level: Any
    platform: Any
    logger: Any
    transaction: Any
    tags: Any
    extra: Any
    fingerprint: Any
    stacktrace: Any
    threads: Any


class _Origin(TypedDict, total=False):
    call_site: str
    language: str


class _Document(TypedDict, total=False):
    payload: _Payload
    origin: _Origin
    tags: list[tuple[str, str]]


_read = codec.reader(_Document)
_read_stack = codec.reader(_Stacktrace)
_MAX_KNOWN_BYTES = 8 * 1024
"""A stack's text that is remembered: some thousands of them are some megabytes."""


def read_document(text: bytes) -> Any:
    """Return a stored document as far as grouping may look at it, its stacks as frames; raises ValueError where it cannot
    be read.

    One failure throws the same stack again and again, so most of them are looked up and not even parsed.
    """
    document: Any = _read(text)
    chain = document.get("payload", {}).get("exception") or {}
    for link in chain.get("values", ()):
        if "stacktrace" in link:
            link["stacktrace"] = _frames_of(bytes(link["stacktrace"]))
    return document


def _frames_of(text: bytes) -> tuple[Frame, ...]:
    if text == b"null":
        return ()
    return _known_frames(text) if len(text) <= _MAX_KNOWN_BYTES else build_frames(_read_stack(text))


@lru_cache(maxsize=4096)
def _known_frames(text: bytes) -> tuple[Frame, ...]:
    return build_frames(_read_stack(text))


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """One event with the fingerprint it is counted under."""

    pk: int
    fingerprint_id: int
    event: Event | None
    """None where retention took the payload, or where it cannot be read."""


class StoredEvents:
    """Reads the events of a state file; one connection that only reads, for one thread of one process."""

    def __init__(self, path: Path) -> None:
        self._connection = connect(path, readonly=True)
        self._unpacker = Unpacker(Dictionaries(self._connection).find)

    def close(self) -> None:
        self._connection.close()

    def read(self, project_id: int, *, after: int, until: int) -> Iterator[StoredEvent]:
        """Yield a project's events with `after` < id <= `until`, in the order they were digested."""
        yield from map(self._event, self._connection.execute(_EVENTS, (after, until, project_id)))

    def _event(self, row: tuple[int, int, str, int, bytes]) -> StoredEvent:
        pk, fingerprint_id, service, payload_codec, payload = row
        if payload_codec == DELETED:
            return StoredEvent(pk, fingerprint_id, None)
        try:
            document = read_document(self._unpacker.unpack_text(payload, payload_codec))
        except ValueError:
            return StoredEvent(pk, fingerprint_id, None)
        return StoredEvent(pk, fingerprint_id, event_of(document, service=service))


def event_of(document: Any, *, service: str) -> Event:
    """Return the event of a stored document ({"payload": …, "origin": …}) with all that grouping may look at."""
    known = document.get("origin") or {}
    origin = Origin(
        service=service,
        call_site=known.get("call_site", ""),
        language=known.get("language", ""),
    )
    return build_event(document.get("payload") or {}, origin=origin, received_at=_EPOCH)
