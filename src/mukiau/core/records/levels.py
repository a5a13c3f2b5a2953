"""Words and numbers that loggers use for severity, read as the event's levels."""

import re

from mukiau.core.event import JSONValue, Level

_WORDS: dict[str, Level] = {
    **dict.fromkeys(
        ("trace", "trc", "verbose", "vrb", "debug", "dbug", "dbg", "fine", "finer", "finest", "silly"), Level.DEBUG
    ),
    **dict.fromkeys(
        ("info", "inf", "information", "notice", "note", "log", "config", "http", "success", "statement"), Level.INFO
    ),
    **dict.fromkeys(("warn", "warning", "wrn"), Level.WARNING),
    **dict.fromkeys(("error", "err", "eror", "fail", "failure", "severe", "exception"), Level.ERROR),
    **dict.fromkeys(
        ("fatal", "ftl", "critical", "crit", "alert", "emerg", "emergency", "panic", "dpanic", "off"), Level.FATAL
    ),
}

_SYSLOG = (Level.FATAL, Level.FATAL, Level.FATAL, Level.ERROR, Level.WARNING, Level.INFO, Level.INFO, Level.DEBUG)
_INSIGHT = (Level.DEBUG, Level.INFO, Level.WARNING, Level.ERROR, Level.FATAL)
_OFFSET = re.compile(r"[+-]\d{1,3}$")
"""Go's slog writes a level between its names as `ERROR+4`."""
_LETTERS = {"T": Level.DEBUG, "V": Level.DEBUG, "D": Level.DEBUG, "I": Level.INFO, "N": Level.INFO, "W": Level.WARNING,
            "E": Level.ERROR, "F": Level.FATAL, "C": Level.FATAL}  # fmt: skip


def level_of_word(word: str) -> Level | None:
    """Read a level's name in any case; None for a word that is none.

    >>> level_of_word("WARN"), level_of_word("Sev")
    (<Level.WARNING: 'warning'>, None)
    """
    return _WORDS.get(word.lower()) or _LETTERS.get(word) or _WORDS.get(_OFFSET.sub("", word).lower())


def level_of_number(number: float) -> Level | None:
    """Read a numeric level of the 10-60 scale that pino and bunyan share; None outside it."""
    if not 10 <= number <= 100:
        return None
    if number >= 60:
        return Level.FATAL
    if number >= 50:
        return Level.ERROR
    if number >= 40:
        return Level.WARNING
    return Level.INFO if number >= 30 else Level.DEBUG


def level_of_severity_number(value: JSONValue) -> Level | None:
    """Read OpenTelemetry's `severityNumber`, 1 (trace) to 24 (fatal4)."""
    if not isinstance(value, (int, float)) or not 1 <= value <= 24:
        return None
    scale = (Level.DEBUG, Level.DEBUG, Level.INFO, Level.WARNING, Level.ERROR, Level.FATAL)
    return scale[(int(value) - 1) // 4]


def level_of_syslog(value: JSONValue) -> Level | None:
    """Read syslog's severity, 0 (emergency) to 7 (debug), as a number or in a string.

    >>> level_of_syslog("3"), level_of_syslog(8)
    (<Level.ERROR: 'error'>, None)
    """
    return _of_scale(value, _SYSLOG)


def level_of_insight(value: JSONValue) -> Level | None:
    """Read Application Insights' `severityLevel`, 0 (verbose) to 4 (critical)."""
    return _of_scale(value, _INSIGHT)


def _of_scale(value: JSONValue, scale: tuple[Level, ...]) -> Level | None:
    text = str(value)
    return scale[int(text)] if len(text) == 1 and text in "0123456789"[: len(scale)] else None


def level_of(value: JSONValue) -> Level | None:
    """Read a level as a JSON log line carries it: a word, a number, a number in a string, or an object naming it."""
    if isinstance(value, str):
        word = value.strip()
        return (
            level_of_number(int(word)) if word.isascii() and word.isdigit() and len(word) < 4 else level_of_word(word)
        )
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return level_of_number(value)
    if isinstance(value, dict):
        return level_of(value.get("name") or value.get("level"))
    return None
