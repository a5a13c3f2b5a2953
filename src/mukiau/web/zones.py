"""Time zones to choose from."""

import zoneinfo
from functools import cache

ALL_ZONES = frozenset(zoneinfo.available_timezones())
"""Every name the machine knows, also the old ones that a browser may say."""
_AREAS = ("Africa/", "America/", "Antarctica/", "Arctic/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Indian/")


@cache
def offered_zones() -> tuple[str, ...]:
    """Return UTC and the places of the world by name: what a form offers.

    >>> offered_zones()[0], "Asia/Tokyo" in offered_zones(), "Japan" in offered_zones()
    ('UTC', True, False)
    """
    return ("UTC", *sorted(name for name in ALL_ZONES if name.startswith((*_AREAS, "Pacific/"))))
