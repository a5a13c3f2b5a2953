"""One process per role on a data folder: lock files that the system releases when their holder dies, however it dies."""

import fcntl
import os
import time
from pathlib import Path

RETRY_SECONDS = 0.05


class RoleLock:
    """The right to play a role (`serve`, `intake`, `digest`, `web`, `lab`, `notify`) on a data folder."""

    def __init__(self, folder: Path, role: str) -> None:
        self.role = role
        self._path = folder / f"{role}.lock"
        self._file: int | None = None

    def acquire(self, *, wait_seconds: float = 0.0) -> bool:
        """Take the lock; False when another process still holds it after `wait_seconds`."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        until = time.monotonic() + wait_seconds
        while not _try_lock(file):
            if time.monotonic() >= until:
                os.close(file)
                return False
            time.sleep(RETRY_SECONDS)
        os.ftruncate(file, 0)
        os.pwrite(file, f"{os.getpid()}\n".encode(), 0)
        self._file = file
        return True

    def release(self) -> None:
        """Give the lock back. The file stays: deleting it would let two processes lock two files of one name."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def find_holder(self) -> int | None:
        """Return the process id the last holder wrote, for a message; None when there is none."""
        try:
            return int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return None


def _try_lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
