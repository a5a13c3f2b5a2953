"""Stored events as grouping sees them: what an explanation and what would tell events apart are made from."""

from mukiau.core.event import Event
from mukiau.stores.payloads import DELETED, unpack
from mukiau.stores.queries.event import find_dictionary
from mukiau.stores.queries.event_order import read_in_order
from mukiau.stores.queries.rows import find_row
from mukiau.stores.stored_events import event_of

RECENT_EVENTS = 50
"""Of an issue; unpacking them and looking for what differs takes about 20 ms."""


def read_recent_events(issue_id: int, *, limit: int = RECENT_EVENTS) -> tuple[Event, ...]:
    """Return an issue's latest events, the latest first; those whose payload was deleted are left out."""
    rows = read_in_order(issue_id, "id, occurred_ms, service, payload, payload_codec", limit=limit)
    found = (_event(*columns) for _, _, *columns in rows)
    return tuple(event for event in found if event is not None)


def find_grouped_event(event_pk: int) -> Event | None:
    """Return one event; None where there is none, or its payload was deleted."""
    row = find_row("SELECT service, payload, payload_codec FROM event WHERE id = %s", (event_pk,))
    return None if row is None else _event(*row)


def find_project_of_event(event_pk: int) -> int | None:
    """Return the project an event belongs to."""
    row = find_row("SELECT project_id FROM event WHERE id = %s", (event_pk,))
    return None if row is None else row[0]


def _event(service: str, payload: bytes, payload_codec: int) -> Event | None:
    if payload_codec == DELETED:
        return None
    return event_of(unpack(bytes(payload), payload_codec, find_dictionary), service=service)
