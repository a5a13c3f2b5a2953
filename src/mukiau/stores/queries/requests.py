"""Requests for their pages: the board, the list, one request with its history, and those of an issue."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from mukiau.stores.queries.rows import find_row, marks, read_rows
from mukiau.stores.work.request_links import About
from mukiau.stores.work.request_rows import COLUMNS, FoundRequest, request_of
from mukiau.work.request_content import REPEAT_DAYS
from mukiau.work.requests import CLOSED, Kind, Person, State

PAGE_REQUESTS = 50
BOARD_CARDS = 12
"""Cards of one column, a screen of them; the list has the rest."""
ISSUE_REQUESTS = 10
_DAY_MS = 86_400_000
_PRODUCTION = "(kind = 'data_correction' OR statement <> '')"
_OF_TEAMS = """
id IN (SELECT o.request_id FROM issue_work w JOIN fingerprint f ON f.issue_id = w.issue_id
  JOIN request_occurrence o ON o.fingerprint_id = f.id WHERE w.team_id IN ({}))
"""
_NAMES = """
WITH RECURSIVE n(name) AS (
  SELECT min({0}) FROM request
  UNION ALL SELECT (SELECT min({0}) FROM request WHERE {0} > n.name) FROM n WHERE n.name IS NOT NULL)
SELECT name FROM n WHERE name IS NOT NULL
"""
"""Each different name by one look into the index, however many requests there are."""
_OPEN = ", ".join(f"'{state}'" for state in State if state not in CLOSED)
"""Said apart, so that the many that are closed are not even looked at."""
_UNCOUNTED = (State.DRAFT, State.DECLINED, State.WITHDRAWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Turns:
    """As whom somebody may have a turn, and about what."""

    person: Person
    team_ids: tuple[int, ...] = ()
    """Only about the issues of these teams, where they have a role of their own; empty: everywhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFilter:
    """Which requests to read; what is empty lets all through."""

    turns: tuple[Turns, ...] = ()
    """Those that wait for this person, as whom they may be."""
    kind: Kind | None = None
    states: tuple[State, ...] = ()
    customer: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPage:
    """One page of the list."""

    rows: tuple[FoundRequest, ...]
    next: tuple[int, int] | None
    """(updated_ms, id) of the last row when there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """The requests of some states, latest change first."""

    rows: tuple[FoundRequest, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryLine:
    """Something that was done with a request."""

    at_ms: int
    actor: str
    act: str
    from_state: str
    to_state: str
    note: str
    details: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkedOccurrence:
    """What a request is about; its words are those of when it was filed."""

    fingerprint_id: int
    event_pk: int
    occurred_ms: int | None
    environment: str
    message: str
    issue_id: int | None
    """Where its fingerprint is now; None when it is gone."""
    is_there: bool
    """The event is still kept."""


def find_request(request_id: int) -> FoundRequest | None:
    """Return one request."""
    row = find_row(f"SELECT {COLUMNS} FROM request WHERE id = %s", (request_id,))  # noqa: S608
    return None if row is None else request_of(row)


def read_request_page(
    wanted: RequestFilter, *, after: tuple[int, int] | None = None, limit: int = PAGE_REQUESTS
) -> RequestPage:
    """Return up to `limit` requests, the latest changed first; `after` is the last row of the page before."""
    condition, parameters = _condition(wanted)
    if after is not None:
        condition += " AND (updated_ms, id) < (%s, %s)"
        parameters += after
    sql = f"SELECT {COLUMNS} FROM request WHERE {condition} ORDER BY updated_ms DESC, id DESC LIMIT %s"  # noqa: S608
    rows = tuple(request_of(row) for row in read_rows(sql, [*parameters, limit + 1]))
    last = rows[limit - 1] if len(rows) > limit else None
    return RequestPage(rows=rows[:limit], next=(last.updated_ms, last.id) if last else None)


def iter_requests(wanted: RequestFilter) -> Iterator[FoundRequest]:
    """Yield every request that the filter lets through, a page at a time: a writer never waits for a slow reader."""
    page = read_request_page(wanted, limit=500)
    yield from page.rows
    while page.next:
        page = read_request_page(wanted, after=page.next, limit=500)
        yield from page.rows


def read_columns(wanted: RequestFilter, columns: Sequence[tuple[State, ...]]) -> tuple[Column, ...]:
    """Return a board: for each group of states its latest requests, and how many there are."""
    condition, parameters = _condition(wanted)
    counts: dict[str, int] = dict(
        read_rows(f"SELECT state, count(*) FROM request WHERE {condition} GROUP BY state", parameters)  # noqa: S608
    )
    found = []
    for states in columns:
        total = sum(counts.get(state.value, 0) for state in states)
        rows = read_request_page(replace(wanted, states=states), limit=BOARD_CARDS).rows if total else ()
        found.append(Column(rows=rows, total=total))
    return tuple(found)


def read_history(request_id: int) -> tuple[HistoryLine, ...]:
    """Return what was done with a request, in order of time."""
    rows = read_rows(
        "SELECT at_ms, actor, act, from_state, to_state, note, details FROM request_event WHERE request_id = %s ORDER BY id",
        (request_id,),
    )
    return tuple(
        HistoryLine(
            at_ms=at, actor=actor, act=act, from_state=before, to_state=to, note=note, details=json.loads(details)
        )
        for at, actor, act, before, to, note, details in rows
    )


def read_linked_occurrences(request_id: int) -> tuple[LinkedOccurrence, ...]:
    """Return what a request is about, the latest first."""
    rows = read_rows(
        """
        SELECT o.fingerprint_id, o.event_pk, o.occurred_ms, o.environment, o.message, f.issue_id, e.id IS NOT NULL
        FROM request_occurrence o LEFT JOIN fingerprint f ON f.id = o.fingerprint_id LEFT JOIN event e ON e.id = o.event_pk
        WHERE o.request_id = %s ORDER BY o.occurred_ms DESC, o.id
        """,
        (request_id,),
    )
    names = LinkedOccurrence.__slots__
    return tuple(LinkedOccurrence(**{**dict(zip(names, row, strict=True)), "is_there": bool(row[-1])}) for row in rows)


def read_requests_of_issue(issue_id: int) -> Column:
    """Return the requests about an issue's fingerprints: those that are open first, then the latest."""
    return _read_about(
        "SELECT o.request_id FROM fingerprint f JOIN request_occurrence o ON o.fingerprint_id = f.id WHERE f.issue_id = %s",
        issue_id,
    )


def read_requests_of_handling(handling_id: int) -> Column:
    """Return the requests about occurrences that a handling answers: those that are open first, then the latest."""
    return _read_about(
        """
        SELECT o.request_id FROM handling_occurrence h JOIN event e ON e.id = h.event_pk
        JOIN request_occurrence o ON o.fingerprint_id = e.fingerprint_id AND o.event_pk = e.id WHERE h.handling_id = %s
        """,
        handling_id,
    )


def _read_about(requests: str, about: int) -> Column:
    closed = tuple(state.value for state in CLOSED)
    sql = (
        f"SELECT {COLUMNS} FROM request WHERE id IN ({requests}) "  # noqa: S608
        f"ORDER BY state IN ({marks(closed)}), updated_ms DESC, id DESC LIMIT %s"
    )
    rows = tuple(request_of(row) for row in read_rows(sql, (about, *closed, ISSUE_REQUESTS + 1)))
    if len(rows) <= ISSUE_REQUESTS:
        return Column(rows=rows, total=len(rows))
    count = find_row(f"SELECT count(*) FROM request WHERE id IN ({requests})", (about,))  # noqa: S608
    return Column(rows=rows[:ISSUE_REQUESTS], total=int(count[0]) if count else 0)


def count_alike(found: FoundRequest) -> int:
    """Return the how-manieth request like this one it is within 30 days, itself counted; 0 while it counts for nothing."""
    if found.state in _UNCOUNTED:
        return 0
    row = find_row(
        f"SELECT count(*) FROM request WHERE repeat_key = %s AND created_ms BETWEEN %s AND %s AND id <= %s "  # noqa: S608
        f"AND state NOT IN ({marks(_UNCOUNTED)})",
        (found.repeat_key, found.created_ms - REPEAT_DAYS * _DAY_MS, found.created_ms, found.id, *_values(_UNCOUNTED)),
    )
    return int(row[0]) if row else 0


def read_teams_of_request(request_id: int) -> tuple[int, ...]:
    """Return the teams of the issues that a request is about."""
    rows = read_rows(
        """
        SELECT DISTINCT w.team_id FROM request_occurrence o JOIN fingerprint f ON f.id = o.fingerprint_id
        JOIN issue_work w ON w.issue_id = f.issue_id WHERE o.request_id = %s AND w.team_id IS NOT NULL ORDER BY 1
        """,
        (request_id,),
    )
    return tuple(row[0] for row in rows)


def read_teams_about(about: About) -> tuple[int, ...]:
    """Return the teams of the issues that a request is to be about."""
    events = list(about.event_pks)
    rows = read_rows(
        f"""
        SELECT team_id FROM issue_work WHERE team_id IS NOT NULL AND issue_id IN (
          SELECT %s UNION SELECT f.issue_id FROM event e JOIN fingerprint f ON f.id = e.fingerprint_id WHERE e.id IN ({marks(events)})
          UNION SELECT f.issue_id FROM handling h JOIN fingerprint f ON f.id = h.fingerprint_id WHERE h.id = %s)
        ORDER BY 1
        """,  # noqa: S608 - marks
        (about.issue_id, *events, about.handling_id),
    )
    return tuple(dict.fromkeys(row[0] for row in rows))


def find_place_of_handling(handling_id: int) -> tuple[int, int] | None:
    """Return (issue id, event pk) of the latest occurrence that a handling answers."""
    row = find_row(
        """
        SELECT f.issue_id, e.id FROM handling_occurrence o JOIN event e ON e.id = o.event_pk
        JOIN fingerprint f ON f.id = e.fingerprint_id WHERE o.handling_id = %s ORDER BY o.event_pk DESC LIMIT 1
        """,
        (handling_id,),
    )
    return None if row is None else (row[0], row[1])


def find_registered_customer(project_id: int, environment: str) -> str:
    """Return the customer that people have named for an environment; empty when none is named."""
    row = find_row("SELECT customer FROM environment WHERE project_id = %s AND name = %s", (project_id, environment))
    return str(row[0] or "") if row else ""


def list_places() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the customers and the environments that requests name, each in alphabetical order."""
    customers, environments = (read_rows(_NAMES.format(column)) for column in ("customer", "environment"))
    return tuple(name for (name,) in customers if name), tuple(name for (name,) in environments if name)


def _condition(wanted: RequestFilter) -> tuple[str, list[Any]]:
    conditions, parameters = ["1 = 1"], list[Any]()
    named = {"kind": wanted.kind.value if wanted.kind else "", "customer": wanted.customer}
    for name, value in (named | {"environment": wanted.environment}).items():
        if value:
            conditions.append(f"{name} = %s")
            parameters.append(value)
    if wanted.states:
        conditions.append(f"state IN ({marks(wanted.states)})")
        parameters += _values(wanted.states)
    if wanted.turns:
        told = [_turn_of(one) for one in wanted.turns]
        conditions.append(f"({' OR '.join(condition for condition, _ in told)})")
        parameters += [value for _, more in told for value in more]
    return " AND ".join(conditions), parameters


def _turn_of(turns: Turns) -> tuple[str, list[Any]]:
    """Return the condition of what waits for a person: the next act of `work/requests.py`, said in SQL."""
    person, sides = turns.person, _values(sorted(turns.person.sides))
    may_carry = f"side IN ({marks(sides)}) AND (%s OR NOT {_PRODUCTION})"
    carries: list[Any] = [*sides, person.may_approve]
    condition = (
        f"(state IN ({_OPEN}) AND (state IN ('draft', 'sent_back', 'to_verify') AND requester_id = %s"
        f" OR state = 'asked' AND requester_id <> %s AND {may_carry}"
        f" OR state = 'approved' AND {may_carry}"
        " OR state = 'running' AND executor_id = %s))"
    )
    parameters: list[Any] = [person.id, person.id, *carries, *carries, person.id]
    if not turns.team_ids:
        return condition, parameters
    return f"({condition} AND {_OF_TEAMS.format(marks(turns.team_ids))})", [*parameters, *turns.team_ids]


def _values(names: Sequence[str]) -> list[str]:
    return [str(name) for name in names]
