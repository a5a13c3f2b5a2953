"""Waking the lab's process when there may be something to learn: the digester looks every few minutes for a new fingerprint.

It reads one number; nothing is started where that is the one up to which it was looked, or where it is too early. How far it
was looked stands in a small file: losing it costs one look at everything.
"""

import json
import logging
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from mukiau.stores.lab.wanted import want_lab
from mukiau.stores.schema import STATE_FILE
from mukiau.stores.sqlite import Connection, Error, connect

LOOK_EVERY_MS = 180_000
_NAME = "lab.looked"

log = logging.getLogger(__name__)


class Looked(NamedTuple):
    """How far it was looked for what may be learned."""

    fingerprint: int = 0
    """The newest then."""
    wait_until_ms: int = 0
    """Nothing may be learned before; 0: nothing is waited for."""


class WakeLab:
    """Beside the digester's other chores."""

    def __init__(self, data: Path, *, clock: Callable[[], int]) -> None:
        """`clock` gives unix milliseconds."""
        self._data = data
        self._clock = clock
        self._due_ms = 0

    def step(self, steady_ms: int) -> None:
        """Ask for the lab's process where a fingerprint came since it last looked, every LOOK_EVERY_MS."""
        if steady_ms < self._due_ms <= steady_ms + LOOK_EVERY_MS:
            return
        self._due_ms = steady_ms + LOOK_EVERY_MS
        try:
            if self._is_something_new():
                want_lab(self._data)
        except (OSError, Error) as error:  # a lock, a full disk: it is looked again
            log.debug("It cannot be told whether there is something to learn: %s", error)

    def _is_something_new(self) -> bool:
        looked = read_looked(self._data)
        if self._clock() < looked.wait_until_ms:
            return False
        with closing(connect(self._data / STATE_FILE, readonly=True)) as connection:
            return newest_fingerprint(connection) != looked.fingerprint


def newest_fingerprint(connection: Connection) -> int:
    """Return the highest id of a fingerprint, 0 where there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM fingerprint").fetchone()[0])


def read_looked(data: Path) -> Looked:
    """Return how far it was looked; what cannot be read is as if it never was."""
    try:
        fingerprint, wait_until_ms = json.loads((data / _NAME).read_bytes())
        return Looked(int(fingerprint), int(wait_until_ms))
    except (OSError, ValueError, TypeError):
        return Looked()


def write_looked(data: Path, looked: Looked) -> None:
    """Remember how far it was looked."""
    path = data / _NAME
    path.touch(mode=0o600)
    path.write_text(json.dumps(looked))
