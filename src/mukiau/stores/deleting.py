"""Old events of the state file: which there are, and how their payloads and rows are deleted.

Deleting changes no count: a fingerprint's events, hours, environments and tags stay as they were counted.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from mukiau.stores.payloads import deletion_note
from mukiau.stores.sqlite import Connection

# Whatever comes to lean on a single event adds its condition here: events that are held keep their payload, by age and by
# budget. Held for each fingerprint, because any may become an issue of its own; and for a handling that is open.
_HELD = """(e.id IN (f.first_event_pk, f.last_event_pk) OR EXISTS (
  SELECT 1 FROM handling_occurrence o JOIN handling h ON h.id = o.handling_id
  WHERE o.event_pk = e.id AND h.closed_ms IS NULL))"""
# The edges of an environment are what its first and last time are mended from when an event moves.
_IS_EDGE = "e.occurred_ms IN (n.first_seen_ms, n.last_seen_ms)"
_OLDEST = f"""
SELECT e.id, e.fingerprint_id, e.occurred_ms, e.digested_ms, e.payload_codec, length(e.payload), {_HELD}, coalesce({_IS_EDGE}, 0)
FROM event e LEFT JOIN fingerprint f ON f.id = e.fingerprint_id
  LEFT JOIN fingerprint_environment n ON n.fingerprint_id = e.fingerprint_id AND n.environment = e.environment
WHERE e.id > ? ORDER BY e.id LIMIT ?
"""  # noqa: S608 - constants
_NEWEST = """
SELECT occurred_ms, id FROM event WHERE fingerprint_id = ? ORDER BY occurred_ms DESC, id DESC LIMIT 1 OFFSET ?
"""
_COUNT = """
INSERT INTO digest_counter (name, reason, count) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count
"""


class OldEvent(NamedTuple):
    """An event as retention looks at it."""

    id: int
    fingerprint_id: int
    occurred_ms: int
    digested_ms: int
    payload_codec: int
    payload_bytes: int
    is_held: bool
    """The first or last event of its fingerprint, or one that an open handling answers."""
    is_edge: bool
    """The first or last one of its fingerprint in its environment."""


class OldEvents:
    """The events of one state file in the order they were digested; deletes in the transaction at hand."""

    def __init__(self, connection: Connection, *, newest_events: int) -> None:
        """Of each fingerprint so many latest events are new, however old they are."""
        self._connection = connection
        self._newest_events = newest_events
        self._columns = [name for name in _columns_of(connection) if name not in {"payload", "payload_codec"}]

    def read(self, after_id: int, *, max_rows: int) -> Iterator[OldEvent]:
        """Yield the events behind one, oldest first."""
        return map(OldEvent._make, self._connection.execute(_OLDEST, (after_id, max_rows)))

    def is_among_newest(self, event: OldEvent, known: dict[int, tuple[int, int] | None]) -> bool:
        """Say whether an event is one of the latest of its fingerprint; `known` keeps what was found out about those."""
        if not self._newest_events:
            return False
        if event.fingerprint_id not in known:
            values = (event.fingerprint_id, self._newest_events - 1)
            known[event.fingerprint_id] = self._connection.execute(_NEWEST, values).fetchone()
        limit = known[event.fingerprint_id]
        return limit is None or (event.occurred_ms, event.id) >= tuple(limit)

    def delete_payloads(self, events: Sequence[OldEvent], *, at_ms: int, by: str) -> None:
        """Put a note in the place of payloads.

        The rows are deleted and written anew, because SQLite joins pages that became half empty only when a row of them
        is deleted: after an UPDATE that makes rows smaller, not one page more is free.
        """
        names = ", ".join(f'"{name}"' for name in self._columns)
        select = f"SELECT {names} FROM event WHERE id = ?"  # noqa: S608 - names of columns
        insert = (
            f"INSERT INTO event ({names}, payload_codec, payload) VALUES ({', '.join('?' * len(self._columns))}, 0, ?)"  # noqa: S608
        )
        note = deletion_note(at_ms=at_ms, by=by)
        rows = [self._connection.execute(select, (event.id,)).fetchone() for event in events]
        self._connection.executemany("DELETE FROM event WHERE id = ?", [(event.id,) for event in events])
        self._connection.executemany(insert, [(*row, note) for row in rows])
        self._count(f"payload_by_{by}", events)

    def delete_rows(self, events: Sequence[OldEvent]) -> None:
        """Delete events altogether."""
        self._connection.executemany("DELETE FROM event WHERE id = ?", [(event.id,) for event in events])
        self._count("event_by_age", events)

    def _count(self, reason: str, events: Iterable[OldEvent]) -> None:
        sizes = [event.payload_bytes for event in events]
        if sizes:
            counts = [("deleted", reason, len(sizes)), ("deleted_bytes", reason, sum(sizes))]
            self._connection.executemany(_COUNT, counts)


def _columns_of(connection: Connection) -> list[str]:
    return [row[1] for row in connection.execute("PRAGMA table_info(event)")]
