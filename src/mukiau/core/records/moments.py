"""A moment as log lines write it, read as unix milliseconds: ISO text, months by name, unix numbers of any unit, objects."""

import re
from datetime import UTC, datetime

from mukiau.core.event import JSONValue

_ISO = re.compile(
    r"(\d{4})[-/.](\d{2})[-/.](\d{2})[T _](\d{1,2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?(?: ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
)
_NAMED = re.compile(
    r"(\d{1,2})[-/ ](Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[-/ ](\d{4})[ :](\d{2}:\d{2}:\d{2})(?:[.,](\d{1,9}))?"
    r"(?: ?(Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"
)
_MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec"
_MAX_CHARS = 64
_PARTS = (("epochSecond", "nanoOfSecond"), ("seconds", "nanos"))
"""log4j2's `instant` and Google's `timestamp`."""


def read_moment(value: JSONValue) -> int | None:
    """Read what a JSON log line has under a key of time; None when it is no time.

    >>> read_moment("2026-10-05T12:00:00Z"), read_moment("1791201600123"), read_moment({"seconds": 1791201600})
    (1791201600000, 1791201600123, 1791201600000)
    """
    if isinstance(value, str):
        text = value.strip()
        if len(text) < 30 and text.isascii() and text.replace(".", "", 1).isdigit():
            return _unix_ms(float(text) if "." in text else int(text))
        return read_time(text[:_MAX_CHARS])
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return _unix_ms(value)
    return _of_object(value) if isinstance(value, dict) else None


def _of_object(value: dict[str, JSONValue]) -> int | None:
    for seconds, nanos in _PARTS:
        whole, part = value.get(seconds), value.get(nanos) or 0
        if isinstance(whole, int) and isinstance(part, int) and (moment := _unix_ms(whole)) is not None:
            return moment + part // 1_000_000
    # loguru's `time`, and what PHP makes of a date.
    inner = value.get("timestamp") or value.get("date")
    return read_moment(inner) if isinstance(inner, (str, int, float)) else None


def _unix_ms(number: float) -> int | None:
    """Seconds, milli-, micro- or nanoseconds, told apart by size (years 2001 to 2286)."""
    if not 0 < number < 1e20:  # no float holds every integer
        return None
    for unit in (1e-3, 1, 1e3, 1e6):
        if 1e12 <= number / unit < 1e13:
            return int(round(number / unit, 3))
    return None


def read_time(text: str) -> int | None:
    """Find the first full date and time near the start, as unix milliseconds; without a zone it is taken for UTC."""
    if found := _ISO.search(text):
        year, month, day, clock, fraction, zone = found.groups()
    elif found := _NAMED.search(text):
        day, name, year, clock, fraction, zone = found.groups()
        month, day = f"{_MONTHS.index(name) // 3 + 1:02}", day.zfill(2)
    else:
        return None
    zone = "+00:00" if zone in (None, "Z", "UTC", "GMT") else zone
    try:
        moment = datetime.fromisoformat(f"{year}-{month}-{day}T{clock.zfill(8)}{zone}")
    except ValueError:
        return None
    return int(moment.astimezone(UTC).timestamp()) * 1000 + int((fraction or "0").ljust(3, "0")[:3])
