"""Silence: nothing arrives from a service in an environment any more, although something used to.

Where log lines arrive (not errors alone), they come about as regularly as the service works, so three times the mean gap
between hours with lines is silence. Where only errors arrive, their absence is mostly good news: ten times the mean gap,
and a day at least. What has hardly been seen yet has no rhythm to miss. Rates by hour of the day, which tell a quiet night
from a dead process, may replace the mean later: `mean_gap_ms` is the only place that knows of it.
"""

from dataclasses import dataclass

HOUR_MS = 3_600_000
MIN_HOURS = 6
"""Different hours in which something arrived; with fewer a mean says nothing."""
_PATIENCE = {True: (3, 2 * HOUR_MS), False: (10, 24 * HOUR_MS)}
"""Log lines arrive → times the mean gap, and at least so long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """When something arrived from a place, by our clock."""

    first_ms: int
    last_ms: int
    hours: int
    """Different hours in which something did."""
    has_records: bool
    """Log lines that are no errors arrive as well."""


def mean_gap_ms(arrivals: Arrivals) -> int:
    """Return the mean time between hours in which something arrived."""
    return (arrivals.last_ms - arrivals.first_ms + HOUR_MS) // max(1, arrivals.hours)


def patience_ms(arrivals: Arrivals) -> int | None:
    """Return how long nothing may arrive before that is silence; None: it cannot be said yet."""
    if arrivals.hours < MIN_HOURS:
        return None
    times, least_ms = _PATIENCE[arrivals.has_records]
    return max(least_ms, times * mean_gap_ms(arrivals))


def is_silent(arrivals: Arrivals, now_ms: int) -> bool:
    """Say whether nothing has arrived for longer than usual."""
    patience = patience_ms(arrivals)
    return patience is not None and now_ms - arrivals.last_ms > patience
