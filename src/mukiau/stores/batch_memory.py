"""What a batch leaves besides its events: names that were seen, records, streams, counters, items set aside."""

from collections.abc import Sequence

from mukiau.digest.batch import Batch
from mukiau.stores.event_rows import EventRow
from mukiau.stores.sqlite import Connection

ADD_SERVICE = "INSERT INTO service (project_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING"
ADD_ENVIRONMENT = "INSERT INTO environment (project_id, name) VALUES (?, ?) ON CONFLICT DO NOTHING"
_ADD_SEEN = "INSERT INTO seen_record (day, hash) VALUES (?, ?) ON CONFLICT DO NOTHING"
_MARK_DAY = (
    "INSERT INTO seen_day (day, written_ms) VALUES (?, ?) ON CONFLICT DO UPDATE SET written_ms = excluded.written_ms"
)
_SAVE_STREAM = """
INSERT INTO stream_state (project_id, stream_key, state, is_open, updated_ms) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET state = excluded.state, is_open = excluded.is_open, updated_ms = excluded.updated_ms
"""
_FORGET_STREAM = "DELETE FROM stream_state WHERE project_id = ? AND stream_key = ?"
_COUNT = """
INSERT INTO digest_counter (name, reason, count) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
_SET_ASIDE = """
INSERT INTO set_aside (position, kind, project_id, source_id, received_ms, encoding, event_id, body, reason)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
"""


def write_registries(connection: Connection, rows: Sequence[EventRow]) -> None:
    """Note the services and environments the events name."""
    services = {(row.project_id, row.service) for row in rows if row.service}
    environments = {(row.project_id, row.environment) for row in rows if row.environment}
    connection.executemany(ADD_SERVICE, sorted(services))
    connection.executemany(ADD_ENVIRONMENT, sorted(environments))


def write_memory(connection: Connection, batch: Batch) -> None:
    """Remember the records that were seen and the streams as they stand now."""
    # Sorted, so that a day's B-tree is walked once from left to right.
    connection.executemany(_ADD_SEEN, sorted((record.day, record.hash) for record in batch.seen))
    connection.executemany(
        _MARK_DAY,
        [(day, batch.steady_ms or batch.digested_ms) for day in sorted({record.day for record in batch.seen})],
    )
    connection.executemany(
        _SAVE_STREAM,
        [(s.project_id, s.stream_key, s.state, s.is_open, batch.digested_ms) for s in batch.streams if s.state],
    )
    connection.executemany(_FORGET_STREAM, [(s.project_id, s.stream_key) for s in batch.streams if not s.state])


def count_up(connection: Connection, batch: Batch, *, duplicates: int) -> None:
    """Add to the counters what the batch counted."""
    counts = dict(batch.counters)
    if duplicates:
        counts["duplicate", "event_id"] = counts.get(("duplicate", "event_id"), 0) + duplicates
    connection.executemany(_COUNT, [(*key, count) for key, count in sorted(counts.items())])


def write_set_aside(connection: Connection, batch: Batch) -> None:
    """Keep what could not be digested, and let go what was digested at another try."""
    connection.executemany(
        _SET_ASIDE,
        [
            (s.position, s.kind, s.project_id, s.source_id, s.received_ms, s.encoding, s.event_id, s.body, s.reason)
            for s in batch.set_aside
        ],
    )
    connection.executemany("DELETE FROM set_aside WHERE id = ?", [(row_id,) for row_id in batch.replayed])
