"""The issue list: filtered, sorted, in pages that cost the same however deep they are.

With an environment chosen, counts and times are those of that environment: the same columns come from
`issue_environment` instead of `issue`. Paging is by key, not by offset: a cursor is the sort value and the id of the
last row, and each order is one an index can walk.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mukiau.stores.queries.rows import marks, read_rows
from mukiau.stores.search import match_expression

PAGE_ROWS = 50
DAYS = 14
MINUTES_A_DAY = 24 * 60


class Sort(StrEnum):
    """The orders of the list, with the values of its URL."""

    LAST_SEEN = "last"
    FIRST_SEEN = "first"
    COUNT = "count"
    TITLE = "name"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueFilter:
    """What the list shows; empty means all."""

    project_id: int
    search: str = ""
    service: str = ""
    environment: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """The last row of the page before."""

    value: int | str
    issue_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRow:
    """One line of the list."""

    id: int
    service: str
    title: str
    subtitle: str
    culprit: str
    """Where it failed: place and function, else the logger."""
    template: str
    level: str
    logger: str
    language: str
    first_seen_ms: int
    last_seen_ms: int
    event_count: int
    environments: tuple[str, ...]
    """Most events first."""
    days: tuple[int, ...]
    """Events of the last 14 days in the viewer's zone, oldest first, today last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePage:
    """One page of the list."""

    rows: tuple[IssueRow, ...]
    next: Cursor | None
    total: int
    """Issues the filter lets through, on all pages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """How far the store was when a list was shown: everything with a higher id came later."""

    issue_id: int
    event_pk: int


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What the filter lets through of what came since a marker."""

    new: int
    changed: int


@dataclass(frozen=True, slots=True)
class _Order:
    in_all: str
    in_environment: str
    direction: str
    id_direction: str


# Direction of the id as in the index of the same name, so that SQLite walks it and sorts nothing.
_ORDERS = {
    Sort.LAST_SEEN: _Order("i.last_seen_ms", "e.last_seen_ms", "DESC", "ASC"),
    Sort.FIRST_SEEN: _Order("i.first_seen_ms", "e.first_seen_ms", "DESC", "DESC"),
    Sort.COUNT: _Order("i.event_count", "e.count", "DESC", "DESC"),
    Sort.TITLE: _Order("i.title", "i.title", "ASC", "ASC"),
}
_COLUMNS = "i.id, i.service, i.title, i.subtitle, i.culprit, i.template, i.level, i.logger, i.language"
_FIGURES = "i.first_seen_ms, i.last_seen_ms, i.event_count"
_FIGURES_IN_ENVIRONMENT = "e.first_seen_ms, e.last_seen_ms, e.count"


def read_issue_page(
    wanted: IssueFilter, *, sort: Sort, after: Cursor | None = None, now_ms: int, offset_minutes: int = 0
) -> IssuePage:
    """Return the page after a cursor; `offset_minutes` is the viewer's zone's distance from UTC, for the days."""
    selection = _select(wanted)
    sql = f"SELECT COUNT(*) FROM {selection.tables} WHERE {selection.conditions}"  # noqa: S608
    total = read_rows(sql, selection.parameters)[0][0]
    found, following = _read_page(selection, sort=sort, after=after)
    ids = [row[0] for row in found]
    environments = _read_environments(ids)
    days = _read_days(ids, wanted.environment, now_ms=now_ms, offset_minutes=offset_minutes)
    rows = tuple(_row(row, environments.get(row[0], ()), days.get(row[0], (0,) * DAYS)) for row in found)
    return IssuePage(rows=rows, next=following, total=total)


def read_marker() -> Marker:
    """Return how far the store is now."""
    row = read_rows("SELECT (SELECT COALESCE(MAX(id), 0) FROM issue), (SELECT COALESCE(MAX(id), 0) FROM event)")[0]
    return Marker(issue_id=row[0], event_pk=row[1])


def read_news(wanted: IssueFilter, since: Marker) -> News:
    """Count the issues that appeared or got events since the marker (looks at 5,000 events at most)."""
    selection = _select(wanted)
    touched = "SELECT issue_id FROM event WHERE id > %s ORDER BY id LIMIT 5000"
    sql = (
        f"SELECT COALESCE(SUM(i.id > %s), 0), COUNT(*) FROM {selection.tables} "  # noqa: S608
        f"WHERE {selection.conditions} AND i.id IN (SELECT issue_id FROM ({touched}))"
    )
    row = read_rows(sql, [since.issue_id, *selection.parameters, since.event_pk])[0]
    return News(new=row[0], changed=row[1] - row[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Selection:
    """A filter as SQL: FROM, WHERE and their parameters in the order of the marks."""

    tables: str
    conditions: str
    parameters: tuple[Any, ...]
    in_environment: bool


def _select(wanted: IssueFilter) -> _Selection:
    tables, conditions = "issue i", "i.project_id = %s"
    parameters: list[Any] = [wanted.project_id]
    if wanted.environment:
        tables += " JOIN issue_environment e ON e.issue_id = i.id AND e.environment = %s"
        parameters.insert(0, wanted.environment)
    for column, value in (("i.service", wanted.service), ("i.level", wanted.level)):
        if value:
            conditions += f" AND {column} = %s"
            parameters.append(value)
    if wanted.search.strip():
        conditions += " AND i.id IN (SELECT rowid FROM issue_search WHERE issue_search MATCH %s)"
        # A query of signs only has no words, so nothing holds them.
        parameters.append(match_expression(wanted.search) or '""')
    return _Selection(
        tables=tables,
        conditions=conditions,
        parameters=tuple(parameters),
        in_environment=bool(wanted.environment),
    )


def _read_page(
    selection: _Selection, *, sort: Sort, after: Cursor | None
) -> tuple[list[tuple[Any, ...]], Cursor | None]:
    order = _ORDERS[sort]
    key = order.in_environment if selection.in_environment else order.in_all
    figures = _FIGURES_IN_ENVIRONMENT if selection.in_environment else _FIGURES
    conditions, parameters = selection.conditions, list(selection.parameters)
    if after is not None:
        further, further_id = ("<" if d == "DESC" else ">" for d in (order.direction, order.id_direction))
        conditions += f" AND {key} {further}= %s AND ({key} {further} %s OR i.id {further_id} %s)"
        parameters += [after.value, after.value, after.issue_id]
    sql = (
        f"SELECT {_COLUMNS}, {figures}, {key} FROM {selection.tables} WHERE {conditions} "  # noqa: S608
        f"ORDER BY {key} {order.direction}, i.id {order.id_direction} LIMIT {PAGE_ROWS + 1}"
    )
    rows = read_rows(sql, parameters)
    page = rows[:PAGE_ROWS]
    following = Cursor(value=page[-1][-1], issue_id=page[-1][0]) if len(rows) > PAGE_ROWS else None
    return page, following


def _read_environments(ids: list[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, tuple[str, ...]] = {}
    sql = f"""SELECT issue_id, environment FROM issue_environment WHERE issue_id IN ({marks(ids)})
              ORDER BY issue_id, count DESC, environment"""  # noqa: S608
    for issue_id, environment in read_rows(sql, ids):
        found[issue_id] = (*found.get(issue_id, ()), environment)
    return found


def _read_days(ids: list[int], environment: str, *, now_ms: int, offset_minutes: int) -> dict[int, tuple[int, ...]]:
    today = (now_ms // 60_000 + offset_minutes) // MINUTES_A_DAY
    first_hour = ((today - DAYS + 1) * MINUTES_A_DAY - offset_minutes) // 60
    only = "AND environment = %s" if environment else ""
    sql = f"""SELECT issue_id, (hour * 60 + %s) / {MINUTES_A_DAY} AS day, SUM(count) FROM issue_hour
              WHERE issue_id IN ({marks(ids)}) AND hour >= %s {only}
              GROUP BY issue_id, day ORDER BY issue_id, day"""  # noqa: S608
    parameters = [offset_minutes, *ids, first_hour, *([environment] if environment else [])]
    days: dict[int, list[int]] = {}
    for issue_id, day, count in read_rows(sql, parameters):
        if 0 <= (index := day - today + DAYS - 1) < DAYS:
            days.setdefault(issue_id, [0] * DAYS)[index] = count
    return {issue_id: tuple(counts) for issue_id, counts in days.items()}


def _row(row: tuple[Any, ...], environments: tuple[str, ...], days: tuple[int, ...]) -> IssueRow:
    pk, service, title, subtitle, culprit, template, level, logger, language, first, last, count, _key = row
    return IssueRow(
        id=pk,
        service=service,
        title=title,
        subtitle=subtitle,
        culprit=culprit,
        template=template,
        level=level,
        logger=logger,
        language=language,
        first_seen_ms=first,
        last_seen_ms=last,
        event_count=count,
        environments=environments,
        days=days,
    )
