"""The spool's other end: what digest, `status` and pages read of the file that intake writes."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from mukiau.stores import sqlite

SPOOL_FILE = "spool.sqlite3"

_READ = """
SELECT position, kind, project_id, source_id, received_ms, encoding, event_id, body
FROM item WHERE position > ? ORDER BY position LIMIT ?
"""
_OLDEST = "SELECT received_ms FROM item WHERE position > ? ORDER BY position LIMIT 1"


@dataclass(frozen=True, slots=True)
class SpooledItem:
    """One item as digest reads it; `position` orders items by acceptance."""

    position: int
    kind: str
    project_id: int
    source_id: int
    received_ms: int
    encoding: str
    event_id: str
    body: bytes


class SpoolReader:
    """Reads a spool file that another process writes; a file that is not there reads as empty, and one that comes in its
    place is noticed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite.Connection | None = None
        self._file: tuple[int, int] | None = None

    def read(self, after: int, *, max_items: int, max_bytes: int) -> list[SpooledItem]:
        """Return the items after a position, oldest first: at most `max_items`, and no more than the first one that
        passes `max_bytes` of bodies in all (so an item larger than that still comes, alone)."""
        connection = self._find_connection()
        if connection is None:
            return []
        items: list[SpooledItem] = []
        size = 0
        with closing(connection.execute(_READ, (after, max_items))) as rows:
            for row in rows:
                items.append(SpooledItem(*row))
                size += len(row[-1])
                if size >= max_bytes:
                    break
        return items

    def last_position(self) -> int:
        """Return the highest position ever given, 0 before the first."""
        connection = self._find_connection()
        return 0 if connection is None else read_last_position(connection)

    def pending(self, after: int) -> int:
        """Return how many items lie after a position. Positions are contiguous, so no row is read."""
        return max(0, self.last_position() - after)

    def oldest_received_ms(self, after: int) -> int:
        """Return when the first item after a position was accepted, 0 when there is none."""
        connection = self._find_connection()
        row = connection.execute(_OLDEST, (after,)).fetchone() if connection else None
        return int(row[0]) if row else 0

    def counters(self) -> dict[tuple[str, str], int]:
        """Return the door's counters by (name, reason)."""
        connection = self._find_connection()
        if connection is None:
            return {}
        rows = connection.execute("SELECT name, reason, count FROM counter ORDER BY name, reason")
        return {(name, reason): count for name, reason, count in rows}

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _find_connection(self) -> sqlite.Connection | None:
        file = file_identity(self._path)
        if file != self._file:
            self.close()
        if self._connection is None and file is not None:
            connection = sqlite.connect(self._path, readonly=True)
            if _has_schema(connection):
                self._connection, self._file = connection, file
            else:
                connection.close()
        return self._connection


def file_identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another one of its name, None for no file."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _has_schema(connection: sqlite.Connection) -> bool:
    try:
        found = connection.execute("SELECT count(*) FROM sqlite_schema WHERE name IN ('item', 'counter')").fetchone()
    except sqlite.OperationalError:  # the writer is just making the file
        return False
    return bool(found[0] == 2)


def read_last_position(connection: sqlite.Connection) -> int:
    """Return the highest position ever given, 0 before the first."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'item'").fetchone()
    return int(row[0]) if row else 0
