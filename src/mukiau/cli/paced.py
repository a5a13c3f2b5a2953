"""Batches of a source that may fall silent: what has come is handed on in time, without waiting for a full batch."""

import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

PAUSE_SECONDS = 1.0
"""What has come is handed on after so long."""
_BATCHES_AHEAD = 4

Thing = TypeVar("Thing")


def paced_batches(things: Iterator[Thing], size: int, *, pause_seconds: float = PAUSE_SECONDS) -> Iterator[list[Thing]]:
    """Yield things in batches of at most `size`; raises what their source raises, behind all that came before it.

    The source is read in a thread of its own, a few batches ahead.
    """
    ahead = _Ahead[Thing](size)
    threading.Thread(target=ahead.fill, args=(things,), daemon=True).start()
    try:
        while (batch := ahead.take(pause_seconds)) is not None:
            if batch:
                yield batch
    finally:
        ahead.stop()


class _Ahead(Generic[Thing]):
    """The things read ahead, and whether more will come."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._things: list[Thing] = []
        self._error: Exception | None = None
        self._is_over = False
        self._changed = threading.Condition()

    def fill(self, things: Iterator[Thing]) -> None:
        """Read the source to its end, or until nobody takes any more."""
        error: Exception | None = None
        try:
            for thing in things:
                if not self._put(thing):
                    return
        except Exception as caught:  # noqa: BLE001 - raised again where the things are taken
            error = caught
        with self._changed:
            self._error, self._is_over = error, True
            self._changed.notify_all()

    def _put(self, thing: Thing) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or len(self._things) < _BATCHES_AHEAD * self._size)
            self._things.append(thing)
            if len(self._things) == self._size:
                self._changed.notify_all()
            return not self._is_over

    def take(self, pause_seconds: float) -> list[Thing] | None:
        """Wait for a full batch, but not longer than the pause; None behind the last."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_over or len(self._things) >= self._size, timeout=pause_seconds)
            batch, self._things = self._things[: self._size], self._things[self._size :]
            self._changed.notify_all()
            if batch or not self._is_over:
                return batch
            if self._error is not None:
                raise self._error
            return None

    def stop(self) -> None:
        """Let the source's thread end at its next thing."""
        with self._changed:
            self._is_over = True
            self._changed.notify_all()
