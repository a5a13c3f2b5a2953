"""What happens at a customer: issues seen last in its environments, what people are at, and occurrences by an id.

Any id that an occurrence names (an order, a member, a request) is looked for in three ways: handlings are found by their key
whatever their age; occurrences by their text, a stretch of events at a time; and by their tags, which stand packed, among
the latest of a stretch. So an answer says how far it has looked: an index of every word of every event would cost more
disk than the events.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from mukiau import codec
from mukiau.stores.payloads import DELETED, unpack_text
from mukiau.stores.queries.event import find_dictionary
from mukiau.stores.queries.rows import find_row, marks, read_rows
from mukiau.stores.work.handling_rows import COLUMNS, OF_HANDLINGS, FoundHandling, handling_of
from mukiau.stores.work.handlings import IS_OPEN
from mukiau.work.requests import State as RequestState

STRETCH_EVENTS = 10_000
"""Events whose text one request looks at: about 9 µs each."""
MAX_UNPACKED = 300
"""Of those, how many payloads it looks into for tags: about 92 µs each."""
MAX_FOUND = 50
MAX_ISSUES = 10
MAX_OPEN = 20
_OVER = "('draft', 'done', 'declined', 'withdrawn')"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenIssue:
    """An issue as it was seen in an environment."""

    issue_id: int
    title: str
    service: str
    level: str
    environment: str
    event_count: int
    """In this environment."""
    last_seen_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """A request about a customer."""

    id: int
    title: str
    kind: str
    state: RequestState
    environment: str
    updated_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundEvent:
    """An occurrence that names the id."""

    pk: int
    issue_id: int
    environment: str
    service: str
    level: str
    title: str
    message: str
    occurred_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one stretch of the search found."""

    events: tuple[FoundEvent, ...]
    handlings: tuple[FoundHandling, ...]
    looked_at: int
    """Events of the stretch, of any environment."""
    unpacked: int
    """Events whose tags were looked at."""
    since_ms: int | None
    """When the first of them occurred; None when there was none."""
    next: int | None
    """The number of the event before which the search goes on; None at the end."""


def read_seen_issues(environments: Sequence[str], project_id: int) -> tuple[SeenIssue, ...]:
    """Return the issues that were seen last in some environments."""
    if not environments:
        return ()
    sql = f"""
    SELECT i.id, i.title, i.service, i.level, e.environment, e.count, e.last_seen_ms
    FROM issue_environment e JOIN issue i ON i.id = e.issue_id
    WHERE e.environment IN ({marks(environments)}) AND i.project_id = %s AND i.event_count > 0
    ORDER BY e.last_seen_ms DESC, i.id LIMIT {MAX_ISSUES}"""  # noqa: S608
    return tuple(
        SeenIssue(**dict(zip(SeenIssue.__slots__, row, strict=True)))
        for row in read_rows(sql, [*environments, project_id])
    )


def read_open_handlings(environments: Sequence[str], project_id: int) -> tuple[FoundHandling, ...]:
    """Return the open handlings of some environments, the oldest first."""
    if not environments:
        return ()
    where = f"{IS_OPEN} AND h.environment IN ({marks(environments)}) AND h.project_id = %s"
    return _handlings(where, [*environments, project_id], order="h.opened_ms, h.id")


def read_open_requests(customer: str, environments: Sequence[str], project_id: int) -> tuple[OpenRequest, ...]:
    """Return the requests about a customer that are not over, the latest change first."""
    sql = f"""
    SELECT id, title, kind, state, environment, updated_ms FROM request
    WHERE state NOT IN {_OVER} AND (customer = %s OR environment IN ({marks([*environments, ""])})) AND project_id = %s
    ORDER BY updated_ms DESC, id DESC LIMIT {MAX_OPEN}"""  # noqa: S608
    # An environment that is not named belongs to no customer: a value no request has stands in its place.
    rows = read_rows(sql, [customer, *environments, "\0", project_id])
    return tuple(
        OpenRequest(id=pk, title=title, kind=kind, state=RequestState(state), environment=environment, updated_ms=at_ms)
        for pk, title, kind, state, environment, at_ms in rows
    )


def find_by_id(
    value: str, project_id: int, *, environments: Sequence[str] | None = None, before: int | None = None
) -> Found:
    """Look for an id in one stretch of events, the latest digested first; without environments in all of them."""
    if environments is not None and not environments:
        return Found(events=(), handlings=(), looked_at=0, unpacked=0, since_ms=None, next=None)
    upper = before if before is not None else 2**62
    edge = find_row(
        f"SELECT MIN(id), COUNT(*), MIN(occurred_ms) FROM (SELECT id, occurred_ms FROM event WHERE id < %s "  # noqa: S608
        f"ORDER BY id DESC LIMIT {STRETCH_EVENTS})",
        (upper,),
    )
    lower, looked_at, since_ms = edge or (None, 0, None)
    if lower is None:
        return Found(events=(), handlings=(), looked_at=0, unpacked=0, since_ms=None, next=None)
    # The sign keeps SQLite from walking all events of the project by another index, and sorting them.
    where, parameters = "e.id >= %s AND e.id < %s AND +e.project_id = %s", [lower, upper, project_id]
    if environments is not None:
        where += f" AND e.environment IN ({marks(environments)})"
        parameters += environments
    by_tag, unpacked = _with_tag(where, parameters, value)
    rows = read_rows(
        f"{_EVENTS} WHERE {where} AND (instr(e.message, %s) OR instr(e.title, %s)) ORDER BY e.id DESC LIMIT {MAX_FOUND}",
        [*parameters, value, value],
    )
    rows += _read_events([pk for pk in by_tag if pk not in {row[0] for row in rows}])
    rows.sort(key=lambda row: (row[-1], row[0]), reverse=True)
    is_over = looked_at < STRETCH_EVENTS
    return Found(
        events=tuple(FoundEvent(**dict(zip(FoundEvent.__slots__, row, strict=True))) for row in rows[:MAX_FOUND]),
        handlings=_with_key(value, project_id, environments) if before is None else (),
        looked_at=looked_at,
        unpacked=unpacked,
        since_ms=since_ms,
        next=None if is_over else lower,
    )


_EVENTS = """
SELECT e.id, f.issue_id, e.environment, e.service, e.level, e.title, e.message, e.occurred_ms
FROM event e JOIN fingerprint f ON f.id = e.fingerprint_id
"""


def _read_events(pks: Sequence[int]) -> list[tuple[object, ...]]:
    return read_rows(f"{_EVENTS} WHERE e.id IN ({marks(pks)})", list(pks)) if pks else []


def _with_tag(where: str, parameters: Sequence[object], value: str) -> tuple[list[int], int]:
    rows = read_rows(
        f"SELECT e.id, e.payload, e.payload_codec FROM event e WHERE {where} AND e.payload_codec <> {DELETED} "  # noqa: S608
        f"ORDER BY e.id DESC LIMIT {MAX_UNPACKED}",
        parameters,
    )
    found = [pk for pk, payload, kind in rows if _has_value(bytes(payload), kind, value)]
    return found, len(rows)


def _has_value(payload: bytes, kind: int, value: str) -> bool:
    pairs = codec.read_tags(unpack_text(payload, kind, find_dictionary))
    return any(isinstance(pair, list) and len(pair) == 2 and pair[1] == value for pair in pairs)


def _with_key(value: str, project_id: int, environments: Sequence[str] | None) -> tuple[FoundHandling, ...]:
    where, parameters = "h.kind = 'keyed' AND h.key = %s AND h.project_id = %s", [value, project_id]
    if environments is not None:
        where += f" AND h.environment IN ({marks(environments)})"
        parameters += environments
    return _handlings(where, parameters, order="h.opened_ms DESC, h.id DESC")


def _handlings(where: str, parameters: Sequence[object], *, order: str) -> tuple[FoundHandling, ...]:
    sql = f"SELECT {COLUMNS} FROM {OF_HANDLINGS} WHERE {where} ORDER BY {order} LIMIT {MAX_OPEN}"  # noqa: S608
    return tuple(map(handling_of, read_rows(sql, parameters)))
