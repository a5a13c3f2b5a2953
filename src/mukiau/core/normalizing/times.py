"""Timestamps of the wire (text or unix number) into aware UTC moments and back."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_CHARS = 64
_SECOND_CHARS = len("2026-01-02T03:04:05")
_FRACTION = re.compile(r"(?:\.[0-9]{1,9})?Z")
# Unix numbers above these are milliseconds, microseconds, nanoseconds: seconds only get there in the year 5138.
_UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))


def parse_time(value: object) -> datetime | None:
    """Return the moment an ISO 8601 text or a unix number means, None when it means none; naive is UTC.

    >>> parse_time("2026-01-02T03:04:05Z") == parse_time(1767323045) == parse_time("1767323045000")
    True
    """
    if isinstance(value, str):
        return _parse_text(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _parse_number(value)
    return None


def render_time(moment: datetime) -> str:
    """Return the wire's text of a moment.

    >>> render_time(_EPOCH)
    '1970-01-01T00:00:00Z'
    """
    naive = (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).replace(tzinfo=None)
    return naive.isoformat() + "Z"  # of a naive moment it takes a third of the time


def move_wire_time(text: object, by: timedelta) -> str:
    """Return a time that has the wire's form, moved by whole seconds; "" for any other value, and where it leaves the years
    there are.

    Breadcrumbs come by the hundred, many of them within one second: what is worked out is that second.

    >>> move_wire_time("2026-01-02T03:04:05.5Z", timedelta(seconds=1)), move_wire_time("2026-01-02 03:04:05", timedelta())
    ('2026-01-02T03:04:06.5Z', '')
    """
    if type(text) is not str or not _FRACTION.fullmatch(text, _SECOND_CHARS):
        return ""
    second = _moved_second(text[:_SECOND_CHARS], by)
    return second and second + text[_SECOND_CHARS:]


@lru_cache(maxsize=1024)
def _moved_second(text: str, by: timedelta) -> str:
    try:
        second = datetime.fromisoformat(text)
        return (second + by).isoformat() if second.isoformat() == text else ""
    except (ValueError, OverflowError):
        return ""


def _parse_text(text: str) -> datetime | None:
    if len(text) > _MAX_CHARS:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _parse_digits(text.strip())
    if moment.tzinfo is UTC:
        return moment
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        return None


def _parse_digits(text: str) -> datetime | None:
    whole, _, fraction = text.partition(".")
    if not (whole.isascii() and whole.isdigit() and (not fraction or (fraction.isascii() and fraction.isdigit()))):
        return None
    return _parse_number(float(text))


def _parse_number(number: float) -> datetime | None:
    for above, divisor in _UNITS:
        if number > above:
            number = number / divisor
            break
    try:
        return _EPOCH + timedelta(seconds=number)
    except (OverflowError, ValueError):
        return None
