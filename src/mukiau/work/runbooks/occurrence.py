"""The values that a runbook is filled in with: what is known of one occurrence, by name."""

from collections.abc import Iterator, Mapping

from mukiau.core.event import Event, JSONValue
from mukiau.core.grouping.chain import root_cause
from mukiau.core.grouping.message import values_in

MAX_NAMES = 500
RESERVED = (
    "service",
    "environment",
    "customer",
    "release",
    "occurred_at",
    "event_id",
    "level",
    "logger",
    "message",
    "type",
    "root_type",
    "root_message",
    "transaction",
    "trace_id",
)
"""Names that mean the same in every runbook; what an error calls by one of them does not count."""


def values_of(event: Event, known: Mapping[str, str]) -> dict[str, str]:
    """Return the values of an occurrence; `known` are those that the event itself does not say (its customer).

    Of a name that comes again, the first counts: what is known, tags, values that the messages name (`order=ORD-1`, the
    log message's before those of the exceptions), fields beside the message, user and request.
    """
    found = {name: value for name, value in (*_own(event), *known.items()) if value}
    reserved = frozenset(RESERVED)
    for name, value in _told(event):
        if name not in reserved and value and len(found) < MAX_NAMES:
            found.setdefault(name, value)
    return found


def _own(event: Event) -> Iterator[tuple[str, str]]:
    raised, root = next(iter(event.exceptions), None), root_cause(event.exceptions)
    yield "service", event.service
    yield "environment", event.environment
    yield "release", event.release
    yield "event_id", event.event_id
    yield "level", event.level.value
    yield "logger", event.logger
    yield "message", event.message
    yield "type", raised.type if raised else ""
    yield "root_type", root.type if root else ""
    yield "root_message", root.message if root else ""
    yield "transaction", event.transaction
    yield "trace_id", event.trace_id


def _told(event: Event) -> Iterator[tuple[str, str]]:
    yield from event.tags
    for message in (event.message, *(link.message for link in event.exceptions)):
        yield from values_in(message).items()
    for field, prefix in (("extra", ""), ("user", "user."), ("request", "request.")):
        values = event.payload.get(field)
        for name, value in values.items() if isinstance(values, dict) else ():
            if (text := _text(value)) is not None:
                yield f"{prefix}{name}", text


def _text(value: JSONValue) -> str | None:
    """Return a plain value as text; what has parts is no value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int | float) else None
