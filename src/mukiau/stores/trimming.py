"""Lets the spool forget what digest has committed, and only that.

Digest commits with `synchronous=NORMAL`: when it dies nothing is lost, but when the machine loses power its last commits
may be. The spool must not have forgotten those. So the state file's log is synced here before the position it holds is
believed; whoever wrote a page, syncing the file brings it to disk.
"""

import asyncio
import logging
import os
from contextlib import closing
from pathlib import Path
from typing import Protocol

from mukiau.stores import sqlite

FOLLOW_SECONDS = 1.0

log = logging.getLogger(__name__)


class Trimmable(Protocol):
    """A spool that forgets."""

    def trim(self, position: int) -> None:
        """Forget items up to and including this position."""
        ...


async def follow_digest(spool: Trimmable, state: Path) -> None:
    """Trim the spool behind digest's committed position, once a second, until cancelled."""
    trimmed = 0
    while True:
        try:
            position = await asyncio.to_thread(read_durable_position, state, trimmed)
        except (sqlite.Error, OSError) as error:
            log.warning("Digest's position cannot be read now: %s", error)
            position = 0
        if position > trimmed:
            spool.trim(position)
            trimmed = position
        await asyncio.sleep(FOLLOW_SECONDS)


def read_durable_position(state: Path, known: int = 0) -> int:
    """Return digest's committed position once it is safe on disk, 0 before the first; `known` needs no new sync.

    Raises sqlite.Error or OSError when there is a state file and it cannot be read.
    """
    if not state.exists():
        return 0
    position = _read_position(state)
    if position > known:
        _sync(state.with_name(state.name + "-wal"))
    return position


def _read_position(state: Path) -> int:
    with closing(sqlite.connect(state, readonly=True)) as connection:
        row = connection.execute("SELECT position FROM digest_state WHERE id = 1").fetchone()
        return int(row[0]) if row else 0


def _sync(path: Path) -> None:
    try:
        file = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return  # no log: a checkpoint has synced everything into the file itself
    try:
        os.fsync(file)
    finally:
        os.close(file)
