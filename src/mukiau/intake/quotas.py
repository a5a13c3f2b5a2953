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

    def spend(self, key: Key) -> int:
        """Count one request with this key. Return 0 when it may pass, else the seconds until it may again."""
        limit = self._events if key.quota_events is None else key.quota_events
        if self._is_off or limit <= 0:
            return 0
        now = self._clock()
        window = self._windows.get(key.source_id)
        if window is None or window.ends_at <= now:
            window = self._windows[key.source_id] = _Window(now + self._window_seconds, 0)
        if window.used >= limit:
            return max(1, math.ceil(window.ends_at - now))
        window.used += 1
        return 0
