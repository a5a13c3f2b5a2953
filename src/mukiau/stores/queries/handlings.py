"""The queue of handlings, those of an issue, and those that were closed in a period; a page costs the same however deep."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mukiau.stores.queries.rows import Row, find_row, marks, read_rows
from mukiau.stores.work.handling_rows import COLUMNS, FoundHandling, handling_of
from mukiau.stores.work.handlings import IS_OPEN
from mukiau.work.purposes import customer_of

PAGE_ROWS = 50
MAX_COUNTED = 1_000
"""More than that is "1,000+": nobody works by the difference."""
MAX_ENVIRONMENTS = 500
"""Of one customer."""
Place = tuple[int, int]
"""(opened_ms or closed_ms, id) of the last row of a page."""


class View(StrEnum):
    """Which handlings to show."""

    TO_DO = "to_do"
    WAITING = "waiting"
    CLOSED = "closed"


_CONDITIONS = {
    View.TO_DO: f"{IS_OPEN} AND h.state <> 'waiting'",
    View.WAITING: "h.state = 'waiting'",
    View.CLOSED: "h.closed_ms IS NOT NULL",
}
# The handlings of an issue are found by its fingerprints and then sorted. Where it has more than MAX_COUNTED, and without an
# issue, the queue's own order leads: a page is full before much is passed over.
_FROM = "handling h CROSS JOIN fingerprint f ON f.id = h.fingerprint_id"
_FROM_ISSUE = "fingerprint f CROSS JOIN handling h ON h.fingerprint_id = f.id"
_PEOPLE = "LEFT JOIN auth_user u ON u.id = h.assignee_id LEFT JOIN team t ON t.id = h.team_id"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingFilter:
    """What to show; empty means all."""

    view: View = View.TO_DO
    issue_id: int | None = None
    service: str = ""
    environments: tuple[str, ...] = ()
    key: str = ""
    assignee_id: int | None = None
    is_nobodys: bool = False
    team_id: int | None = None
    since_ms: int | None = None
    """Closed then or later."""
    until_ms: int | None = None
    """Closed before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingRow:
    """A handling as a list shows it."""

    handling: FoundHandling
    assignee: str
    team: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandlingPage:
    """One page of a list."""

    rows: tuple[HandlingRow, ...]
    next: Place | None
    """Where the next page goes on; None at the end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueQueue:
    """The handlings of one issue that are to do."""

    issue_id: int
    title: str
    service: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """What the filters offer."""

    services: tuple[str, ...]
    environments: tuple[str, ...]
    customers: tuple[str, ...]
    of_customer: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Customer → environments."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """An occurrence that a handling answers."""

    event_pk: int
    issue_id: int
    occurred_ms: int
    title: str
    message: str
    release: str
    level: str


def read_handlings(wanted: HandlingFilter, *, after: Place | None = None, limit: int = PAGE_ROWS) -> HandlingPage:
    """Return a page: what is to do oldest first, what is closed latest first."""
    is_closed = wanted.view is View.CLOSED
    order = "h.closed_ms DESC, h.id DESC" if is_closed else "h.opened_ms, h.id"
    place = f"AND (h.{'closed_ms' if is_closed else 'opened_ms'}, h.id) {'<' if is_closed else '>'} (%s, %s)"
    source, condition, values = _where(wanted)
    if wanted.issue_id is not None and count_handlings(wanted) > MAX_COUNTED:
        source = _FROM
    sql = (
        f"SELECT COALESCE(u.username, ''), COALESCE(t.name, ''), {COLUMNS} FROM {source} {_PEOPLE} "  # noqa: S608
        f"WHERE {condition} {place if after else ''} ORDER BY {order} LIMIT %s"
    )
    found = [_row(row) for row in read_rows(sql, (*values, *(after or ()), limit + 1))]
    shown = tuple(found[:limit])
    return HandlingPage(rows=shown, next=_place(shown[-1], is_closed=is_closed) if len(found) > limit else None)


def read_of_issue(issue_id: int, *, after: Place | None = None, limit: int = PAGE_ROWS) -> HandlingPage:
    """Return an issue's handlings, open or not, latest first."""
    place = "AND (h.opened_ms, h.id) < (%s, %s)" if after else ""
    sql = (
        f"SELECT COALESCE(u.username, ''), COALESCE(t.name, ''), {COLUMNS} FROM {_FROM_ISSUE} {_PEOPLE} "  # noqa: S608
        f"WHERE f.issue_id = %s {place} ORDER BY h.opened_ms DESC, h.id DESC LIMIT %s"
    )
    found = [_row(row) for row in read_rows(sql, (issue_id, *(after or ()), limit + 1))]
    shown = tuple(found[:limit])
    return HandlingPage(rows=shown, next=_place(shown[-1], is_closed=False) if len(found) > limit else None)


def iter_handlings(wanted: HandlingFilter) -> Iterator[HandlingRow]:
    """Yield every one, a page at a time: a writer never waits for a slow reader."""
    place: Place | None = None
    while True:
        page = read_handlings(wanted, after=place, limit=500)
        yield from page.rows
        place = page.next
        if place is None:
            return


def count_handlings(wanted: HandlingFilter) -> int:
    """Return how many there are, up to MAX_COUNTED + 1."""
    source, condition, values = _where(wanted)
    sql = f"SELECT count(*) FROM (SELECT 1 FROM {source} WHERE {condition} LIMIT {MAX_COUNTED + 1})"  # noqa: S608
    row = find_row(sql, values)
    assert row is not None
    return int(row[0])


def read_queues(wanted: HandlingFilter) -> tuple[IssueQueue, ...]:
    """Return the issues with most to do, each with how many handlings that are."""
    source, condition, values = _where(wanted)
    rows = read_rows(
        f"""
        SELECT i.id, i.title, i.service, c.n
        FROM (SELECT f.issue_id, count(*) AS n FROM {source} WHERE {condition} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT %s) c
        JOIN issue i ON i.id = c.issue_id ORDER BY c.n DESC, i.id
        """,  # noqa: S608
        (*values, PAGE_ROWS),
    )
    return tuple(IssueQueue(**dict(zip(IssueQueue.__slots__, row, strict=True))) for row in rows)


def find_next(wanted: HandlingFilter, *, after: FoundHandling) -> int | None:
    """Return what comes after one in the queue; from the beginning where nothing does, None when it is done."""
    for place in ((after.opened_ms, after.id), None):
        page = read_handlings(wanted, after=place, limit=2)
        for row in page.rows:
            if row.handling.id != after.id:
                return row.handling.id
    return None


def find_row_of(handling_id: int) -> HandlingRow | None:
    """Return one handling with the names of whose it is."""
    row = find_row(
        f"SELECT COALESCE(u.username, ''), COALESCE(t.name, ''), {COLUMNS} FROM {_FROM} {_PEOPLE} WHERE h.id = %s",  # noqa: S608
        (handling_id,),
    )
    return None if row is None else _row(row)


def read_answered(handling_id: int, *, limit: int = PAGE_ROWS) -> tuple[Answered, ...]:
    """Return the occurrences that a handling answers and that are still there, earliest first."""
    rows = read_rows(
        """
        SELECT e.id, f.issue_id, e.occurred_ms, e.title, e.message, e."release", e.level
        FROM handling_occurrence o JOIN event e ON e.id = o.event_pk JOIN fingerprint f ON f.id = e.fingerprint_id
        WHERE o.handling_id = %s ORDER BY e.occurred_ms, e.id LIMIT %s
        """,
        (handling_id, limit),
    )
    return tuple(Answered(**dict(zip(Answered.__slots__, row, strict=True))) for row in rows)


def read_places() -> Places:
    """Return the services, environments and customers of all projects by name."""
    rows = read_rows("SELECT DISTINCT name, customer FROM environment WHERE name <> '' ORDER BY name")
    of_customer: dict[str, tuple[str, ...]] = {}
    for name, registered in rows:
        if customer := customer_of(name, registered):
            of_customer[customer] = (*of_customer.get(customer, ()), name)
    services = read_rows("SELECT DISTINCT name FROM service WHERE name <> '' ORDER BY name")
    return Places(
        services=tuple(row[0] for row in services),
        environments=tuple(dict.fromkeys(row[0] for row in rows)),
        customers=tuple(sorted(of_customer)),
        of_customer=of_customer,
    )


def find_runbook_version(version_id: int) -> tuple[str, str, int, str, int | None] | None:
    """Return code, title, number, text and expected minutes of a runbook's version."""
    row = find_row(
        "SELECT r.code, v.title, v.number, v.text, r.minutes FROM runbook_version v JOIN runbook r ON r.id = v.runbook_id "
        "WHERE v.id = %s",
        (version_id,),
    )
    return None if row is None else (row[0], row[1], row[2], row[3], row[4])


def _where(wanted: HandlingFilter) -> tuple[str, str, list[Any]]:
    """Return tables, condition and its values."""
    given: list[tuple[str, tuple[Any, ...]]] = [(_CONDITIONS[wanted.view], ())]
    for condition, value in (
        ("f.issue_id = %s", wanted.issue_id),
        ("h.service = %s", wanted.service or None),
        ("h.kind = 'keyed' AND h.key = %s", wanted.key or None),
        ("h.assignee_id = %s", wanted.assignee_id),
        ("h.team_id = %s", wanted.team_id),
        ("h.closed_ms >= %s", wanted.since_ms),
        ("h.closed_ms < %s", wanted.until_ms),
    ):
        if value is not None:
            given.append((condition, (value,)))
    if wanted.is_nobodys:
        given.append(("h.assignee_id IS NULL", ()))
    if wanted.environments:
        names = wanted.environments[:MAX_ENVIRONMENTS]
        given.append((f"h.environment IN ({marks(names)})", names))
    source = _FROM if wanted.issue_id is None else _FROM_ISSUE
    return source, " AND ".join(one for one, _ in given), [value for _, values in given for value in values]


def _row(row: Row) -> HandlingRow:
    assignee, team, *columns = row
    return HandlingRow(handling=handling_of(tuple(columns)), assignee=assignee, team=team)


def _place(row: HandlingRow, *, is_closed: bool) -> Place:
    one = row.handling
    return ((one.closed_ms or 0) if is_closed else one.opened_ms, one.id)
