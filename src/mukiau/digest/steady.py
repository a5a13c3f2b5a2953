"""A clock for what is deleted after so many days: it follows the machine's clock, but never jumps with it.

A machine's clock may be wrong for an hour: set by hand, waking without a battery, a virtual machine moved. One that says
next year for a minute would have everything deleted that is to be kept for thirty days. So ages are measured by a clock
that goes towards the machine's at no more than a day in an hour, forth and back, as told by the monotonic clock, which
nobody sets. A clock that is wrong for an hour makes ages wrong by a day at most; after a week without a server it takes
seven hours until what became too old meanwhile is found too old.
"""

from collections.abc import Callable

MAX_RATE = 24


class SteadyClock:
    """Gives unix milliseconds that do not jump; begins where it was left."""

    def __init__(self, *, at_ms: int, wall: Callable[[], int], monotonic: Callable[[], int]) -> None:
        """`at_ms` is what it said last; 0 lets it begin at the machine's clock."""
        self._wall = wall
        self._monotonic = monotonic
        self._looked_ms = monotonic()
        self._at_ms = at_ms or wall()

    def __call__(self) -> int:
        looked_ms = self._monotonic()
        self._at_ms = follow(self._at_ms, self._wall(), passed_ms=looked_ms - self._looked_ms)
        self._looked_ms = looked_ms
        return self._at_ms


def follow(at_ms: int, wall_ms: int, *, passed_ms: int) -> int:
    """Return where a clock stands that stood at `at_ms` so long ago and goes towards `wall_ms`.

    >>> follow(1_000, 3_000, passed_ms=2_000)
    3000
    >>> follow(0, 10**12, passed_ms=1_000), follow(10**12, 0, passed_ms=1_000)
    (24000, 999999976000)
    """
    reach = MAX_RATE * passed_ms
    return at_ms + max(-reach, min(wall_ms - at_ms, reach))
