"""The only reader of the clock."""

import time
from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present moment, aware, UTC."""
    return datetime.now(UTC)


def unix_ms() -> int:
    """Return milliseconds since 1970-01-01 UTC."""
    return time.time_ns() // 1_000_000


def monotonic_ms() -> int:
    """Return milliseconds that only ever grow, from no certain beginning; nobody sets this clock."""
    return time.monotonic_ns() // 1_000_000
