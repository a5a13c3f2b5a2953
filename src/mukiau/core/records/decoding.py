"""A text decoded as JSON, or nothing: what is no JSON is a line of some other kind, and no fault."""

from collections.abc import Callable

from mukiau.core.event import JSONValue

Loads = Callable[[str], JSONValue]
"""A JSON decoder: the standard library's or a faster one, raising ValueError on bad input."""


def find_value(text: str, loads: Loads) -> JSONValue:
    """Find the value a text is in JSON; None where it is none, and for `null`."""
    try:
        return loads(text)
    except (ValueError, RecursionError):
        return None
