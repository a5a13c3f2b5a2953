"""What a batch adds to places (a service in an environment): events by hour, the latest release, and that something came.

Of an event that is replaced the count goes with it; first and last times stay, for its new text says the same time.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from mukiau.digest.batch import Arrived
from mukiau.stores.event_rows import EventRow
from mukiau.stores.sqlite import Connection

PlaceKey = tuple[int, str, str]
"""(project, service, environment)."""
HourKey = tuple[int, int, str, str]
"""(project, hour, service, environment)."""

_ADD_HOUR = """
INSERT INTO place_hour (project_id, hour, service, environment, count) VALUES (?, ?, ?, ?, ?)
ON CONFLICT DO UPDATE SET count = count + excluded.count
"""
_DROP_EMPTY = """
DELETE FROM place_hour WHERE (project_id, hour, service, environment) = (?, ?, ?, ?) AND count <= 0
"""
_SEE = """
INSERT INTO place (
  project_id, service, environment, first_seen_ms, last_seen_ms, "release", release_ms,
  first_arrived_ms, arrived_ms, arrived_hours, has_records
) VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0)
ON CONFLICT DO UPDATE SET
  first_seen_ms = iif(first_seen_ms = 0, excluded.first_seen_ms, min(first_seen_ms, excluded.first_seen_ms)),
  last_seen_ms = max(last_seen_ms, excluded.last_seen_ms),
  "release" = iif(excluded."release" <> '' AND excluded.release_ms >= release_ms, excluded."release", "release"),
  release_ms = iif(excluded."release" <> '', max(release_ms, excluded.release_ms), release_ms)
"""
# An hour counts once, whatever arrives in it; a clock that is set back makes no hour count again.
_ARRIVE = """
INSERT INTO place (
  project_id, service, environment, first_seen_ms, last_seen_ms, "release", release_ms,
  first_arrived_ms, arrived_ms, arrived_hours, has_records
) VALUES (?1, ?2, ?3, 0, 0, '', 0, ?4, ?4, 1, ?5)
ON CONFLICT DO UPDATE SET
  arrived_hours = arrived_hours + (excluded.arrived_ms / 3600000 > arrived_ms / 3600000),
  first_arrived_ms = iif(first_arrived_ms = 0, excluded.first_arrived_ms, first_arrived_ms),
  arrived_ms = max(arrived_ms, excluded.arrived_ms),
  has_records = max(has_records, excluded.has_records)
"""


def count_places(connection: Connection, rows: Sequence[EventRow], taken_back: Iterable[HourKey]) -> None:
    """Count the events of a batch that were stored, and uncount those they took the place of."""
    hours = Counter((row.project_id, row.hour, row.service, row.environment) for row in rows)
    gone = list(taken_back)
    hours.subtract(gone)
    connection.executemany(_ADD_HOUR, [(*key, count) for key, count in sorted(hours.items()) if count])
    connection.executemany(_DROP_EMPTY, sorted(set(gone)))
    connection.executemany(_SEE, [_seen(key, found) for key, found in sorted(_by_place(rows).items())])


def write_arrivals(connection: Connection, arrived: Sequence[Arrived], rows: Sequence[EventRow]) -> None:
    """Note from which places something arrived: records of any level, and events."""
    latest: dict[PlaceKey, tuple[int, bool]] = {}
    for one in arrived:
        _note(latest, (one.project_id, one.service, one.environment), one.received_ms, is_record=True)
    for row in rows:
        _note(latest, (row.project_id, row.service, row.environment), row.received_ms, is_record=False)
    connection.executemany(_ARRIVE, [(*key, *value) for key, value in sorted(latest.items())])


def _note(latest: dict[PlaceKey, tuple[int, bool]], key: PlaceKey, received_ms: int, *, is_record: bool) -> None:
    known_ms, has_records = latest.get(key, (0, False))
    latest[key] = (max(known_ms, received_ms), has_records or is_record)


def _by_place(rows: Sequence[EventRow]) -> dict[PlaceKey, list[EventRow]]:
    found: dict[PlaceKey, list[EventRow]] = {}
    for row in rows:
        found.setdefault((row.project_id, row.service, row.environment), []).append(row)
    return found


def _seen(key: PlaceKey, rows: Sequence[EventRow]) -> tuple[object, ...]:
    times = [row.occurred_ms for row in rows]
    release_ms, release = max(((row.occurred_ms, row.release) for row in rows if row.release), default=(0, ""))
    return (*key, min(times), max(times), release, release_ms)
