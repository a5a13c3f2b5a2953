"""Records in the order they were written, where their source tells it.

Batches of one log stream overtake each other: CloudWatch Logs gives them to several invocations at once. Its ids count
up within a stream, so time and id tell the order. What a batch holds is put in order by itself (`in_order`); a trace
whose tail comes before its head is taken apart and read again (`LateHead`) when the head has come.
"""

from collections.abc import Sequence
from operator import le

from mukiau.core.event import JSONValue
from mukiau.core.records.open_entries import OpenEntries
from mukiau.core.records.open_entry import OpenEntry
from mukiau.core.records.record import Record
from mukiau.core.records.saving import record_from_json, record_to_json

_ID_DIGITS = 56
"""Of an id of CloudWatch Logs. Other sources' ids say nothing about order, nor do their times: a line's time may be when
it was read."""
MAX_RECORDS = 500
"""Of a longer tail without a head only the entry is kept: it is more likely that the head was lost."""


class LateHead:
    """The trace, or tail of one, that stands without a head in a stream, while its head may still come."""

    def __init__(self) -> None:
        self._entries: list[OpenEntry] = []
        self._records: list[Record] = []
        """Of these entries, to be read again behind the head."""
        self._has_come = False
        """Records from before them have come; the entries were withdrawn."""

    @property
    def is_awaited(self) -> bool:
        """Whether anything waits."""
        return bool(self._records)

    def note_begin(self, entry: OpenEntry, record: Record, opened: OpenEntries) -> None:
        """An entry began without a header."""
        if self._has_come or not tells_order(record):
            return
        if not (self._entries and self._entries[-1].touched == opened.lines - 1):
            self._entries, self._records = [], []
        self._entries.append(entry)
        self._records.append(record)

    def note_more(self, entry: OpenEntry, record: Record) -> None:
        """An entry was continued."""
        if entry in self._entries:
            self._records.append(record)

    def is_over(self, record: Record, opened: OpenEntries) -> bool:
        """Whether with this record all of the head has come; withdraws what waits when the first of it comes."""
        if not self._records:
            return False
        if self._has_come:
            return not _is_before(record, self._records[0])
        self.forget_lost(opened)
        if self._records and _is_before(record, self._records[0]):
            self._has_come = True
            for entry in self._entries:
                opened.retire(entry)
        return False

    def take(self) -> list[Record]:
        """Give the records that are to be placed again; none as long as nothing of a head has come."""
        if not self._has_come:
            return []
        taken, self._entries, self._records, self._has_come = self._records, [], [], False
        return taken

    def forget_lost(self, opened: OpenEntries) -> None:
        """Let go of what was given out, what nothing can go on with, and what is very long."""
        is_long = len(self._records) > MAX_RECORDS
        if not self._has_come and (is_long or any(one.emitted or one not in opened.entries for one in self._entries)):
            self._entries, self._records = [], []

    def to_json(self, opened: OpenEntries) -> JSONValue:
        """What a restart needs."""
        places = [opened.entries.index(entry) for entry in self._entries if entry in opened.entries]
        return [places, self._has_come, [record_to_json(record) for record in self._records]]

    def restore(self, saved: JSONValue, opened: OpenEntries, key: tuple[str, str, str]) -> None:
        """Take back what `to_json` gave."""
        places, self._has_come, records = saved
        self._entries = [opened.entries[at] for at in places]
        self._records = [record_from_json(one, key) for one in records]


def in_order(records: Sequence[Record]) -> Sequence[Record]:
    """Sort records of one source by (time, id); as they are where their ids do not tell the order."""
    times = [record.timestamp_ms or 0 for record in records]
    if all(map(le, times, times[1:])) or not all(map(tells_order, records)):
        return records
    return sorted(records, key=lambda record: (record.timestamp_ms or 0, record.record_id))


def _is_before(one: Record, other: Record) -> bool:
    """Whether one record of a stream was certainly written before another."""
    if one.stream != other.stream or not (tells_order(one) and tells_order(other)):
        return False
    return (one.timestamp_ms or 0, one.record_id) < (other.timestamp_ms or 0, other.record_id)


def tells_order(record: Record) -> bool:
    """Whether time and id say where in its stream the record stands."""
    return record.timestamp_ms is not None and len(record.record_id) == _ID_DIGITS and record.record_id.isdigit()
