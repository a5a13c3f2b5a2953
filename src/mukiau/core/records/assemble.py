"""Records of many streams into log entries; the state that lives between batches.

`Assembler` keeps one `Stream` per (account, log group, log stream) and gives out the entries that are errors. It reads
no clock: the caller says what time it is when it feeds and when it asks for what has been idle. What is given out early
may be given out again with a higher `revision`, the same first record and more records.
"""

import json
from collections.abc import Iterable, Mapping

from mukiau.core.event import JSONObject, Level
from mukiau.core.records.decoding import Loads
from mukiau.core.records.entry import LogEntry, build_entry, is_error
from mukiau.core.records.open_entries import KEEP_MS
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.record import Record
from mukiau.core.records.stream import Stream

StreamKey = tuple[str, str, str]
MAX_STREAMS = 20_000
"""Streams remembered; the one fed longest ago is closed when another comes."""


class Assembler:
    """Assembles one project's records."""

    def __init__(self, *, loads: Loads = json.loads) -> None:
        self._loads = loads
        self._streams: dict[StreamKey, Stream] = {}
        self._changed: set[StreamKey] = set()

    def feed(self, records: Iterable[Record], *, now_ms: int = 0) -> list[LogEntry]:
        """Take records in order of arrival; return the errors that nothing can continue any more."""
        errors: list[LogEntry] = []
        for record in records:
            stream = self._stream(record.stream, errors)
            for closed in stream.feed(record, now_ms=now_ms):
                self._give(closed, errors)
            if stream.is_changed:
                self._changed.add(stream.key)
        return errors

    def flush_idle(self, now_ms: int, idle_ms: int) -> list[LogEntry]:
        """Return the errors whose last line was fed at least `idle_ms` ago; they still take late lines.

        A line fed in the future tells that the clock was set back: its entry does not wait until it is so late again.
        """
        errors: list[LogEntry] = []
        for stream in self._streams.values():
            if abs(now_ms - stream.now_ms) >= idle_ms:
                for closed in stream.settle():
                    self._changed.add(stream.key)
                    self._give(closed, errors)
            for entry in stream.entries:
                if entry.is_changed and abs(now_ms - entry.fed_ms) >= idle_ms:
                    self._changed.add(stream.key)
                    self._give(entry, errors)
        return errors

    def forget_idle(self, now_ms: int, keep_ms: int = KEEP_MS) -> None:
        """Let go of what no late line will continue any more: most streams end with their container."""
        for key, stream in list(self._streams.items()):
            had_entries = bool(stream.entries)
            stream.forget_before(now_ms - keep_ms)
            if had_entries and not stream.entries:
                self._changed.add(key)
            if not stream.entries and stream.now_ms < now_ms - keep_ms:
                del self._streams[key]

    def flush_all(self) -> list[LogEntry]:
        """Return all errors still open, as they are, and forget the streams."""
        errors: list[LogEntry] = []
        for stream in self._streams.values():
            self._changed.add(stream.key)
            for entry in stream.retire_all():
                self._give(entry, errors)
        self._streams.clear()
        return errors

    def take_changes(self) -> dict[StreamKey, JSONObject | None]:
        """Return the state of every stream that changed since the last call; None for one with nothing left to keep."""
        changes: dict[StreamKey, JSONObject | None] = {}
        for key in self._changed:
            stream = self._streams.get(key)
            changes[key] = stream.to_json() if stream and stream.is_waiting else None
            if stream:
                stream.note_saved()
        self._changed.clear()
        return changes

    def snapshot(self) -> dict[StreamKey, JSONObject]:
        """Return the state of all streams whose next line may depend on it."""
        return {key: stream.to_json() for key, stream in self._streams.items() if stream.is_waiting}

    def restore(self, states: Mapping[StreamKey, JSONObject]) -> None:
        """Take back what `snapshot` or `take_changes` gave."""
        for key, state in states.items():
            self._streams[key] = Stream.from_json(key, state, loads=self._loads)

    def _stream(self, key: StreamKey, errors: list[LogEntry]) -> Stream:
        stream = self._streams.get(key)
        if stream is None:
            if len(self._streams) >= MAX_STREAMS:
                self._drop_oldest(errors)
            stream = self._streams[key] = Stream(key, loads=self._loads)
        return stream

    def _drop_oldest(self, errors: list[LogEntry]) -> None:
        key, oldest = next(iter(self._streams.items()))
        del self._streams[key]
        self._changed.add(key)
        for entry in oldest.retire_all():
            self._give(entry, errors)

    def _give(self, opened: OpenEntry, errors: list[LogEntry]) -> None:
        """Read a block and keep it when it is an error not given out in this form before."""
        if not opened.is_changed:
            return
        opened.is_changed = False
        if _is_surely_quiet(opened):
            return
        entry = build_entry(opened, loads=self._loads)
        if is_error(entry):
            opened.emitted += 1
            errors.append(entry)


def _is_surely_quiet(opened: OpenEntry) -> bool:
    if opened.level is Level.WARNING:
        return not opened.has_trace and not any(mark in opened.lines[0] for mark in _TRACE_ON_LINE)
    return opened.level in (Level.INFO, Level.DEBUG)


_TRACE_ON_LINE = ("\\n", "[object] (")
"""What a trace leaves in a line that holds all of it."""
