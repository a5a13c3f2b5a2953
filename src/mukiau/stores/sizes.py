"""How much room a data folder takes, and how much there is.

A SQLite file does not shrink when rows are deleted: their pages are free for new rows inside the file. So *used* bytes
are told apart from the file's, and budgets count used ones.
"""

import os
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from mukiau.config import Settings
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.spool_reader import SPOOL_FILE
from mukiau.stores.sqlite import Connection, connect

WARN_FROM = 0.8
"""Of a budget."""
LOW_DISK = 0.05
"""Of the disk, free."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSize:
    """A database."""

    used_bytes: int = 0
    file_bytes: int = 0
    """With its log; what is more than used is free for new rows."""

    @property
    def reusable_bytes(self) -> int:
        return max(0, self.file_bytes - self.used_bytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """What a data folder takes, of what it may."""

    state: FileSize
    max_state_bytes: int
    """0: no budget."""
    spool: FileSize
    max_spool_bytes: int
    free_bytes: int
    """On the disk, for us."""
    disk_bytes: int
    min_free_bytes: int

    @property
    def state_share(self) -> float | None:
        """Used share of the budget; None without one."""
        return self.state.used_bytes / self.max_state_bytes if self.max_state_bytes else None

    @property
    def warnings(self) -> tuple[str, ...]:
        """What somebody should see to: `state_full`, `state_nearly_full`, `disk_full`, `disk_nearly_full`."""
        share = self.state_share or 0.0
        found = "state_full" if share > 1 else "state_nearly_full" if share >= WARN_FROM else ""
        is_low = self.free_bytes < max(LOW_DISK * self.disk_bytes, 4 * self.min_free_bytes)
        disk = "disk_full" if self.free_bytes < self.min_free_bytes else "disk_nearly_full" if is_low else ""
        return tuple(name for name in (found, disk) if name)


def read_storage(settings: Settings) -> Storage:
    """Look at a data folder; raises sqlite.Error or OSError where it cannot be read."""
    data = Path(settings.data)
    free_bytes, disk_bytes = read_disk(data)
    return Storage(
        state=_read_size(data / STATE_FILE),
        max_state_bytes=settings.max_state_bytes,
        spool=_read_size(data / SPOOL_FILE),
        max_spool_bytes=settings.max_spool_bytes,
        free_bytes=free_bytes,
        disk_bytes=disk_bytes,
        min_free_bytes=settings.min_free_bytes,
    )


def read_disk(folder: Path) -> tuple[int, int]:
    """Return how many bytes are free for us on a folder's disk, and how many it has. Raises OSError."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize, disk.f_blocks * disk.f_frsize


def used_bytes(connection: Connection) -> int:
    """Return the bytes of pages that hold something; the others are free for what comes next."""
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def _read_size(path: Path) -> FileSize:
    if not path.exists():
        return FileSize()
    log = path.with_name(path.name + "-wal")
    with closing(connect(path, readonly=True)) as connection:
        used = used_bytes(connection)
    return FileSize(used_bytes=used, file_bytes=path.stat().st_size + (log.stat().st_size if log.exists() else 0))
