"""One container's stream of lines into entries: the rules of who continues whom.

A stream holds the entries a further line may still continue. Every line is one of these:

* a *header* (time or level at its start, or a JSON object) begins an entry. Headers of quiet lines (INFO, DEBUG, no
  level) are not kept as entries: only the last one is remembered, for a trace may follow it;
* a *start* of a trace joins the header written at the same moment (message first, then the trace), else begins its own;
* a *body* line goes to the entry whose trace it continues, also when other threads' headers stand in between, and for
  15 minutes after (a log cut in two, a reader restarted);
* anything else continues what was written directly before it: a further line of a message.

Which rule applies depends on the records only, never on batches or on when an entry was given out: an entry that was
given out early takes late lines just the same and is given out again. So any chunking gives the same entries.
"""

import json
from collections import deque
from collections.abc import Iterator

from mukiau.core.event import JSONObject, Level
from mukiau.core.records.entry import BARE_FATAL
from mukiau.core.records.formats import Loads, looks_like_object
from mukiau.core.records.headers import Head, sniff
from mukiau.core.records.joining import (
    MAY_FAIL,
    OWN_STARTS,
    WEAK_START,
    find_tagged,
    find_whole,
    is_own_line,
    is_same_instant,
    is_second_start,
    is_written_on,
    may_continue,
    note_kinds,
    wants_start,
)
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.prefixes import CleanLine, clean
from mukiau.core.records.quiet import is_quiet_json
from mukiau.core.records.record import Record
from mukiau.core.records.saving import record_from_json, record_to_json
from mukiau.core.records.succession import choose, is_wanted, share_words
from mukiau.core.traces.registry import classify_line
from mukiau.core.traces.trace import LineKind

MAX_OPEN = 8
"""Entries of one stream that may still be continued; more threads than that do not write one trace each at once."""
KEEP_MS = 15 * 60_000
"""Record time an entry waits for a tail."""
SAME_MOMENT_MS = 1_000
"""Record time within which lines belong together without further proof."""
MAX_CONTEXT = 20
_MAX_CONTEXT_CHARS = 600


class Stream:
    """The open entries and the last lines of one stream."""

    def __init__(self, key: tuple[str, str, str], *, loads: Loads = json.loads) -> None:
        self.key = key
        self.entries: list[OpenEntry] = []
        self._loads = loads
        self._context: deque[str] = deque(maxlen=MAX_CONTEXT)
        self._lines = 0
        self._quiet: Record | None = None
        """The last header, when it was a quiet one that further lines may belong to."""
        self._quiet_at = -1
        self._weak: Record | None = None
        """The last stray line, when it may be the beginning of a trace: only frames under it tell."""
        self._weak_at = -1
        self._last: OpenEntry | None = None
        self.now_ms = 0
        """The caller's clock, noted on every entry a line is added to."""
        self.is_changed = False
        """Entries came, grew or went since the state was saved."""

    def feed(self, record: Record) -> Iterator[OpenEntry]:
        """Take one record; yield the entries that nothing can continue any more."""
        message = record.message
        self._lines += 1
        if message[:1] == "{" and is_quiet_json(message):
            self._see_quiet(message, None)
            return
        line = clean(message, loads=self._loads)
        if line.text[:1] == "{" and is_quiet_json(line.text):
            self._see_quiet(line.text, None)
            return
        yield from self._expired(record)
        yield from self._place(record, line)

    def _place(self, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        if (piece := self._awaiting_piece(record, line.text)) is not None:
            yield from self._take_piece(piece, record, line)
        elif looks_like_object(line.text):
            yield from self._open_json(record, line)
        elif not line.text.strip():
            self._blank(record)
        else:
            yield from self._place_text(record, line)

    # -- cut lines -------------------------------------------------------------------------------------------------

    def _awaiting_piece(self, record: Record, text: str) -> OpenEntry | None:
        """The entry whose line was cut, when this record is its next piece and not a line of its own."""
        waiting = [entry for entry in self.entries if entry.is_cut_short and self._is_near(entry, record)]
        if not waiting or is_own_line(text, self._loads):
            return None
        return max(waiting, key=lambda entry: entry.touched)

    def _take_piece(self, entry: OpenEntry, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        entry.extend_last_line(record, line.text)
        entry.is_cut_short = line.is_partial
        self._touch(entry)
        if entry.is_json and not entry.is_cut_short:
            yield self._retire(entry)

    # -- entries that begin ----------------------------------------------------------------------------------------

    def _open_json(self, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        entry = OpenEntry(record, level=None, context=tuple(self._context))
        entry.is_json = True
        entry.is_cut_short = line.is_partial
        entry.add(record, line.text.split("\n"), LineKind.NONE)
        self._see(line.text)
        self._quiet = None
        if line.is_partial:
            yield from self._keep(entry)
        else:
            yield entry

    def _open(
        self, record: Record, line: CleanLine, kind: LineKind, level: Level | None, *, has_header: bool = False
    ) -> Iterator[OpenEntry]:
        lines = line.text.split("\n")
        entry = OpenEntry(record, level=level, context=tuple(self._context))
        entry.is_cut_short = line.is_partial
        entry.add(record, lines, kind)
        if len(lines) > 1:
            note_kinds(entry, lines)
        self._see(lines[0])
        self._quiet = None
        entry.has_header = has_header
        yield from self._keep(entry)

    def _keep(self, entry: OpenEntry) -> Iterator[OpenEntry]:
        self.entries.append(entry)
        self._touch(entry)
        if len(self.entries) > MAX_OPEN:
            yield self._retire(min(self.entries, key=lambda one: one.touched))

    # -- text ------------------------------------------------------------------------------------------------------

    def _place_text(self, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        first = line.text.partition("\n")[0]
        head = sniff(first)
        if head is None:
            yield from self._place_headless(record, line, first, classify_line(first))
            return
        rest = first[head.message_at :]
        kind = classify_line(rest) if head.level is None or self.entries else LineKind.NONE
        if kind is LineKind.BODY and self._has_trace_near(record):
            # Every line of a trace may carry a time of its own (`[12:00:00]     at run (a.js:1:2)`).
            near = [entry for entry in self._near(record) if entry.has_trace]
            self._join(choose(rest, near), record, CleanLine(rest, line.is_partial), kind)
        elif kind is LineKind.START and head.level is None:
            yield from self._open(record, line, kind, head.level, has_header=True)
        else:
            yield from self._begin(record, line, first, head)

    def _begin(self, record: Record, line: CleanLine, first: str, head: Head) -> Iterator[OpenEntry]:
        is_alone = "\n" not in line.text
        rest = first[head.message_at :]
        is_plain = head.level is None and is_alone and (not MAY_FAIL.search(rest[:400]) or is_quiet_json(rest.lstrip()))
        if head.level is None and self.entries and (whole := find_whole(rest, self._near(record))) is not None:
            self._join(whole, record, line, LineKind.NONE)
        elif is_plain or head.level in (Level.INFO, Level.DEBUG):
            self._see_quiet(first, record)
        else:
            yield from self._open(record, line, LineKind.NONE, head.level, has_header=True)

    def _place_headless(self, record: Record, line: CleanLine, first: str, kind: LineKind) -> Iterator[OpenEntry]:
        if first[:1] == "[" and (tagged := find_tagged(line.text, self._near(record))) is not None:
            self._join(tagged[0], record, CleanLine(tagged[1], line.is_partial), classify_line(tagged[1]))
        elif kind is LineKind.NONE:
            yield from self._place_other(record, line, first)
        elif kind is LineKind.START and (owner := self._owner_of_start(record, first)) is None:
            yield from self._open_start(record, line)
        elif kind is LineKind.START and owner is not None:
            self._join(owner, record, line, kind)
        else:
            yield from self._place_body(record, line, first)

    def _place_body(self, record: Record, line: CleanLine, first: str) -> Iterator[OpenEntry]:
        weak = self._weak if self._weak_at == self._lines - 1 else None
        near = self._near(record)
        if weak is not None:
            yield from self._open(weak, clean(weak.message, loads=self._loads), LineKind.START, None)
            self._join(self.entries[-1], record, line, LineKind.BODY)
        elif near:
            self._join(choose(first, near), record, line, LineKind.BODY)
        elif self._follows_quiet():
            self._go_on_quietly(first)
        elif tailless := [entry for entry in self.entries if entry.has_trace]:
            self._join(max(tailless, key=lambda entry: entry.touched), record, line, LineKind.BODY)
        else:
            yield from self._open(record, line, LineKind.BODY, None)

    def _place_other(self, record: Record, line: CleanLine, first: str) -> Iterator[OpenEntry]:
        """A line that says nothing of itself: more of a message, a source line in a trace, or a stray print."""
        if BARE_FATAL.match(first):
            yield from self._open(record, line, LineKind.NONE, None)
            return
        owner = self._owner_of_other(record, first)
        if owner is not None:
            self._join(owner, record, line, LineKind.NONE)
        elif self._follows_quiet():
            self._go_on_quietly(first)
        else:
            self._see(first)
            if WEAK_START.match(first):
                self._weak, self._weak_at = record, self._lines
                self.is_changed = True

    def _owner_of_other(self, record: Record, first: str) -> OpenEntry | None:
        near = [entry for entry in self._near(record) if may_continue(entry, first)]
        wanted = [entry for entry in near if is_wanted(first, entry)]
        if wanted:
            return choose(first, wanted)
        last = self._last
        if last is not None and last.touched == self._lines - 1 and is_written_on(last, record):
            return last
        if not near or self._follows_quiet():
            return None
        return max(near, key=lambda entry: entry.touched)

    # -- traces ----------------------------------------------------------------------------------------------------

    def _owner_of_start(self, record: Record, first: str) -> OpenEntry | None:
        near = self._near(record)
        going_on = [entry for entry in near if wants_start(entry, first)]
        if going_on:
            return max(going_on, key=lambda entry: entry.touched)
        if first.startswith(OWN_STARTS):
            return None
        headers = [
            (share_words(first, one.lines[0]), one.touched, one) for one in near if self._awaits_trace(one, record)
        ]
        words, _, header = max(headers, key=lambda fit: fit[:2]) if headers else (0, 0, None)
        before = self._last
        is_second = before in near and before.touched == self._lines - 1 and is_second_start(before, first)
        if header is not None or is_second:
            return before if is_second and not words else header
        if first[:1] in " \t" and near:
            return max(near, key=lambda entry: entry.touched)
        return None

    def _open_start(self, record: Record, line: CleanLine) -> Iterator[OpenEntry]:
        quiet = self._quiet
        is_of_quiet = quiet is not None and self._follows_quiet() and is_same_instant(quiet, record)
        if quiet is None or not is_of_quiet or line.text.startswith(OWN_STARTS):
            yield from self._open(record, line, LineKind.START, None)
            return
        header = clean(quiet.message, loads=self._loads).text
        head = sniff(header)
        entry = OpenEntry(quiet, level=head.level if head else None, context=tuple(self._context))
        entry.add(quiet, header.split("\n"), LineKind.NONE)
        entry.add(record, line.text.split("\n"), LineKind.START)
        self._quiet = None
        yield from self._keep(entry)

    # -- bookkeeping -----------------------------------------------------------------------------------------------

    def _join(self, entry: OpenEntry, record: Record, line: CleanLine, kind: LineKind) -> None:
        lines = line.text.split("\n")
        if kind is LineKind.NONE and len(entry.lines) == 1 and entry.touched == self._lines - 1:
            self._see_below(lines[0])
        entry.add(record, lines, kind)
        entry.is_cut_short = line.is_partial
        if len(lines) > 1:
            note_kinds(entry, lines)
        self._touch(entry)

    def _touch(self, entry: OpenEntry) -> None:
        entry.touched = self._lines
        entry.fed_ms = self.now_ms
        self._last = entry
        self.is_changed = True

    def _blank(self, record: Record) -> None:
        """An empty line inside a trace stays with it (`direct cause` paragraphs); elsewhere it says nothing."""
        last = self._last
        if last is not None and last.touched == self._lines - 1 and last.has_trace and self._is_near(last, record):
            last.add_blank(record)
            self._touch(last)
        elif self._quiet_at == self._lines - 1:
            self._quiet_at = self._lines

    def _go_on_quietly(self, text: str) -> None:
        """The line is more of the quiet one before it."""
        self._see_below(text)
        self._quiet_at = self._lines
        self.is_changed = True

    def _see(self, text: str) -> None:
        self._context.append(text[:_MAX_CONTEXT_CHARS])

    def _see_below(self, text: str) -> None:
        """The first line under a header that is a line of its own is mostly the message."""
        if self._context and "\n" not in self._context[-1]:
            self._context[-1] = f"{self._context[-1]}\n{text.strip()}"[:_MAX_CONTEXT_CHARS]

    def _see_quiet(self, text: str, record: Record | None) -> None:
        self._see(text)
        self.is_changed = self.is_changed or record is not None or self._quiet is not None
        self._quiet = record
        self._quiet_at = self._lines

    def _awaits_trace(self, entry: OpenEntry, record: Record) -> bool:
        """A header whose trace may come now; without record times only directly after it."""
        is_close = record.timestamp_ms is not None or self._lines - entry.touched <= 3
        return entry.has_header and not entry.has_trace and is_close

    def _follows_quiet(self) -> bool:
        return self._quiet is not None and self._quiet_at == self._lines - 1

    def _near(self, record: Record) -> list[OpenEntry]:
        return [entry for entry in self.entries if self._is_near(entry, record)]

    def _has_trace_near(self, record: Record) -> bool:
        return any(entry.has_trace and self._is_near(entry, record) for entry in self.entries)

    def _is_near(self, entry: OpenEntry, record: Record) -> bool:
        if entry.last_ms is None or record.timestamp_ms is None:
            return self._lines - entry.touched <= MAX_CONTEXT
        return abs(record.timestamp_ms - entry.last_ms) <= SAME_MOMENT_MS

    def _expired(self, record: Record) -> Iterator[OpenEntry]:
        now = record.timestamp_ms
        if now is None or not self.entries:
            return
        # Past its moment only a trace can go on, and only the last one written.
        traced = max((one for one in self.entries if one.has_trace), key=lambda one: one.touched, default=None)
        for entry in tuple(self.entries):
            age = now - entry.last_ms if entry.last_ms is not None else 0
            if age > KEEP_MS or (age > SAME_MOMENT_MS and entry is not traced):
                yield self._retire(entry)

    def _retire(self, entry: OpenEntry) -> OpenEntry:
        self.entries.remove(entry)
        self.is_changed = True
        if self._last is entry:
            self._last = None
        return entry

    def forget_before(self, fed_ms: int) -> None:
        """Let go of the entries that were given out and got no line since a time of the caller's clock."""
        for entry in [one for one in self.entries if one.fed_ms < fed_ms and not one.is_changed]:
            self._retire(entry)

    def retire_all(self) -> list[OpenEntry]:
        """Close every entry, oldest first."""
        closed, self.entries, self._last = self.entries, [], None
        return closed

    # -- saving ----------------------------------------------------------------------------------------------------

    @property
    def is_waiting(self) -> bool:
        """Whether the next line may depend on what is held here: an entry, or a last line that may begin one."""
        return bool(self.entries) or (self._quiet is not None and self._quiet_at == self._lines) or self._is_weak_last

    @property
    def _is_weak_last(self) -> bool:
        return self._weak is not None and self._weak_at == self._lines

    def to_json(self) -> JSONObject:
        """The state a restart needs; the lines before an error are not part of it."""
        return {
            "entries": [entry.to_json() for entry in self.entries],
            "lines": self._lines,
            "quiet": record_to_json(self._quiet),
            "quiet_at": self._quiet_at,
            "weak": record_to_json(self._weak) if self._is_weak_last else None,
            "last": self.entries.index(self._last) if self._last in self.entries else -1,
        }

    @classmethod
    def from_json(cls, key: tuple[str, str, str], value: JSONObject, *, loads: Loads = json.loads) -> "Stream":
        """Rebuild what `to_json` gave."""
        stream = cls(key, loads=loads)
        stream.entries = [OpenEntry.from_json(one, key) for one in value["entries"]]
        stream._lines, stream._quiet_at = value["lines"], value["quiet_at"]
        stream._quiet = record_from_json(value["quiet"], key)
        stream._weak = record_from_json(value["weak"], key)
        stream._weak_at = stream._lines if stream._weak else -1
        stream._last = stream.entries[value["last"]] if value["last"] >= 0 else None
        return stream
