"""The lines before an error as the wire's breadcrumbs."""

from functools import lru_cache

from mukiau.core.event import JSONObject
from mukiau.core.records.formats import find_object
from mukiau.core.records.headers import read_header
from mukiau.core.records.json_fields import read_summary

_MAX_MESSAGE_CHARS = 500


def breadcrumb(line: str) -> JSONObject:
    """Read a line's message, level, logger and time; the lines of one stream come again with every error of it."""
    return dict(_read(line))


@lru_cache(maxsize=4096)
def _read(line: str) -> tuple[tuple[str, str | float], ...]:
    record = find_object(line)
    first, _, below = line.partition("\n")
    fields = read_summary(record) if record else read_header(first)
    message = fields.message or below or line
    crumb: dict[str, str | float] = {
        "type": "log",
        "category": fields.logger or "log",
        "message": message[:_MAX_MESSAGE_CHARS],
    }
    if fields.level:
        crumb["level"] = str(fields.level)
    if fields.occurred_ms is not None:
        crumb["timestamp"] = fields.occurred_ms / 1000
    return tuple(crumb.items())
