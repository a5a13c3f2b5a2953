"""Levels as clients write them.

The protocol has five names and, from older clients, the numbers of Python's logging. Names of other loggers (`warn`,
`CRITICAL`) are understood too: taking them for errors, as the reference receiver does, would raise false alarms.
"""

from mukiau.core.event import JSONValue, Level

WIRE_LEVELS = frozenset(level.value for level in Level)
_LEVELS = {
    "trace": Level.DEBUG, "verbose": Level.DEBUG, "debug": Level.DEBUG, "10": Level.DEBUG,
    "log": Level.INFO, "info": Level.INFO, "information": Level.INFO, "notice": Level.INFO, "20": Level.INFO,
    "warn": Level.WARNING, "warning": Level.WARNING, "30": Level.WARNING,
    "err": Level.ERROR, "error": Level.ERROR, "severe": Level.ERROR, "40": Level.ERROR,
    "fatal": Level.FATAL, "critical": Level.FATAL, "panic": Level.FATAL, "alert": Level.FATAL,
    "emergency": Level.FATAL, "50": Level.FATAL,
}  # fmt: skip


def level_of(value: JSONValue) -> str | None:
    """Return the wire's name of a level, None for what is none.

    >>> level_of("warning"), level_of(50), level_of("CRITICAL"), level_of("loud")
    ('warning', 'fatal', 'fatal', None)
    """
    if type(value) is str and value in WIRE_LEVELS:
        return value
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    level = _LEVELS.get(str(value)[:16].strip().lower())
    return None if level is None else level.value
