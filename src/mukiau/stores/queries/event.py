"""One event with its payload, its neighbours within the issue, and the list of an issue's events."""

from dataclasses import dataclass
from typing import Any, Literal

from mukiau.stores.payloads import unpack
from mukiau.stores.queries.event_order import Place, read_in_order
from mukiau.stores.queries.rows import find_row, read_rows

PAGE_EVENTS = 50
MAX_COUNTED = 10_000
"""An event's number within its issue is counted up to here; beyond, the page leaves it out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDetail:
    """One event as it is stored."""

    pk: int
    event_id: str
    issue_id: int
    fingerprint_id: int
    source_label: str
    environment: str
    service: str
    release: str
    level: str
    occurred_ms: int
    sent_ms: int | None
    received_ms: int
    digested_ms: int
    title: str
    message: str
    revision: int
    document: dict[str, Any]
    """{"payload": …, "origin": …, "problems": […]}, or {"deleted": …} where retention took it."""

    @property
    def deletion(self) -> "Deletion | None":
        """When and why the payload was deleted; None where it is there."""
        note = self.document.get("deleted")
        return Deletion(at_ms=note["at_ms"], by=note["by"]) if note else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """What retention did to an event."""

    at_ms: int
    by: str
    """`age` or `budget`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Where an event stands among the events of its issue, by time."""

    previous: int | None
    next: int | None
    number: int | None
    """From 1, the earliest first; None beyond 10,000, and where events before it were deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """One line of the list of events."""

    pk: int
    event_id: str
    occurred_ms: int
    environment: str
    release: str
    level: str
    message: str


LISTED = """
id, event_id, occurred_ms, environment, "release", level, substr(COALESCE(NULLIF(message, ''), title), 1, 300)
"""
"""The columns of an EventRow."""
_PLACE = "SELECT f.issue_id, e.id FROM event e JOIN fingerprint f ON f.id = e.fingerprint_id"
_DETAIL = """
SELECT e.id, e.event_id, f.issue_id, e.fingerprint_id, COALESCE(s.label, ''), e.environment, e.service, e.release,
       e.level, e.occurred_ms, e.sent_ms, e.received_ms, e.digested_ms, e.title, e.message, e.revision,
       e.payload, e.payload_codec
FROM event e JOIN fingerprint f ON f.id = e.fingerprint_id LEFT JOIN source s ON s.id = e.source_id
WHERE e.id = %s AND f.issue_id = %s
"""


def find_event(issue_id: int, event_pk: int) -> EventDetail | None:
    """Return an event of an issue, its payload unpacked."""
    row = find_row(_DETAIL, (event_pk, issue_id))
    if row is None:
        return None
    *columns, payload, payload_codec = row
    names = EventDetail.__slots__[:-1]
    return EventDetail(
        **dict(zip(names, columns, strict=True)),
        document=unpack(bytes(payload), payload_codec, find_dictionary),
    )


def find_dictionary(dictionary_id: int) -> bytes:
    """Return a payload dictionary's body; raises LookupError when the file has lost it."""
    row = find_row("SELECT body FROM payload_dictionary WHERE id = %s", (dictionary_id,))
    if row is None:
        raise LookupError(f"The state file has no payload dictionary {dictionary_id}.")
    return bytes(row[0])


def find_latest_event(issue_id: int) -> int | None:
    """Return the `pk` of the issue's latest event."""
    rows = read_in_order(issue_id, "id, occurred_ms", limit=1)
    return rows[0][0] if rows else None


def find_issue_of(project_id: int, event_id: str) -> tuple[int, int] | None:
    """Return (issue id, event pk) of an event by its wire id; None while it has not arrived."""
    row = find_row(f"{_PLACE} WHERE e.project_id = %s AND e.event_id = %s", (project_id, event_id))
    return None if row is None else (row[0], row[1])


def find_issue_of_event(event_pk: int) -> int | None:
    """Return the issue an event belongs to."""
    row = find_row(f"{_PLACE} WHERE e.id = %s", (event_pk,))
    return None if row is None else row[0]


def find_place_of_event(event_id: str) -> tuple[int, int] | None:
    """Return (issue id, event pk) of the event with a wire id, in whichever project; the newest if two have it."""
    if not event_id:
        return None
    row = find_row(
        f"{_PLACE} WHERE e.project_id IN (SELECT id FROM project) AND e.event_id = %s ORDER BY e.id DESC LIMIT 1",  # noqa: S608
        (event_id,),
    )
    return None if row is None else (row[0], row[1])


def read_neighbours(event: EventDetail) -> Neighbours:
    """Return the events before and after one, by (occurred_ms, id)."""
    place = (event.occurred_ms, event.pk)
    at = (*place, event.issue_id)
    previous, following, earlier, later, total, has_gaps = read_rows(
        f"""
        SELECT ({_nearest("<", "DESC")}), ({_nearest(">", "ASC")}), ({_count("<")}), ({_count(">")}),
               (SELECT event_count FROM issue WHERE id = %s),
               EXISTS (SELECT 1 FROM digest_counter WHERE name = 'deleted' AND reason = 'event_by_age')
        """,  # noqa: S608
        (*at, *at, *at, *at, event.issue_id),
    )[0]
    is_known = earlier < MAX_COUNTED and (not has_gaps or earlier + 1 + later == total)
    return Neighbours(previous=previous, next=following, number=earlier + 1 if is_known else None)


def _nearest(sign: Literal["<", ">"], direction: Literal["ASC", "DESC"]) -> str:
    """Of the nearest event of each fingerprint the nearest."""
    order = f"ORDER BY occurred_ms {direction}, id {direction} LIMIT 1"
    of_one = f"SELECT id FROM event WHERE fingerprint_id = f.id AND (occurred_ms, id) {sign} (%s, %s) {order}"  # noqa: S608
    return f"""SELECT e.id FROM fingerprint f CROSS JOIN event e ON e.id = ({of_one}) WHERE f.issue_id = %s
               ORDER BY e.occurred_ms {direction}, e.id {direction} LIMIT 1"""  # noqa: S608


def _count(sign: Literal["<", ">"]) -> str:
    return f"""SELECT COUNT(*) FROM (
                 SELECT 1 FROM fingerprint f CROSS JOIN event e
                   ON e.fingerprint_id = f.id AND (e.occurred_ms, e.id) {sign} (%s, %s)
                 WHERE f.issue_id = %s LIMIT {MAX_COUNTED})"""  # noqa: S608


def read_event_rows(issue_id: int, *, before: Place | None = None) -> tuple[EventRow, ...]:
    """Return up to 51 events, latest first; `before` is (occurred_ms, pk) of the last one shown."""
    rows = read_in_order(issue_id, LISTED, limit=PAGE_EVENTS + 1, before=before)
    return tuple(EventRow(**dict(zip(EventRow.__slots__, row, strict=True))) for row in rows)
