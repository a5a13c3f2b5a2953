"""How much each key may send: a fixed window per key, in memory.

A window begins with a key's first event and lasts `window_seconds`. The count starts anew with the process: a quota
guards the server, it is not a bill.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from mukiau.intake.ports import Key


@dataclass(slots=True)
class _Window:
    ends_at: float
    used: int


class Quotas:
    """Counts what keys send; `clock` gives seconds that never go back."""

    def __init__(self, *, events: int, window_seconds: int, clock: Callable[[], float], is_off: bool = False) -> None:
        self._events = events
        self._window_seconds = window_seconds
        self._clock = clock
        self._is_off = is_off
        self._windows: dict[int, _Window] = {}

    def is_over(self, key: Key) -> bool:
        """Say whether a request with this key would have to wait; nothing is counted."""
        limit, window = self._limit(key), self._windows.get(key.source_id)
        return bool(limit) and window is not None and window.used >= limit and window.ends_at > self._clock()

    def spend(self, key: Key) -> int:
        """Count one request with this key. Return 0 when it may pass, else the seconds until it may again."""
        limit = self._limit(key)
        if not limit:
            return 0
        now = self._clock()
        window = self._windows.get(key.source_id)
        if window is None or window.ends_at <= now:
            window = self._windows[key.source_id] = _Window(now + self._window_seconds, 0)
        if window.used >= limit:
            return max(1, math.ceil(window.ends_at - now))
        window.used += 1
        return 0

    def _limit(self, key: Key) -> int:
        """Return how many may come in a window; 0: any number."""
        limit = self._events if key.quota_events is None else key.quota_events
        return 0 if self._is_off else max(0, limit)
