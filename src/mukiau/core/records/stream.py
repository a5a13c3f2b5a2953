"""One container's stream of lines into entries: its state, what time does to it, and how it is saved.

A stream holds the entries a further line may still continue; `placing.py` has the rules of who continues whom. A trace
whose head comes late is read again when it has come (`ordering.py`).
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace

from mukiau.core.event import JSONObject
from mukiau.core.records.before import Before
from mukiau.core.records.decoding import Loads
from mukiau.core.records.moments import read_moment
from mukiau.core.records.open_entries import OpenEntries
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.placing import Placer
from mukiau.core.records.quiet import is_quiet_json
from mukiau.core.records.record import Record
from mukiau.core.records.strays import Strays


class Stream:
    """The open entries and the last lines of one stream."""

    def __init__(self, key: tuple[str, str, str], *, loads: Loads = json.loads) -> None:
        self.key = key
        self._placer = Placer(loads=loads)

    @property
    def entries(self) -> Sequence[OpenEntry]:
        """The entries a further line may continue, oldest first."""
        return self._placer.opened.entries

    @property
    def now_ms(self) -> int:
        """The caller's clock at the latest line."""
        return self._placer.now_ms

    @property
    def is_changed(self) -> bool:
        """Whether entries came, grew or went since the state was saved."""
        return self._placer.is_changed

    def note_saved(self) -> None:
        """Note that the state was saved."""
        self._placer.is_changed = False

    def feed(self, record: Record, *, now_ms: int = 0) -> Iterator[OpenEntry]:
        """Take one record; yield the entries that nothing can continue any more."""
        placer, message = self._placer, record.message
        placer.now_ms = now_ms
        placer.opened.lines += 1
        if len(message) >= placer.widths.longest:
            placer.widths.measure(len(message))
        if message[:1] == "{" and is_quiet_json(message):
            placer.see_quiet(message, None)
            return
        line = placer.cleaned(message)
        if line.text[:1] == "{" and not message.startswith(line.text) and is_quiet_json(line.text):
            placer.see_quiet(line.text, None)
            return
        if line.time is not None and record.timestamp_ms is None:
            record = replace(record, timestamp_ms=read_moment(line.time))
        if placer.opened.entries or placer.late_head.is_awaited:
            yield from self._pass_time(record)
        yield from placer.place(record, line)

    def _pass_time(self, record: Record) -> Iterator[OpenEntry]:
        """Let go of what is over at the record's time; place again what its coming shows to be out of order."""
        placer = self._placer
        for expired in placer.opened.expired(record):
            placer.is_changed = True
            yield expired
        if placer.late_head.is_awaited:
            placer.is_changed = True
            if placer.late_head.is_over(record, placer.opened):
                yield from self.settle()

    def settle(self) -> Iterator[OpenEntry]:
        """Place a tail again behind its late head; yield what is closed by that."""
        for record in self._placer.late_head.take():
            self._placer.opened.lines += 1
            yield from self._placer.place(record, self._placer.cleaned(record.message))

    def forget_before(self, fed_ms: int) -> None:
        """Let go of the entries that were given out and got no line since a time of the caller's clock."""
        for entry in [one for one in self.entries if one.fed_ms < fed_ms and not one.is_changed]:
            self._placer.retire(entry)
        self._placer.late_head.forget_lost(self._placer.opened)

    def retire_all(self) -> list[OpenEntry]:
        """Close every entry, oldest first."""
        return [*self.settle(), *self._placer.opened.retire_all()]

    @property
    def is_waiting(self) -> bool:
        """Whether the next line may depend on what is held here: an entry, or a last line that may begin one."""
        placer, at = self._placer, self._placer.opened.lines
        is_held = bool(self.entries) or placer.late_head.is_awaited
        return is_held or placer.before.is_quiet_last(at) or placer.strays.is_waiting(at)

    def to_json(self) -> JSONObject:
        """The state a restart needs; the lines before an error are not part of it."""
        placer = self._placer
        return {
            **placer.opened.to_json(),
            **placer.before.to_json(),
            "strays": placer.strays.to_json(),
            "widths": placer.widths.to_json(),
            "late_head": placer.late_head.to_json(placer.opened),
        }

    @classmethod
    def from_json(cls, key: tuple[str, str, str], value: JSONObject, *, loads: Loads = json.loads) -> "Stream":
        """Rebuild what `to_json` gave."""
        stream = cls(key, loads=loads)
        placer = stream._placer
        placer.opened = OpenEntries.from_json(value, key)
        placer.before = Before.from_json(value, key)
        if "strays" in value:  # not in a state that an earlier version saved
            placer.strays = Strays.from_json(value["strays"], key)
        if "late_head" in value:
            placer.widths.restore(value["widths"])
            placer.late_head.restore(value["late_head"], placer.opened, key)
        return stream
