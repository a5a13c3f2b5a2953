"""Counts of what was asked and how long it took, by door; in memory, from this process's start on."""

from bisect import bisect_left
from collections import Counter, defaultdict

# From a kept event (milliseconds) to a page that took too long (60 s).
BOUNDS_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Meter:
    """Counts requests; written from the event loop only."""

    def __init__(self) -> None:
        self.in_progress = 0
        self.counts: Counter[tuple[str, str]] = Counter()
        """By door and status; `none` where the client left before the answer."""
        self.seconds: defaultdict[str, float] = defaultdict(float)
        """Sum by door."""
        self.buckets: defaultdict[str, list[int]] = defaultdict(lambda: [0] * (len(BOUNDS_SECONDS) + 1))
        """By door: how many took up to each bound and longer than the one before; the last one: longer than all."""

    def note(self, door: str, status: int, seconds: float) -> None:
        """Count a request that was answered; status 0 for none."""
        self.counts[door, str(status) if status else "none"] += 1
        self.seconds[door] += seconds
        self.buckets[door][bisect_left(BOUNDS_SECONDS, seconds)] += 1
