"""One log record of OpenTelemetry, whichever encoding it came in."""

from dataclasses import dataclass, field

from mukiau.core.event import JSONObject, JSONValue

MAX_ATTRIBUTES = 200
"""Of one log record, resource or object; further ones are left out. SDKs send 128 at most."""
MAX_DEPTH = 8
"""Levels of a value; deeper ones are left out."""


class Malformed(ValueError):  # noqa: N818 - what was found
    """A body, or a part of it, that is not what it says it is."""


@dataclass(slots=True, kw_only=True)
class Logged:
    """A log record with what is said of all records around it; the names are those of the protocol."""

    resource: JSONObject = field(default_factory=dict)
    scope: str = ""
    time_ns: int = 0
    """Unix nanoseconds, when it happened; 0: unknown."""
    observed_ns: int = 0
    """When somebody first saw it."""
    severity_number: int = 0
    severity_text: str = ""
    body: JSONValue = None
    attributes: JSONObject = field(default_factory=dict)
    trace_id: str = ""
    """32 hex digits, empty for none."""
