"""What a batch adds to places (a service in an environment): events by hour, the latest release, and that something came.

Of an event that is replaced the count goes with it; the last time stays, for its new text says the same time.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from operator import itemgetter

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
# An hour counts once, whatever arrives in it; a clock that is set back makes no hour count again.
_NOTE = """
INSERT INTO place (
  project_id, service, environment, last_seen_ms, "release", release_ms, first_arrived_ms, arrived_ms, arrived_hours,
  has_records
) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, 1, ?8)
ON CONFLICT DO UPDATE SET
  last_seen_ms = max(last_seen_ms, excluded.last_seen_ms),
  "release" = iif(excluded."release" <> '' AND excluded.release_ms >= release_ms, excluded."release", "release"),
  release_ms = iif(excluded."release" <> '', max(release_ms, excluded.release_ms), release_ms),
  arrived_hours = arrived_hours + (excluded.arrived_ms / 3600000 > arrived_ms / 3600000),
  first_arrived_ms = iif(first_arrived_ms = 0, excluded.first_arrived_ms, first_arrived_ms),
  arrived_ms = max(arrived_ms, excluded.arrived_ms),
  has_records = max(has_records, excluded.has_records)
"""


@dataclass(slots=True)
class _Noted:
    """What a batch says of a place."""

    last_seen_ms: int = 0
    release: str = ""
    release_ms: int = 0
    arrived_ms: int = 0
    has_records: bool = False

    def see(self, row: EventRow) -> None:
        """Note an event that is stored."""
        self.last_seen_ms = max(self.last_seen_ms, row.occurred_ms)
        if row.release:
            self.release_ms, self.release = max((self.release_ms, self.release), (row.occurred_ms, row.release))

    def arrive(self, received_ms: int, *, is_record: bool) -> None:
        """Note that something came from there, be it a duplicate."""
        self.arrived_ms = max(self.arrived_ms, received_ms)
        self.has_records = self.has_records or is_record


def count_hours(connection: Connection, rows: Sequence[EventRow], taken_back: Iterable[HourKey]) -> None:
    """Count the events of a batch that were stored, and uncount those they took the place of."""
    hours = Counter((row.project_id, row.hour, row.service, row.environment) for row in rows)
    gone = list(taken_back)
    hours.subtract(gone)
    connection.executemany(_ADD_HOUR, [(*key, count) for key, count in sorted(hours.items()) if count])
    connection.executemany(_DROP_EMPTY, sorted(set(gone)))


def write_places(
    connection: Connection, arrived: Sequence[Arrived], rows: Sequence[EventRow], *, kept: Sequence[EventRow]
) -> None:
    """Note from which places something arrived, records of any level and events, and of the events kept what they say."""
    noted: dict[PlaceKey, _Noted] = defaultdict(_Noted)
    for one in arrived:
        noted[one.project_id, one.service, one.environment].arrive(one.received_ms, is_record=True)
    for row in rows:
        noted[row.project_id, row.service, row.environment].arrive(row.received_ms, is_record=False)
    for row in kept:
        noted[row.project_id, row.service, row.environment].see(row)
    connection.executemany(_NOTE, [(*key, *astuple(one)) for key, one in sorted(noted.items(), key=itemgetter(0))])
