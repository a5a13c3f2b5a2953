"""How the data folder is, for the health paths: looks only, keeps nothing open, raises nothing."""

import os
from contextlib import closing
from pathlib import Path

from mukiau.core.limits import MAX_EVENT_BYTES
from mukiau.intake.condition import Condition
from mukiau.stores import sqlite
from mukiau.stores.processes import read_processes
from mukiau.stores.reader import Status, read_status
from mukiau.stores.schema import SCHEMA_VERSION, STATE_FILE
from mukiau.stores.sizes import read_disk, used_bytes
from mukiau.stores.spool import SpoolWriter
from mukiau.stores.state_file import read_schema_version


class StoredVitals:
    """Reads the vitals of a data folder whose spool this process writes."""

    def __init__(self, folder: Path, spool: SpoolWriter, *, max_spool_bytes: int, max_state_bytes: int = 0) -> None:
        self._folder = folder
        self._spool = spool
        self._max_spool_bytes = max_spool_bytes
        self._max_state_bytes = max_state_bytes

    def read_condition(self) -> Condition:
        """Return how the folder is now."""
        schema_obstacle, heartbeat_ms, state_used_bytes = self._read_state()
        return Condition(
            spool_obstacle=self._find_spool_obstacle(),
            schema_obstacle=schema_obstacle,
            heartbeat_ms=heartbeat_ms,
            spool_bytes=self._spool.used_bytes,
            spool_limit_bytes=self._max_spool_bytes,
            state_bytes=sum(_size(self._folder / (STATE_FILE + ending)) for ending in ("", "-wal")),
            state_used_bytes=state_used_bytes,
            state_limit_bytes=self._max_state_bytes,
            disk_free_bytes=_free_bytes(self._folder),
            processes=read_processes(self._folder),
        )

    def read_figures(self) -> Status | None:
        """Return the counts, None when they cannot be read now."""
        try:
            is_usable = read_schema_version(self._folder / STATE_FILE) == SCHEMA_VERSION
            return read_status(self._folder) if is_usable else None
        except (sqlite.Error, OSError):
            return None

    def _find_spool_obstacle(self) -> str:
        """Return why the next event would be refused; a real write is what the answer to an event is for."""
        if not self._spool.is_open:
            return "the spool has failed"
        if self._spool.used_bytes + MAX_EVENT_BYTES > self._max_spool_bytes:
            return "the spool is full"
        if not os.access(self._folder, os.W_OK):  # also a file system that became read-only
            return "the data folder cannot be written"
        if _free_bytes(self._folder) is None:
            return "the data folder cannot be read"
        return "the disk is full" if self._spool.is_disk_low else ""

    def _read_state(self) -> tuple[str, int, int]:
        """Return what is wrong with the schema (empty for nothing), digest's heartbeat, and how many bytes are used."""
        state = self._folder / STATE_FILE
        try:
            found = read_schema_version(state)
            if found != SCHEMA_VERSION:
                return f"the state file has schema {found}, this version needs {SCHEMA_VERSION}", 0, 0
            with closing(sqlite.connect(state, readonly=True)) as connection:
                row = connection.execute("SELECT heartbeat_ms FROM digest_state WHERE id = 1").fetchone()
                used = used_bytes(connection)
        except (sqlite.Error, OSError) as error:
            return f"the state file cannot be read ({type(error).__name__})", 0, 0
        return "", int(row[0]) if row else 0, used


def _free_bytes(folder: Path) -> int | None:
    try:
        return read_disk(folder)[0]
    except OSError:
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
