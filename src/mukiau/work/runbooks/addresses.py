"""Values in the path of an address: each stays within the part between two slashes that its author wrote it into.

A browser takes `..` and `.` out of a path, and `%2e%2e` as well; some servers take out what is left of it behind a
proxy, after decoding once more, with `\\` for a slash and with what follows a `;` left out. So a part of the path that a
value went into may be none of that, however often it is read.
"""

import re
from urllib.parse import unquote

AUTHORITY = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#\\]+", re.IGNORECASE)
"""Scheme and host of an address. Without a host a browser would take one from the path."""
_MAX_READINGS = 3
_SLASHES = re.compile(r"[/\\]")
_TAIL = re.compile(r"[?#]")


def path_parts(address: str) -> list[str]:
    """Return the parts of an address between its slashes, without query and fragment.

    >>> path_parts("https://a.example/x/y?q=/z")
    ['https:', '', 'a.example', 'x', 'y']
    """
    return _TAIL.split(address, maxsplit=1)[0].split("/")


def climbs(part: str) -> bool:
    """Say whether a part of a path, percent-encoded, leads out of its place.

    >>> climbs("a..b"), climbs(".."), climbs("%252e%2e"), climbs("x%2F..%5Cy"), climbs("..%3Bx")
    (False, True, True, True, True)
    """
    readings = [part]
    for _ in range(_MAX_READINGS):
        readings.append(unquote(readings[-1]))
    return any(_has_dots(reading) for reading in readings)


def _has_dots(reading: str) -> bool:
    return any(one.partition(";")[0].strip() in {".", ".."} for one in _SLASHES.split(reading))
