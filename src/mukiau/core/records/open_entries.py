"""The entries of one stream that a further line may continue: which are near a record, which have waited too long."""

from collections.abc import Iterator

from mukiau.core.event import JSONObject
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.record import SAME_MOMENT_MS, Record, apart_ms

MAX_OPEN = 8
"""Entries of one stream that may still be continued; more threads than that do not write one trace each at once."""
KEEP_MS = 15 * 60_000
"""Record time an entry waits for a tail."""
MAX_LINES_AWAY = 20
"""Lines within which they belong together without further proof where records have no time."""
_MAX_HEADER_LINES = 3
"""Lines after which a header without record times awaits no trace any more."""


class OpenEntries:
    """Up to MAX_OPEN entries, oldest first; `lines` counts the stream's lines."""

    def __init__(self) -> None:
        self.entries: list[OpenEntry] = []
        self.lines = 0
        self.last: OpenEntry | None = None
        """The one written last, while it is open."""

    def add(self, entry: OpenEntry) -> Iterator[OpenEntry]:
        """Take an entry; yield the one that makes room for it."""
        self.entries.append(entry)
        if len(self.entries) > MAX_OPEN:
            yield self.retire(min(self.entries[:-1], key=lambda one: one.touched))

    def touch(self, entry: OpenEntry, *, now_ms: int) -> None:
        """Note that the entry got the stream's latest line."""
        entry.touched = self.lines
        entry.fed_ms = now_ms
        self.last = entry

    def written_before(self) -> OpenEntry | None:
        """The entry that got the line directly before this one."""
        return self.last if self.last is not None and self.last.touched == self.lines - 1 else None

    def begun_by(self, record: Record) -> OpenEntry | None:
        """The entry that consists of just this record."""
        return next((one for one in self.entries if one.record_ids == [record.record_id]), None)

    def near(self, record: Record) -> list[OpenEntry]:
        """The entries written at the record's moment."""
        return [entry for entry in self.entries if self.is_near(entry, record)]

    def is_near(self, entry: OpenEntry, record: Record) -> bool:
        """Whether the entry was written at the record's moment; without times, within a few lines."""
        apart = apart_ms(entry.last_ms, record.timestamp_ms)
        return self.lines - entry.touched <= MAX_LINES_AWAY if apart is None else apart <= SAME_MOMENT_MS

    def has_trace_near(self, record: Record) -> bool:
        """Whether one of them has a trace."""
        return any(entry.has_trace and self.is_near(entry, record) for entry in self.entries)

    def has_trace_above(self, lines: int) -> bool:
        """Whether one of them has a trace and got one of so many lines before this one."""
        return any(entry.has_trace and entry.touched >= self.lines - lines for entry in self.entries)

    def awaits_trace(self, entry: OpenEntry, record: Record) -> bool:
        """A header whose trace may come now; without record times only directly after it."""
        is_close = record.timestamp_ms is not None or self.lines - entry.touched <= _MAX_HEADER_LINES
        return entry.has_header and not entry.has_trace and is_close

    def last_with_trace(self) -> OpenEntry | None:
        """The entry with a trace that was written last, however long ago."""
        return max((one for one in self.entries if one.has_trace), key=lambda one: one.touched, default=None)

    def expired(self, record: Record) -> Iterator[OpenEntry]:
        """Yield and let go of what nothing of the record's time can continue any more."""
        now = record.timestamp_ms
        if now is None or not self.entries:
            return
        # Past its moment only a trace can go on, and only the last one written.
        traced = self.last_with_trace()
        for entry in tuple(self.entries):
            age = now - entry.last_ms if entry.last_ms is not None else 0
            if age > KEEP_MS or (age > SAME_MOMENT_MS and entry is not traced):
                yield self.retire(entry)

    def retire(self, entry: OpenEntry) -> OpenEntry:
        """Let go of an entry."""
        self.entries.remove(entry)
        if self.last is entry:
            self.last = None
        return entry

    def retire_all(self) -> list[OpenEntry]:
        """Let go of every entry, oldest first."""
        closed, self.entries, self.last = self.entries, [], None
        return closed

    def to_json(self) -> JSONObject:
        """The state a restart needs."""
        return {
            "entries": [entry.to_json() for entry in self.entries],
            "lines": self.lines,
            "last": self.entries.index(self.last) if self.last in self.entries else -1,
        }

    @classmethod
    def from_json(cls, value: JSONObject, key: tuple[str, str, str]) -> "OpenEntries":
        """Rebuild what `to_json` gave."""
        opened = cls()
        opened.entries = [OpenEntry.from_json(one, key) for one in value["entries"]]
        opened.lines = value["lines"]
        opened.last = opened.entries[value["last"]] if value["last"] >= 0 else None
        return opened
