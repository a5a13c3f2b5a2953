"""Which records came before: a record counts once, however often its source sends it."""

from collections.abc import Callable, Collection, Iterable
from hashlib import blake2b

from mukiau.core.records.record import Record
from mukiau.digest.batch import SeenRecord

_DAY_MS = 86_400_000
FindSeen = Callable[[Collection[SeenRecord]], frozenset[SeenRecord]]


class SeenFilter:
    """Lets each record through once: those of earlier batches are in the store, those of this one are kept here."""

    def __init__(self, find_seen: FindSeen) -> None:
        self._find_seen = find_seen
        self._fresh: set[SeenRecord] = set()

    def pass_new(self, records: Iterable[Record], *, project_id: int, received_ms: int) -> list[Record]:
        """Return the records that were not seen before, in their order, and remember them.

        A record whose id was made by the door never comes again and always passes.
        """
        marked = [(record, mark) for record, mark in _marked(records, project_id, received_ms)]
        known = self._find_seen([mark for _, mark in marked if mark is not None and mark not in self._fresh])
        new = []
        for record, mark in marked:
            if mark is not None:
                if mark in known or mark in self._fresh:
                    continue
                self._fresh.add(mark)
            new.append(record)
        return new

    def take_fresh(self) -> tuple[SeenRecord, ...]:
        """Return what was let through since the last call; the store remembers it from now on."""
        fresh, self._fresh = tuple(self._fresh), set()
        return fresh


def _marked(records: Iterable[Record], project_id: int, received_ms: int) -> Iterable[tuple[Record, SeenRecord | None]]:
    streams: dict[tuple[str, str, str], blake2b] = {}
    for record in records:
        if not record.has_source_id:
            yield record, None
            continue
        prefix = streams.get(record.stream)
        if prefix is None:
            key = "\0".join((str(project_id), *record.stream, ""))
            prefix = streams[record.stream] = blake2b(key.encode("utf-8", "replace"), digest_size=8)
        digest = prefix.copy()
        digest.update(record.record_id.encode("utf-8", "replace"))
        yield record, SeenRecord(_day(record, received_ms), int.from_bytes(digest.digest(), "big", signed=True))


def _day(record: Record, received_ms: int) -> int:
    """The day of the record's own time, so that a replay finds it; odd times are folded into a day SQLite can hold."""
    stamp = record.timestamp_ms if record.timestamp_ms is not None else received_ms
    return min(max(stamp // _DAY_MS, 0), 2**31)
