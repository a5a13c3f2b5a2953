"""Reads the active keys of the state file, for intake; needs no Django."""

from collections.abc import Sequence
from pathlib import Path

from mukiau.intake.ports import Key, KeySourceError
from mukiau.stores import sqlite

_SELECT = "SELECT public_key, project_id, id, quota_events FROM source WHERE is_active"


class StoredKeys:
    """Active keys of a state file that other processes write. Call it from one thread only."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite.Connection | None = None
        self._opened = 0

    def load_keys(self) -> Sequence[Key]:
        """Return all active keys."""
        return self._read(f"{_SELECT} ORDER BY id", ())

    def find_key(self, public_key: str) -> Key | None:
        """Return one active key, or None."""
        return next(iter(self._read(f"{_SELECT} AND public_key = ?", (public_key,))), None)

    def version(self) -> int:
        """Return a number that changes when another process has written the file."""
        try:
            version = int(self._open().execute("PRAGMA data_version").fetchone()[0])
        except sqlite.Error as error:
            raise self._failed(error) from error
        return self._opened << 32 | version  # a new connection counts from its own beginning

    def _read(self, query: str, parameters: tuple[str, ...]) -> list[Key]:
        try:
            rows = self._open().execute(query, parameters).fetchall()
        except sqlite.Error as error:
            raise self._failed(error) from error
        return [
            Key(public_key=public_key, project_id=project_id, source_id=source_id, quota_events=quota)
            for public_key, project_id, source_id, quota in rows
        ]

    def _open(self) -> sqlite.Connection:
        if self._connection is None:
            self._connection = sqlite.connect(self._path, readonly=True)
            self._opened += 1
        return self._connection

    def _failed(self, error: sqlite.Error) -> KeySourceError:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        return KeySourceError(f"The keys could not be read from the state file: {error}")
